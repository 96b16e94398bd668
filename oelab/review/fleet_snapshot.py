"""All that a review of one place rests on, each part read or said to be unread."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

from oelab.review.models import (
    Association,
    ComplianceSummary,
    Instance,
    Node,
    Outcome,
    Place,
    Unread,
)
from oelab.review.network import VpcNetworks

Outcomes = Mapping[str, Mapping[str, Outcome]]
"""By association id, then by node id: the latest outcome there."""

Captures = Mapping[str, Mapping[str, datetime] | Unread]
"""By inventory type, then by node id: when it was captured."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileAccess:
    """What an instance profile lets its instance do.

    `role` is "" where the profile has none, or is gone; `denied` are the actions needed to register
    that the role's policies do not allow.
    """

    role: str = ""
    trusts_ec2: bool = False
    denied: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """What tells why a running instance is not managed; read only where there is such a one.

    `host_role` is the role of the default host management configuration, or "".
    """

    profiles: Mapping[str, ProfileAccess] | Unread = field(default_factory=dict)
    network: VpcNetworks | Unread = field(default_factory=VpcNetworks)
    host_role: str | Unread = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """One place as it was read. Associations and outcomes are those that gather inventory."""

    place: Place
    read_at: datetime
    instances: tuple[Instance, ...] | Unread
    nodes: Mapping[str, Node] | Unread
    associations: tuple[Association, ...] | Unread
    outcomes: Outcomes | Unread
    captures: Captures | Unread
    compliance: Mapping[str, tuple[ComplianceSummary, ...]] | Unread
    diagnosis: Diagnosis = field(default_factory=Diagnosis)

    def unread(self) -> Iterator[Unread]:
        """Each part that could not be read, once."""
        seen = set()
        for part in self._parts():
            if isinstance(part, Unread) and (part.call, part.reason) not in seen:
                seen.add((part.call, part.reason))
                yield part

    def _parts(self) -> Iterator[object]:
        for holder in (self, self.diagnosis):
            yield from (getattr(holder, each.name) for each in fields(holder))
        if not isinstance(self.captures, Unread):
            yield from self.captures.values()
