"""How Systems Manager behaves, as pure functions over small values; unknown is a value."""
