"""The data of the whole fleet as a template with parameters."""

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from oelab.bundle.template import BundledTemplate, Parameter
from oelab.constraints.fleet_data import WORKGROUP_NAME
from oelab.settings import FleetDataSettings
from oelab.stacks.fleet_data import FleetDataStack

_WORKGROUP = Parameter("WorkgroupName", WORKGROUP_NAME, FleetDataSettings().workgroup)


def _define(scope: Construct, construct_id: str, **stack: Any) -> cdk.Stack:
    settings = FleetDataSettings(enabled=True, workgroup=cdk.Fn.ref(_WORKGROUP.name))
    return FleetDataStack(scope, construct_id, fleet_data=settings, **stack)


FLEET_DATA = BundledTemplate(
    name="fleet-data",
    description="The inventory of an account and Region in a bucket, and Athena's tables over it",
    launches="once for each account and Region, where its inventory is to be queried",
    capabilities=("CAPABILITY_IAM",),
    parameters=(_WORKGROUP,),
    conditions=(),
    define=_define,
    is_compact=True,
)
"""Launched by those who want to query the inventory; the other templates do without it."""
