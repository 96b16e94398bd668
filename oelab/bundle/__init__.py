"""The templates to hand to people who have no CDK: plain CloudFormation with parameters.

They come from the same stacks and constructs as those of the app.
"""
