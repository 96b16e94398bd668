"""Tests of the comparison of two versions of the app."""
