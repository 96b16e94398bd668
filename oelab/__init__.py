"""The AWS Well-Architected inventory lab as a CDK app, and the review of what it deploys."""
