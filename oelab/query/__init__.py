"""Answers the questions of `oelab.queries`, from a copy of the bucket's objects or on Athena.

`oelab.query.answers` is where to begin. Nothing here imports the CDK. Only the copy needs DuckDB,
which the extra `query` installs.
"""
