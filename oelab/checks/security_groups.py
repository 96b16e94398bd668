"""What the security groups of an app let out and in on port 443.

Limits: where a rule leads to is not weighed beyond its being an address at all, and network access
control lists are not looked at.
"""

from collections import defaultdict
from collections.abc import Iterable
from ipaddress import ip_network

from oelab.systems_manager.tristate import Answer, all_of, any_of
from oelab.template.app import App
from oelab.template.expression import Expression, Resource

HTTPS = 443
VPC = "AWS::EC2::VPC"

_GROUP = "AWS::EC2::SecurityGroup"
_NOWHERE = frozenset({"127.0.0.1/32", "255.255.255.255/32"})


class SecurityGroups:
    """The security groups of an app. The default group of a VPC is known by the VPC itself."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._egress = self._rules("AWS::EC2::SecurityGroupEgress")
        self._ingress = self._rules("AWS::EC2::SecurityGroupIngress")

    def find(self, group: Expression) -> Resource | None:
        """The group that an expression refers to, where it is in the app."""
        reference = group.referent()
        if reference is None:
            return None
        meant = (reference.resource.type, reference.attribute)
        known = ((_GROUP, "GroupId"), (_GROUP, "Ref"), (VPC, "DefaultSecurityGroup"))
        return reference.resource if meant in known else None

    def lets_https_out(self, groups: Iterable[Expression]) -> Answer:
        """Whether one of the groups lets port 443 out."""
        return any_of(self._lets_out(self.find(group)) for group in groups)

    def lets_https_in(
        self, group: Resource | None, sources: Iterable[Resource | None], cidr: Expression | None
    ) -> Answer:
        """Whether a group lets port 443 in from members of other groups in an address range."""
        if group is None:
            return None
        sources = list(sources)
        # Only the default group of a VPC admits its own members without being told to.
        by_default = group.type == VPC and group in sources
        rules = [*group.all("SecurityGroupIngress"), *self._ingress[group]]
        return by_default or any_of(
            all_of((self._is_https(rule), self._comes_from(rule, sources, cidr))) for rule in rules
        )

    def _lets_out(self, group: Resource | None) -> Answer:
        if group is None:
            return None
        rules = [*group.all("SecurityGroupEgress"), *self._egress[group]]
        if not rules:
            # EC2 lets everything out of a group that says nothing. The first rule, wherever it is
            # defined, takes that away: AWS::EC2::SecurityGroup in the CloudFormation reference.
            return True
        return any_of(all_of((self._is_https(rule), self._leads_somewhere(rule))) for rule in rules)

    def _is_https(self, rule: Expression) -> Answer:
        protocol = rule.text_of("IpProtocol")
        if protocol is None:
            return None
        if protocol not in ("tcp", "6"):
            return protocol == "-1"
        ports = [rule.text_of(key) for key in ("FromPort", "ToPort")]
        if not all(port and port.isdigit() for port in ports):
            return None
        first, last = (int(port or 0) for port in ports)
        return first <= HTTPS <= last

    def _leads_somewhere(self, rule: Expression) -> Answer:
        return rule.text_of("CidrIp") not in _NOWHERE

    def _comes_from(
        self, rule: Expression, sources: list[Resource | None], cidr: Expression | None
    ) -> Answer:
        if allowed := rule.get("CidrIp"):
            return self._covers(allowed, cidr)
        if source := rule.get("SourceSecurityGroupId"):
            group = self.find(source)
            if group is not None and group in sources:
                return True
            return None if group is None or None in sources else False
        return False if rule.get("CidrIpv6") else None

    def _covers(self, allowed: Expression, cidr: Expression | None) -> Answer:
        reference = allowed.referent()
        if reference is not None and reference.resource.type == VPC:
            # The range of the VPC that the endpoint and the node are both in.
            return True
        texts = allowed.text(), cidr.text() if cidr else None
        if texts[0] == "0.0.0.0/0":
            return True
        try:
            return ip_network(texts[0] or "").overlaps(ip_network(texts[1] or ""))
        except ValueError:
            return None

    def _rules(self, resource_type: str) -> defaultdict[Resource, list[Expression]]:
        """The rules that are resources of their own, by the group they belong to."""
        rules: defaultdict[Resource, list[Expression]] = defaultdict(list)
        for rule in self._app.of_type(resource_type):
            group = rule.get("GroupId")
            if group and (found := self.find(group)):
                rules[found].append(rule.properties)
        return rules
