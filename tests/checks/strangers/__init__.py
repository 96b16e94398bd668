"""Apps as strangers write them: each wrong one next to a sound one that is one edit away."""
