"""Judges the inventory associations and where their output goes."""

from collections.abc import Iterator

from oelab.constraints import s3, ssm
from oelab.constraints.inventory import inventory_types
from oelab.findings import Finding
from oelab.settings.cross_checks import unique
from oelab.settings.inventory import (
    AssociationSettings,
    InventorySettings,
    LogSettings,
    TargetSettings,
)
from oelab.systems_manager import schedule


def inventory_faults(inventory: InventorySettings) -> Iterator[Finding]:
    """All that is wrong with the inventory settings."""
    yield from _logs("inventory.logs", inventory.logs)
    if not inventory.associations:
        yield Finding(
            subject="inventory.associations",
            value=inventory.associations,
            reason="must hold at least one association",
            remedy="leave it out for the association of the lab; a stack cannot be empty",
        )
    names = []
    for number, association in enumerate(inventory.associations):
        at = f"inventory.associations[{number}]"
        names.append((f"{at}.name", association.name))
        yield from _association(at, association)
    yield from unique(names, "associations are told apart by it")


def _association(at: str, association: AssociationSettings) -> Iterator[Finding]:
    yield from ssm.association_name(f"{at}.name", association.name)
    yield from _targets(f"{at}.targets", association.targets)
    yield from schedule.interval_minutes(f"{at}.interval_minutes", association.interval_minutes)
    yield from ssm.compliance_severity(f"{at}.severity", association.severity)
    yield from inventory_types(f"{at}.types", association.types)


def _targets(at: str, targets: TargetSettings) -> Iterator[Finding]:
    kinds = {
        "tags": targets.tags,
        "all_nodes": targets.all_nodes,
        "instance_ids": targets.instance_ids,
        "resource_group": targets.resource_group,
    }
    given = [kind for kind, value in kinds.items() if value]
    if len(given) != 1:
        yield Finding(
            subject=at,
            value=" and ".join(given) or "none of them",
            reason=f"must say exactly one of {', '.join(kinds)}",
            remedy="write one association for each kind" if given else "choose one of them",
            rests_on=tuple(f"{at}.{kind}" for kind in kinds),
        )
    if targets.tags:
        yield from ssm.target_tags(f"{at}.tags", targets.tags)
    if targets.instance_ids:
        yield from ssm.instance_ids(f"{at}.instance_ids", targets.instance_ids)
    if targets.resource_group:
        yield from ssm.resource_group_name(f"{at}.resource_group", targets.resource_group)


def _logs(at: str, logs: LogSettings) -> Iterator[Finding]:
    buckets = f"{at}.bucket", f"{at}.create_bucket"
    if logs.bucket:
        yield from s3.bucket_name(buckets[0], logs.bucket)
    if logs.bucket and logs.create_bucket:
        yield Finding(
            subject=buckets[1],
            value=True,
            reason="must be false where bucket names an existing one",
            remedy="give one of the two",
            rests_on=buckets,
        )
    if not logs.prefix:
        return
    yield from s3.key_prefix(f"{at}.prefix", logs.prefix)
    if not logs.bucket and not logs.create_bucket:
        yield Finding(
            subject=f"{at}.prefix",
            value=logs.prefix,
            reason="must not be given without a bucket",
            remedy="name a bucket, or write create_bucket = true",
            rests_on=buckets,
        )
