"""The constructs by themselves, as a stranger's app would use them."""
