"""Tests of the answers: from the copy, from Athena, and by plain Python."""
