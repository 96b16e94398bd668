"""What AWS accepts of a value: TOML files by service, and modules that name what these declare."""
