"""How an instance is launched, whatever kind of resource says so."""

import base64
import binascii
import dataclasses
import re
from dataclasses import dataclass

from oelab.checks.values import find_named
from oelab.template.expression import Expression, Resource

LAUNCH_TEMPLATE = "AWS::EC2::LaunchTemplate"


_PUBLIC_PARAMETER = re.compile(r"(?:\{\{)?resolve:ssm:([^:}]+)")


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What an instance is launched with; a property that is not given is None.

    `profile` is the name or ARN of the instance profile. `complete` is false where a launch
    template or configuration takes part that the app does not define, so that what is not given
    here may be given there.
    """

    image: Expression | None = None
    instance_type: Expression | None = None
    zone: Expression | None = None
    user_data: Expression | None = None
    profile: Expression | None = None
    metadata: Expression | None = None
    security_groups: tuple[Expression, ...] | None = None
    subnets: tuple[Expression, ...] | None = None
    public_address: Expression | None = None
    complete: bool = True

    def over(self, other: "Launch") -> "Launch":
        """This launch, with what it does not give taken from the other."""
        missing = {
            field.name: getattr(other, field.name)
            for field in dataclasses.fields(self)
            if getattr(self, field.name) is None
        }
        return dataclasses.replace(self, **missing, complete=self.complete and other.complete)

    @property
    def image_parameter(self) -> str:
        """The path of the parameter that the image id comes from, "" where it comes from none."""
        value = self.image.evaluate(with_defaults=True) if self.image else ""
        match = _PUBLIC_PARAMETER.match(str(value))
        return match[1] if match else ""

    @property
    def script(self) -> tuple[str, bool]:
        """What is known of the script that is run at the first start, and whether it is all."""
        if self.user_data is None:
            return "", self.complete
        value = self.user_data.evaluate()
        if isinstance(value, dict) and "Fn::Base64" in value:
            script = value["Fn::Base64"]
            return str(script), isinstance(script, str)
        try:
            return base64.b64decode(str(value), validate=True).decode(errors="replace"), True
        except binascii.Error:
            return "", False


_ELSEWHERE = Launch(complete=False)


def of_instance(instance: Resource) -> Launch:
    """The launch of an AWS::EC2::Instance."""
    own = _described_by(instance.properties)
    template = instance.get("LaunchTemplate")
    return own.over(_by_template(template)) if template else own


def of_group(group: Resource) -> Launch:
    """The launch of the instances of an Auto Scaling group."""
    own = Launch(subnets=_listed(group.properties, "VPCZoneIdentifier"))
    if name := group.get("LaunchConfigurationName"):
        configuration = name.resource("AWS::AutoScaling::LaunchConfiguration")
        return own.over(_described_by(configuration.properties) if configuration else _ELSEWHERE)
    template = group.get("LaunchTemplate") or group.properties.at(
        "MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification"
    )
    return own.over(_by_template(template) if template else _ELSEWHERE)


def of_template(template: Resource) -> Launch:
    """The launch that a launch template describes."""
    data = template.get("LaunchTemplateData")
    if data is None:
        return Launch()
    return dataclasses.replace(_described_by(data), complete=data.function is None)


def named_template(specification: Expression) -> Resource | None:
    """The launch template that a specification names, by its id or its name."""
    name = specification.get("LaunchTemplateId") or specification.get("LaunchTemplateName")
    return find_named(name, LAUNCH_TEMPLATE, "LaunchTemplateName") if name else None


def _by_template(specification: Expression) -> Launch:
    template = named_template(specification)
    return of_template(template) if template else _ELSEWHERE


def _described_by(properties: Expression) -> Launch:
    """The properties of an instance, of a launch configuration, or in a launch template."""
    profile = properties.get("IamInstanceProfile")
    interfaces = properties.all("NetworkInterfaces")
    # Only the first interface gets the public address.
    network = interfaces[0] if interfaces else properties
    groups = "GroupSet", "Groups", "SecurityGroupIds", "SecurityGroups"
    return Launch(
        image=properties.get("ImageId"),
        instance_type=properties.get("InstanceType"),
        zone=properties.get("AvailabilityZone") or properties.at("Placement", "AvailabilityZone"),
        user_data=properties.get("UserData"),
        profile=profile and (profile.get("Arn") or profile.get("Name") or profile),
        metadata=properties.get("MetadataOptions"),
        # An interface that exists already has groups and a subnet of its own.
        security_groups=_listed(network, *groups, "NetworkInterfaceId"),
        subnets=_listed(network, "SubnetId", "NetworkInterfaceId"),
        public_address=network.get("AssociatePublicIpAddress"),
    )


def _listed(properties: Expression, *keys: str) -> tuple[Expression, ...] | None:
    """The items of the first of these properties that is given."""
    given = next(filter(None, map(properties.get, keys)), None)
    return tuple(given.items()) if given else None
