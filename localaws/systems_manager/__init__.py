"""Systems Manager as AWS documents it: managed nodes, associations, inventory, compliance."""
