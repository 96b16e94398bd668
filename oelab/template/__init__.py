"""Synthesized templates as data: the assembly, its resources and expressions, and their validation.

Nothing here imports the CDK, so that the validation engine can start before node does.
"""
