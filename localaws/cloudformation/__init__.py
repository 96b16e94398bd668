"""The CloudFormation resource types, checks and template validation that MiniStack lacks."""

from localaws.cloudformation import association, checks, instance, network, template_validation
from localaws.systems_manager.engine import Engine


def install(engine: Engine) -> None:
    instance.install()
    network.install()
    association.install(engine)
    checks.install()
    template_validation.install()
