"""Reads how an instance is launched: by itself, a launch template or an Auto Scaling group."""

import base64
import binascii
import re
from typing import NamedTuple

from oelab.checks.values import find_named
from oelab.template.expression import Expression, Resource

LAUNCH_TEMPLATE = "AWS::EC2::LaunchTemplate"


_PUBLIC_PARAMETER = re.compile(r"(?:\{\{)?resolve:ssm:([^:}]+)")


class Launch(NamedTuple):
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


def of_instance(instance: Resource) -> Launch:
    """The launch of an AWS::EC2::Instance."""
    template = instance.get("LaunchTemplate")
    return _launch(instance.properties, *([_data_of(template)] if template else []))


def of_group(group: Resource) -> Launch:
    """The launch of the instances of an Auto Scaling group."""
    if name := group.get("LaunchConfigurationName"):
        configuration = name.resource("AWS::AutoScaling::LaunchConfiguration")
        return _launch(group.properties, configuration.properties if configuration else None)
    template = group.get("LaunchTemplate") or group.properties.at(
        "MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification"
    )
    return _launch(group.properties, _data_of(template) if template else None)


def of_template(template: Resource) -> Launch:
    """The launch that a launch template describes."""
    return _launch(_data(template))


def named_template(specification: Expression) -> Resource | None:
    """The launch template that a specification names, by its id or its name."""
    name = specification.get("LaunchTemplateId") or specification.get("LaunchTemplateName")
    return find_named(name, LAUNCH_TEMPLATE, "LaunchTemplateName") if name else None


def _data_of(specification: Expression) -> Expression | None:
    template = named_template(specification)
    return _data(template) if template else None


def _data(template: Resource) -> Expression:
    return template.get("LaunchTemplateData") or Expression(template.stack, {})


def _launch(*layers: Expression | None) -> Launch:
    """A launch by several descriptions, of which the first that gives a property counts.

    These are the properties of an instance, a group or a launch configuration, or the data of a
    launch template; None is a description that the app does not define.
    """
    given = [layer for layer in layers if layer]
    # Only the first interface gets the public address.
    networks = [next(iter(layer.all("NetworkInterfaces")), layer) for layer in given]
    # An interface that exists already has groups and a subnet of its own.
    groups = "GroupSet", "Groups", "SecurityGroupIds", "SecurityGroups", "NetworkInterfaceId"
    subnets = "SubnetId", "NetworkInterfaceId", "VPCZoneIdentifier"
    profile = "IamInstanceProfile.Arn", "IamInstanceProfile.Name", "IamInstanceProfile"
    return Launch(
        image=_first(given, "ImageId"),
        instance_type=_first(given, "InstanceType"),
        zone=_first(given, "AvailabilityZone", "Placement.AvailabilityZone"),
        user_data=_first(given, "UserData"),
        profile=_first(given, *profile),
        metadata=_first(given, "MetadataOptions"),
        security_groups=_items(_first(networks, *groups)),
        subnets=_items(_first(networks, *subnets)),
        public_address=_first(networks, "AssociatePublicIpAddress"),
        complete=None not in layers and not any(layer.function for layer in given),
    )


def _first(layers: list[Expression], *paths: str) -> Expression | None:
    found = (layer.at(*path.split(".")) for layer in layers for path in paths)
    return next(filter(None, found), None)


def _items(expression: Expression | None) -> tuple[Expression, ...] | None:
    return tuple(expression.items()) if expression else None
