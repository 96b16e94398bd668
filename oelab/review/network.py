"""What was read of the networks of instances, as far as it decides about reachability."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from oelab.review.models import Instance
from oelab.systems_manager.reachability import (
    UNKNOWN_GROUP,
    InterfaceEndpoint,
    NodeNetwork,
    RouteTarget,
    SecurityGroup,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class VpcNetworks:
    """The networks of the VPCs that were asked for.

    `groups` are by id; `routes` are those of a subnet by its id, and those of a VPC's main route
    table by the VPC's id; `endpoints` are the usable interface endpoints by the VPC's id.
    """

    groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    routes: Mapping[str, tuple[RouteTarget, ...]] = field(default_factory=dict)
    endpoints: Mapping[str, tuple[InterfaceEndpoint, ...]] = field(default_factory=dict)

    def network_of(self, instance: Instance) -> NodeNetwork:
        """How an instance is connected."""
        main = self.routes.get(instance.vpc_id, (RouteTarget.OTHER,))
        return NodeNetwork(
            groups=tuple(self.groups.get(each, UNKNOWN_GROUP) for each in instance.security_groups),
            addresses=(instance.private_ip,) if instance.private_ip else (),
            routes=self.routes.get(instance.subnet_id, main),
            has_public_address=instance.has_public_ip,
            endpoints=self.endpoints.get(instance.vpc_id, ()),
        )
