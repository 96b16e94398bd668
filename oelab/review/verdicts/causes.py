"""Why a node is not as it should be, and what to do about it."""

from dataclasses import dataclass
from enum import Enum


class Cause(Enum):
    """Each distinct cause, from the worst on: its name in output, and the remedy."""

    NOT_LAUNCHED = (
        "not-launched",
        "Deploy the workload's stack, or name its Region with --region; where it is deployed and "
        "the instance was terminated since, deploy it with --revert-drift. CloudFormation's events "
        "say why a launch failed.",
    )
    STOPPED = (
        "stopped",
        "Start the instance; it reports again within minutes, and inventory follows.",
    )
    NO_PROFILE = (
        "no-profile",
        "Attach the instance profile of the settings, or deploy the stack with --revert-drift.",
    )
    NO_PERMISSION = (
        "no-permission",
        "Give the role AmazonSSMManagedInstanceCore or the restricted permissions, by deploying "
        "the foundation stack.",
    )
    NO_WAY_OUT = (
        "no-way-out",
        "Open port 443 to Systems Manager: an egress rule and a route to the internet, or the "
        "interface endpoints ssm and ssmmessages.",
    )
    NOT_REGISTERED = (
        "not-registered",
        "Wait some minutes after the launch; then check that the image brings the SSM Agent and "
        "that it runs.",
    )
    CONNECTION_LOST = (
        "connection-lost",
        "Check that the SSM Agent runs and that the instance is not overloaded; a reboot restarts "
        "both.",
    )
    AGENT_TOO_OLD = (
        "agent-too-old",
        "Update the SSM Agent, for example with the document AWS-UpdateSSMAgent.",
    )
    NO_ASSOCIATION = (
        "no-association",
        "Deploy the inventory stack, or give the node the tags that its association targets.",
    )
    ASSOCIATION_CONFLICT = (
        "association-conflict",
        "Keep one of the associations: delete the other, or change its targets so that no node "
        "has both.",
    )
    ASSOCIATION_OVERRIDDEN = (
        "association-overridden",
        "Delete the association that prevails, or leave these nodes to it and out of the settings.",
    )
    ASSOCIATION_FAILED = (
        "association-failed",
        "Read the run's own words with `oelab status NODE`, and its output where logs are kept.",
    )
    ASSOCIATION_PENDING = (
        "association-pending",
        "Wait up to 10 minutes; `oelab wait` tells when it is done.",
    )
    INVENTORY_MISSING = (
        "inventory-missing",
        "Check that the role allows ssm:PutInventory, and start the association once.",
    )
    INVENTORY_STALE = (
        "inventory-stale",
        "Check that the association still runs at its interval: `oelab associations`.",
    )
    TYPE_NOT_COLLECTED = (
        "type-not-collected",
        "Deploy the inventory stack, so that the association collects the types of the settings.",
    )
    NON_COMPLIANT_ASSOCIATION = (
        "non-compliant-association",
        "See the items with `oelab compliance NODE`, and mend the association that failed.",
    )
    NON_COMPLIANT_PATCH = (
        "non-compliant-patch",
        "See the items with `oelab compliance NODE`, and install the patches that are missing.",
    )
    NON_COMPLIANT_CUSTOM = (
        "non-compliant-custom",
        "See the items with `oelab compliance NODE`; who put them knows what they ask for.",
    )

    def __init__(self, slug: str, remedy: str) -> None:
        self.slug = slug
        self.remedy = remedy

    @property
    def severity(self) -> int:
        """Position in the order from the worst (0) on."""
        return list(Cause).index(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One cause on one node, and what shows it."""

    cause: Cause
    reason: str
