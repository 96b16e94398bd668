"""The CloudFormation resource types, checks and template validation that MiniStack lacks."""

from localaws.adapter import cloudformation
from localaws.cloudformation import (
    association,
    fleet_data,
    iam,
    instance,
    security_group_ingress,
    template_validation,
)
from localaws.systems_manager.engine import Engine


def install(engine: Engine) -> None:
    instance.install()
    security_group_ingress.install()
    association.install(engine)
    fleet_data.install(engine)
    iam.install()
    template_validation.install()
    cloudformation.enforce_capabilities()
