"""Reads AWS: the only package that knows boto3.

A call is named by its IAM action, such as `ssm:ListAssociations`.
"""
