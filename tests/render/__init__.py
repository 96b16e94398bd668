"""How reports are rendered."""
