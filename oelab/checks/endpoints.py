"""Interface endpoints that EC2 would not create, or that would not work.

Source: "Access an AWS service using an interface VPC endpoint", AWS PrivateLink guide.
"""

from collections.abc import Iterator

from oelab.checks.rules import violation
from oelab.checks.values import are_apart, are_exclusive, is_true, value_of, vpc_of
from oelab.findings import Finding
from oelab.template.app import App
from oelab.template.expression import Resource


def findings(app: App) -> Iterator[Finding]:
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
