"""What an instance needs to become a managed node, for each that an association reaches.

Sources: "Setting up Systems Manager for EC2 instances" and its pages on instance permissions and
VPC endpoints, Systems Manager User Guide. What only the deployment or another app knows is
reported as unknown.
"""

from collections.abc import Iterator

from oelab import permissions
from oelab.checks import images, roles
from oelab.checks.app import App
from oelab.checks.associations import Association
from oelab.checks.findings import Finding, Rule, Severity
from oelab.checks.logic import Answer
from oelab.checks.network import SERVICES, Network
from oelab.checks.nodes import Node
from oelab.checks.security_groups import SecurityGroups
from oelab.checks.template import Environment, Resource
from oelab.rules import Fault

_USER_GUIDE = "Systems Manager User Guide"
_PERMISSIONS = f'{_USER_GUIDE}, "Configure instance permissions required for Systems Manager"'
_ENDPOINTS = f'{_USER_GUIDE}, "Improve the security of EC2 instances by using VPC endpoints"'
_AGENT = f'{_USER_GUIDE}, "Find AMIs with the SSM Agent preinstalled"'
_METADATA = 'Amazon EC2 User Guide, "Use the Instance Metadata Service"'
_DEFAULT_ROLE = "/ssm/managed-instance/default-ec2-instance-management-role"


class Prerequisites:
    """The prerequisites of the nodes that the associations of an app reach."""

    def __init__(self, app: App, associations: list[Association], nodes: list[Node]) -> None:
        self._app = app
        self._groups = SecurityGroups(app)
        self._network = Network(app, self._groups)
        self._managed_by_default = set(self._default_host_management())
        self._reached = [
            (node, association)
            for node in nodes
            if (association := self._first_to_reach(node, associations))
        ]

    def findings(self) -> Iterator[Finding]:
        """All that is missing, node by node, and each role once."""
        judged: set[Resource] = set()
        for node, association in self._reached:
            yield from self._profile(node, association, judged)
            yield from self._egress(node, association)
            yield from self._route(node, association)
            yield from self._metadata(node, association)
            yield from self._agent(node, association)

    def _first_to_reach(self, node: Node, associations: list[Association]) -> Association | None:
        for association in associations:
            if association.environment == node.environment and association.hits(self._app, node):
                return association
        return None

    def _profile(
        self, node: Node, association: Association, judged: set[Resource]
    ) -> Iterator[Finding]:
        profile = node.launch.profile
        if profile is None:
            if node.environment in self._managed_by_default:
                return
            yield _finding(
                Rule.PROFILE,
                _certain(not node.launch.complete),
                node,
                association,
                rule="must have an instance profile",
                value="none",
                remedy="give it one whose role carries AmazonSSMManagedInstanceCore, or "
                "acknowledge it if Default Host Management Configuration is on",
                source=_PERMISSIONS,
            )
            return
        role = roles.role_of_profile(self._app, profile)
        if role is None:
            yield _finding(
                Rule.PROFILE,
                Severity.UNKNOWN,
                node,
                association,
                rule="must have an instance profile whose role the app defines, to be checked",
                value=self._app.text(profile) or "a profile from elsewhere",
                remedy="see that its role carries AmazonSSMManagedInstanceCore",
                source=_PERMISSIONS,
            )
        elif role not in judged:
            judged.add(role)
            yield from self._role(role, node, association)

    def _role(self, role: Resource, node: Node, association: Association) -> Iterator[Finding]:
        trusted = roles.trusts_ec2(self._app, role)
        if trusted is not True:
            yield _finding(
                Rule.ROLE,
                _certain(trusted),
                node,
                association,
                subject=role,
                rule=f"must trust ec2.amazonaws.com to serve {node.path}",
                value="no such statement" if trusted is False else "a trust policy of tokens",
                remedy="let the service principal ec2.amazonaws.com assume the role",
                source=_PERMISSIONS,
            )
        missing, certain = roles.missing_actions(self._app, role, permissions.MANAGED_NODE)
        if missing or not certain:
            yield _finding(
                Rule.ROLE,
                Severity.ERROR if missing else Severity.UNKNOWN,
                node,
                association,
                subject=role,
                rule=f"must allow what the agent of {node.path} calls",
                value=f"nothing for {', '.join(missing)}" if missing else "policies from elsewhere",
                remedy="attach AmazonSSMManagedInstanceCore, or allow these actions",
                source=_PERMISSIONS,
            )

    def _egress(self, node: Node, association: Association) -> Iterator[Finding]:
        groups = node.launch.security_groups
        if groups is None:
            return
        answer = self._groups.lets_https_out(groups)
        if answer is not True:
            yield _finding(
                Rule.EGRESS,
                _certain(answer),
                node,
                association,
                rule="must be allowed HTTPS egress by one of its security groups",
                value=_paths([self._groups.find(group) for group in groups]),
                remedy="add an egress rule for TCP port 443",
                source=_ENDPOINTS,
            )

    def _route(self, node: Node, association: Association) -> Iterator[Finding]:
        subnets = list(self._network.subnets_of(node)) or [None]
        for subnet in subnets:
            answer = self._network.has_way_out(node, subnet)
            if answer is True:
                continue
            yield _finding(
                Rule.ROUTE,
                _certain(answer),
                node,
                association,
                rule="must have a way to Systems Manager on port 443",
                value=self._dead_end(node, subnet) if subnet else "a subnet from elsewhere",
                remedy="give it a public address and an internet gateway, a NAT gateway, or the "
                f"interface endpoints {' and '.join(SERVICES)} with private DNS and port 443 open "
                "to it",
                source=_ENDPOINTS,
            )

    def _dead_end(self, node: Node, subnet: Resource) -> str:
        if self._network.lacks_public_address(node, subnet):
            route = "an internet gateway but no public address"
        else:
            route = "no route out of the VPC"
        missing = [s for s in SERVICES if not self._network.has_endpoint(node, subnet, s)]
        return f"subnet {subnet.path} with {route} and no usable endpoint for {', '.join(missing)}"

    def _metadata(self, node: Node, association: Association) -> Iterator[Finding]:
        tokens, endpoint = (
            node.launch.metadata.get(key) if node.launch.metadata else None
            for key in ("HttpTokens", "HttpEndpoint")
        )
        value = self._app.text(tokens) if tokens else None
        disabled = endpoint is not None and self._app.text(endpoint) == "disabled"
        by_image = images.requires_imdsv2(images.public_parameter(self._app, node.launch.image))
        if not disabled and (value == "required" or (tokens is None and by_image)):
            return
        known = tokens is None or value is not None
        # Without a word in the app, the account or the image may still require tokens.
        stated = Severity.ERROR if disabled or tokens else Severity.WARNING
        yield _finding(
            Rule.METADATA,
            stated if known and (tokens or node.launch.complete) else Severity.UNKNOWN,
            node,
            association,
            rule="must offer instance metadata, and by IMDSv2 alone",
            value="HttpEndpoint=disabled" if disabled else f"HttpTokens={value or 'not stated'}",
            remedy="set HttpTokens to required and leave HttpEndpoint enabled",
            source=_METADATA,
        )

    def _agent(self, node: Node, association: Association) -> Iterator[Finding]:
        parameter = images.public_parameter(self._app, node.launch.image)
        ships = images.ships_agent(parameter)
        installs = images.installs_agent(self._app, node.launch.user_data)
        if ships or installs:
            return
        certain = ships is False and installs is False
        complete = node.launch.user_data is not None or node.launch.complete
        yield _finding(
            Rule.AGENT,
            Severity.ERROR if certain and complete else Severity.UNKNOWN,
            node,
            association,
            rule="must run an image that ships the SSM Agent, or install it by user data",
            value=parameter or "an image known by its id alone",
            remedy="take an image of a family with the agent, or install amazon-ssm-agent",
            source=_AGENT,
        )

    def _default_host_management(self) -> Iterator[Environment]:
        """Where the app itself turns on Default Host Management Configuration."""
        for setting in self._app.of_type("AWS::SSM::ServiceSetting"):
            if (self._app.text(setting.get("SettingId")) or "").endswith(_DEFAULT_ROLE):
                yield setting.stack.environment


def _certain(answer: Answer) -> Severity:
    return Severity.ERROR if answer is False else Severity.UNKNOWN


def _finding(
    rule_id: Rule,
    severity: Severity,
    node: Node,
    association: Association,
    *,
    rule: str,
    value: str,
    remedy: str,
    source: str,
    subject: Resource | None = None,
) -> Finding:
    subject = subject or node.resource
    return Finding(
        rule=rule_id,
        severity=severity,
        resource=subject,
        fault=Fault(
            where=subject.path,
            value=value,
            rule=f"{rule}, since {association.path} gathers its inventory"
            if subject == node.resource
            else rule,
            remedy=remedy,
            source=source,
        ),
    )


def _paths(groups: list[Resource | None]) -> str:
    return ", ".join(group.path if group else "a group from elsewhere" for group in groups)
