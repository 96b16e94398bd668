"""The review: what it reads, and what it makes of it."""
