"""Which inventory associations in an account clash with those of the settings."""

from collections.abc import Iterator, Mapping

from oelab import tags as lab_tags
from oelab.review import targets
from oelab.review.account_snapshot import Survey
from oelab.review.expected_fleet import Expectation
from oelab.review.models import Association, Unread
from oelab.review.targets import Rank
from oelab.review.verdicts.clash import Clash, Effect
from oelab.systems_manager.documents import INVENTORY_DOCUMENT

TOPIC = "association"
_INSPECTOR = "InspectorInventoryCollection-do-not-delete"
_CONSOLE = "Inventory-Association"

NodeTags = Mapping[str, Mapping[str, str]]


def overlaps(survey: Survey, expectation: Expectation) -> Iterator[Clash]:
    """What becomes of each pair of one of ours and one that is there and not ours."""
    if isinstance(survey.associations, Unread):
        return
    foreign = [
        each
        for each in survey.associations
        if each.document == INVENTORY_DOCUMENT
        and not survey.is_ours("AWS::SSM::Association", each.association_id)
    ]
    nodes = _nodes(survey, expectation)
    for mine in expectation.associations:
        for other in foreign:
            yield from _pair(survey, mine, other, nodes)


def owner_of(association: Association, survey: Survey) -> str:
    """Who made an association, from its name and tags."""
    owners = {} if isinstance(survey.owners, Unread) else survey.owners
    if stack := owners.get(association.association_id):
        return f"CloudFormation stack {stack}"
    if association.name.startswith("AWS-QuickSetup-"):
        return "Quick Setup"
    if association.name == _INSPECTOR:
        return "Amazon Inspector"
    if association.name == _CONSOLE:
        return "the console's Setup Inventory"
    return "someone by console or API"


def _nodes(survey: Survey, expectation: Expectation) -> NodeTags:
    """The nodes to try targets on: those that run, and those that the settings would launch."""
    running = () if isinstance(survey.instances, Unread) else survey.instances
    found: dict[str, Mapping[str, str]] = {each.instance_id: each.tags for each in running}
    for workload in expectation.settings.workloads:
        for kind in workload.kinds:
            planned = {**expectation.tags_of(workload), lab_tags.INSTANCE_ROLE: kind.role}
            found[f"{workload.name} {kind.role}"] = planned
    return found


def _pair(
    survey: Survey, mine: Association, other: Association, nodes: NodeTags
) -> Iterator[Clash]:
    both = sum(
        targets.applies(mine, each, tags) and targets.applies(other, each, tags)
        for each, tags in nodes.items()
    )
    unknown = targets.names_resource_group(mine) or targets.names_resource_group(other)
    if not (both or unknown):
        return
    effect, reason, remedy = _outcome(mine, other)
    if not both:
        effect = Effect.NOTE
        reason = f"one of them targets a resource group; if they share nodes, {reason}"
    yield Clash(
        place=str(survey.place),
        topic=TOPIC,
        effect=effect,
        owner=owner_of(other, survey),
        reason=f"{other.label} and our {mine.name}: {reason}",
        remedy=remedy,
    )


def _outcome(mine: Association, other: Association) -> tuple[Effect, str, str]:
    ranks = targets.rank(mine), targets.rank(other)
    if ranks == (Rank.ALL_NODES, Rank.ALL_NODES):
        return (
            Effect.FAILS,
            "an account and Region holds one inventory association for all nodes",
            "delete the other one, or give ours tags for targets",
        )
    if ranks[0] > ranks[1]:
        return (
            Effect.NOTE,
            "ours prevails, and theirs is skipped on the nodes of both",
            "nothing, unless its owner counts on these nodes",
        )
    if ranks[0] < ranks[1]:
        return (
            Effect.DIFFERS,
            "theirs prevails, and ours is skipped on the nodes of both",
            "leave inventory to its owner and out of the settings, or have it switched off there",
        )
    return (
        Effect.DIFFERS,
        "both target the same nodes, and both fail there",
        "delete one of them, or change the targets so that no node has both",
    )
