"""Hypothesis, with the same examples in every run: a red run is about the change that it tests."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

# Two shared cores are now and then slow, and no test is about time.
settings.register_profile("oelab", deadline=None, database=None, derandomize=True)
settings.load_profile("oelab")

__all__ = ["HealthCheck", "assume", "given", "settings", "st"]
