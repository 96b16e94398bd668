"""The real CDK CLI deploys the real app to a local AWS."""
