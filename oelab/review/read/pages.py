"""How much Systems Manager tells at a time."""

PAGE = 50
"""The most items of a page, but for what says otherwise. Source: its API reference."""
