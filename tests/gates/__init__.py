"""Checks of the templates by other people's tools, and one of our own where none has it."""
