"""Tests of the questions: that both engines understand and answer them alike."""
