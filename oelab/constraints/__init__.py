"""What AWS accepts of a value, as data, one module a service. Nothing here imports the CDK."""
