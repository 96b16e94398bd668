"""What only an account can answer: see tools/verify-account."""
