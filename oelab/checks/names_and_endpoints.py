"""Names that can exist once only, and interface endpoints that EC2 would not create.

Sources: IAM API Reference, CreateRole and CreateInstanceProfile; "Access an AWS service using an
interface VPC endpoint", AWS PrivateLink guide.
"""

from collections.abc import Iterator

from oelab.checks.roles import ROLE
from oelab.checks.rules import violation
from oelab.checks.values import are_apart, are_exclusive, is_true, value_of, vpc_of
from oelab.findings import Finding, Severity
from oelab.template.app import App
from oelab.template.expression import Resource

_NAMES = {ROLE: "RoleName", "AWS::IAM::InstanceProfile": "InstanceProfileName"}


def findings(app: App) -> Iterator[Finding]:
    """What is wrong with the names and the endpoints of an app, with or without an inventory."""
    yield from _names(app)
    yield from _endpoints(app)


def _names(app: App) -> Iterator[Finding]:
    """Roles and instance profiles with the name of another of the account, in any Region.

    Stacks that leave their account to the deployment may go to different ones.
    """
    for resource_type, key in _NAMES.items():
        first: dict[tuple[str | None, str], Resource] = {}
        for resource in app.of_type(resource_type):
            name = resource.text_of(key)
            if name is None or "${" in name:
                continue
            account = resource.stack.environment.account
            earlier = first.setdefault((account, name.casefold()), resource)
            if earlier != resource and not are_exclusive(earlier, resource):
                is_certain = account or earlier.stack is resource.stack
                severity = Severity.ERROR if is_certain else Severity.WARNING
                yield violation("IamName", resource, name, severity=severity, other=earlier)


def _endpoints(app: App) -> Iterator[Finding]:
    """Endpoints in subnets of other VPCs, without the DNS that they need, or twice in a VPC."""
    first: dict[object, Resource] = {}
    for endpoint in app.of_type("AWS::EC2::VPCEndpoint"):
        if endpoint.text_of("VpcEndpointType") != "Interface":
            continue
        subnets = (each.resource("AWS::EC2::Subnet") for each in endpoint.all("SubnetIds"))
        misplaced = [str(each) for each in subnets if each and are_apart(each, endpoint)]
        if misplaced:
            yield violation("EndpointSubnet", endpoint, ", ".join(misplaced))
        service, vpc = endpoint.get("ServiceName"), vpc_of(endpoint)
        if not service or not is_true(endpoint.get("PrivateDnsEnabled")):
            continue
        if isinstance(vpc, Resource) and (missing := _missing_dns(vpc)):
            yield violation("EndpointDns", endpoint, f"{vpc} without {' and '.join(missing)}")
        place = endpoint.stack.environment, vpc, service.text() or value_of(service)
        other = first.setdefault(place, endpoint)
        if other != endpoint and not are_exclusive(other, endpoint):
            value = service.text() or "a service"
            yield violation("EndpointTwice", endpoint, value, other=other)


def _missing_dns(vpc: Resource) -> list[str]:
    """The settings that a VPC certainly lacks; only the first is on by itself."""
    support, hostnames = vpc.get("EnableDnsSupport"), vpc.get("EnableDnsHostnames")
    settings = {
        "EnableDnsSupport": support is None or is_true(support),
        "EnableDnsHostnames": is_true(hostnames),
    }
    return [name for name, is_on in settings.items() if is_on is False]
