"""Reads what a deployment of the settings would meet."""

from collections.abc import Mapping, Sequence
from functools import partial

from oelab.review.account_snapshot import DeployedStack, Survey
from oelab.review.concurrency import Started, side_by_side
from oelab.review.expected_fleet import Expectation
from oelab.review.models import Association, Unread
from oelab.review.read.access import Clients, supported_regions
from oelab.review.read.account import (
    has_profile,
    has_role,
    read_association_owner,
    read_parameter,
    read_stack,
    read_vpc_quota,
)
from oelab.review.read.associations import read_associations
from oelab.review.read.ec2 import count_vpcs, read_instances
from oelab.review.read.errors import attempt
from oelab.review.read.iam import read_account
from oelab.review.read.nodes import read_host_role
from oelab.settings import FIXED_STACKS, Settings
from oelab.systems_manager.documents import INVENTORY_DOCUMENT


def read_surveys(places: Sequence[Clients], expectation: Expectation) -> list[Survey]:
    """A survey of each place, read side by side."""
    return side_by_side([partial(_read, clients, expectation.settings) for clients in places])


def _read(clients: Clients, settings: Settings) -> Survey:
    place = clients.place
    if place.region not in supported_regions("ssm", place):
        # Whatever else were asked there would fail for this one reason.
        return Survey(
            place=place, supported=False, account="", stacks={}, associations=(), instances=()
        )
    stacks = Started(partial(attempt, partial(_stacks, clients, settings)))
    associations = Started(partial(attempt, partial(read_associations, clients)))
    instances = Started(partial(attempt, partial(read_instances, clients)))
    account = attempt(partial(read_account, clients))
    role_name = settings.role.name_in(place.region)
    role_exists = attempt(partial(has_role, clients, role_name))
    profile_exists = attempt(partial(has_profile, clients, role_name))
    vpcs = attempt(partial(count_vpcs, clients))
    vpc_quota = attempt(partial(read_vpc_quota, clients))
    host_role = attempt(partial(read_host_role, clients))
    image = attempt(partial(_image, clients, settings))
    found = associations.result()
    return Survey(
        place=place,
        supported=True,
        account=account,
        stacks=stacks.result(),
        associations=found,
        instances=instances.result(),
        owners=attempt(partial(_owners, clients, found)),
        role_exists=role_exists,
        profile_exists=profile_exists,
        named_profiles=attempt(partial(_named_profiles, clients, settings)),
        vpcs=vpcs,
        vpc_quota=vpc_quota,
        host_role=host_role,
        image=image,
    )


def _stacks(clients: Clients, settings: Settings) -> Mapping[str, DeployedStack]:
    names = [*FIXED_STACKS, *(each.stack_name for each in settings.workloads)]
    found = ((name, read_stack(clients, name)) for name in names)
    return {name: stack for name, stack in found if stack}


def _named_profiles(clients: Clients, settings: Settings) -> frozenset[str]:
    return frozenset(
        name for name in sorted(settings.named_profiles()) if has_profile(clients, name)
    )


def _owners(clients: Clients, associations: tuple[Association, ...] | Unread) -> Mapping[str, str]:
    if isinstance(associations, Unread):
        return {}
    return {
        each.association_id: read_association_owner(clients, each.association_id)
        for each in associations
        if each.document == INVENTORY_DOCUMENT
    }


def _image(clients: Clients, settings: Settings) -> str:
    image = settings.image
    if settings.image_pins:
        return settings.image_pins.get(clients.place.region, "")
    return read_parameter(clients, image) if image.startswith("/") else image
