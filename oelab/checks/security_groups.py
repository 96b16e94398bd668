"""Reads the security groups of an app; of one that the app does not define all is unknown."""

from oelab.checks.values import ports_of, value_of
from oelab.systems_manager.reachability import (
    ALL_PROTOCOLS,
    ANYWHERE,
    UNKNOWN_GROUP,
    SecurityGroup,
    SecurityGroupRule,
)
from oelab.systems_manager.targets import Value
from oelab.template.expression import Expression, Resource

VPC = "AWS::EC2::VPC"
_GROUP = "AWS::EC2::SecurityGroup"

_ALLOW_ALL = SecurityGroupRule(protocol=ALL_PROTOCOLS, cidr=ANYWHERE)


def security_group(expression: Expression) -> SecurityGroup:
    """The security group that is referred to, with all of its rules."""
    group = _group_of(expression)
    if group is None:
        return UNKNOWN_GROUP
    if group.type == VPC:
        return default_group(group)
    return SecurityGroup(
        id=group,
        # EC2 lets everything out of a group that says nothing. The first rule, wherever it is
        # defined, takes that away: AWS::EC2::SecurityGroup in the CloudFormation reference.
        egress=_rules(group, "SecurityGroupEgress") or (_ALLOW_ALL,),
        ingress=_rules(group, "SecurityGroupIngress"),
    )


def default_group(vpc: Resource | None) -> SecurityGroup:
    """The default group of a VPC, which lets everything out, and in what comes from itself."""
    from_itself = SecurityGroupRule(protocol=ALL_PROTOCOLS, group=vpc)
    return SecurityGroup(id=vpc, egress=(_ALLOW_ALL,), ingress=(from_itself,))


def _group_of(expression: Expression) -> Resource | None:
    """The security group that is referred to, where it is in the app; a default one is its VPC."""
    reference = expression.referent()
    if reference is None:
        return None
    meant = (reference.resource.type, reference.attribute)
    known = ((_GROUP, "GroupId"), (_GROUP, "Ref"), (VPC, "DefaultSecurityGroup"))
    return reference.resource if meant in known else None


def addresses_of(vpc: Resource) -> Value:
    """The addresses of a VPC; one whose CIDR block is not known stands for its own."""
    return vpc.text_of("CidrBlock") or vpc


def _rules(group: Resource, kind: str) -> tuple[SecurityGroupRule, ...]:
    """The rules of a group, in a property of this name and as resources of such a type."""
    others = (rule.properties for rule in group.referring("GroupId", f"AWS::EC2::{kind}"))
    return tuple(map(_rule, (*group.all(kind), *others)))


def _rule(rule: Expression) -> SecurityGroupRule:
    cidr = rule.get("CidrIp") or rule.get("CidrIpv6")
    vpc = cidr.resource(VPC) if cidr else None
    group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    return SecurityGroupRule(
        protocol=rule.text_of("IpProtocol"),
        ports=ports_of(rule, "FromPort", "ToPort"),
        cidr=addresses_of(vpc) if vpc else cidr and value_of(cidr),
        group=None if cidr or group is None else _group_of(group),
    )
