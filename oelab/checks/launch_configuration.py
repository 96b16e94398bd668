"""How an instance is launched, whatever kind of resource says so."""

import dataclasses
from dataclasses import dataclass

from oelab.template.expression import Expression, Resource

LAUNCH_TEMPLATE = "AWS::EC2::LaunchTemplate"
LAUNCH_CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What an instance is launched with; a property that is not given is None.

    `profile` is the name or ARN of the instance profile. `complete` is false where a launch
    template or configuration takes part that the app does not define, so that what is not given
    here may be given there.
    """

    image: Expression | None = None
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


_ELSEWHERE = Launch(complete=False)


def of_instance(instance: Resource) -> Launch:
    """The launch of an AWS::EC2::Instance."""
    properties = instance.properties
    own = Launch(
        image=properties.get("ImageId"),
        user_data=properties.get("UserData"),
        profile=properties.get("IamInstanceProfile"),
        metadata=properties.get("MetadataOptions"),
        security_groups=_security_groups(properties, "GroupSet"),
        subnets=_subnets(properties),
        public_address=_public_address(properties),
    )
    template = properties.get("LaunchTemplate")
    return own.over(by_template(template)) if template else own


def of_group(group: Resource) -> Launch:
    """The launch of the instances of an Auto Scaling group."""
    subnets = group.get("VPCZoneIdentifier")
    own = Launch(subnets=tuple(subnets.items()) if subnets else None)
    if name := group.get("LaunchConfigurationName"):
        return own.over(_by_configuration(name))
    template = group.get("LaunchTemplate") or group.properties.at(
        "MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification"
    )
    return own.over(by_template(template) if template else _ELSEWHERE)


def of_template(template: Resource) -> Launch:
    """The launch that a launch template describes."""
    data = template.get("LaunchTemplateData")
    if data is None:
        return Launch()
    return Launch(
        image=data.get("ImageId"),
        user_data=data.get("UserData"),
        profile=data.at("IamInstanceProfile", "Arn") or data.at("IamInstanceProfile", "Name"),
        metadata=data.get("MetadataOptions"),
        security_groups=_security_groups(data, "Groups"),
        subnets=_subnets(data),
        public_address=_public_address(data),
        complete=data.function is None,
    )


def by_template(specification: Expression) -> Launch:
    """The launch by the template that an instance or a group names."""
    template = named_template(specification)
    return of_template(template) if template else _ELSEWHERE


def named_template(specification: Expression) -> Resource | None:
    """The launch template that a specification names, by its id or its name."""
    if template_id := specification.get("LaunchTemplateId"):
        return template_id.resource(LAUNCH_TEMPLATE)
    name = specification.text_of("LaunchTemplateName")
    for template in specification.stack.app.of_type(LAUNCH_TEMPLATE):
        same_place = template.stack.environment == specification.stack.environment
        if name and same_place and template.text_of("LaunchTemplateName") == name:
            return template
    return None


def _by_configuration(name: Expression) -> Launch:
    configuration = name.resource(LAUNCH_CONFIGURATION)
    if configuration is None:
        return _ELSEWHERE
    properties = configuration.properties
    groups = properties.get("SecurityGroups")
    return Launch(
        image=properties.get("ImageId"),
        user_data=properties.get("UserData"),
        profile=properties.get("IamInstanceProfile"),
        metadata=properties.get("MetadataOptions"),
        security_groups=tuple(groups.items()) if groups else None,
        public_address=properties.get("AssociatePublicIpAddress"),
    )


def _interface(properties: Expression) -> Expression | None:
    """The first network interface, which is the one that gets the public address."""
    interfaces = properties.all("NetworkInterfaces")
    return interfaces[0] if interfaces else None


def _security_groups(properties: Expression, in_interface: str) -> tuple[Expression, ...] | None:
    interface = _interface(properties)
    if interface is not None:
        # An interface that exists already has groups of its own.
        groups = interface.get(in_interface) or interface.get("NetworkInterfaceId")
    else:
        groups = properties.get("SecurityGroupIds") or properties.get("SecurityGroups")
    return tuple(groups.items()) if groups else None


def _subnets(properties: Expression) -> tuple[Expression, ...] | None:
    interface = _interface(properties)
    if interface is not None:
        subnet = interface.get("SubnetId") or interface.get("NetworkInterfaceId")
    else:
        subnet = properties.get("SubnetId")
    return (subnet,) if subnet else None


def _public_address(properties: Expression) -> Expression | None:
    interface = _interface(properties)
    return interface.get("AssociatePublicIpAddress") if interface else None
