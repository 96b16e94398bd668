"""The checks of whole apps, over templates written by hand and apps synthesized by the CDK."""
