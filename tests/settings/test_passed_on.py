"""No setting is without effect: what defines the stacks reads each of them."""

import dataclasses
from typing import Any

import pytest

from oelab.settings import (
    AssociationSettings,
    EnvironmentSettings,
    ExistingInstanceSettings,
    InventorySettings,
    LogSettings,
    RoleSettings,
    Settings,
    TargetSettings,
    WorkloadSettings,
)
from tests.synthesis import app_of

TABLES = (
    Settings,
    RoleSettings,
    WorkloadSettings,
    InventorySettings,
    LogSettings,
    AssociationSettings,
    TargetSettings,
    EnvironmentSettings,
    ExistingInstanceSettings,
)

# The guard of the comparison reads it, and no template depends on it.
NOT_FOR_THE_STACKS = {(Settings, "allow_replacement")}


def settings_that_reach_every_branch() -> Settings:
    # A profile of its own, as the profile of the role is filled in by a copy, which reads all.
    own_network = WorkloadSettings(name="Own", stack_name="Own", instance_profile="Mine")
    existing_network = dataclasses.replace(
        own_network,
        name="Existing",
        stack_name="Existing",
        subnet_id="subnet-0123456789abcdef0",
        security_group_ids=("sg-0123456789abcdef0",),
        protection=True,
    )
    return Settings(
        workloads=(own_network, existing_network),
        inventory=InventorySettings(logs=LogSettings(create_bucket=True)),
        existing_instances=ExistingInstanceSettings(attach_profile=True),
    )


def test_every_setting_is_read_where_the_stacks_are_defined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_that_reach_every_branch()
    read: set[tuple[type, str]] = set()

    def record(self: object, name: str) -> Any:
        read.add((type(self), name))
        return object.__getattribute__(self, name)

    for table in TABLES:
        monkeypatch.setattr(table, "__getattribute__", record)
    app_of(settings)
    defined = {(table, field.name) for table in TABLES for field in dataclasses.fields(table)}
    assert defined - read == NOT_FOR_THE_STACKS
