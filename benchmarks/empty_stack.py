"""The least that a CDK app in Python can be: what every other one costs is compared to it."""

import aws_cdk as cdk

app = cdk.App(analytics_reporting=False, builtin_cloud_formation_validation=False)
cdk.Stack(app, "Empty")
app.synth()
