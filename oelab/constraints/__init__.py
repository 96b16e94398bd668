"""What AWS accepts of a value, by service. Nothing here imports the CDK or boto3."""
