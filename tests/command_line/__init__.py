"""The command line as a person and CI run it: on a fake AWS, on a local AWS, and by itself."""
