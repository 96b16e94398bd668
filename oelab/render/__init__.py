"""Reports as text, JSON and CSV: knows reports, and evaluates nothing."""
