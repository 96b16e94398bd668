"""The review of what is deployed.

`read` asks AWS and answers with frozen values; `evaluate` makes reports of these and calls nothing.
Only `read` knows boto3.
"""
