"""Tests of the templates that are handed over."""
