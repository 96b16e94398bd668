"""Installs everything that MiniStack lacks, and answers what no AWS API does."""

import json
from typing import Any

from localaws import images
from localaws.adapter import resource_groups, scope, ssm, sts
from localaws.athena import service as athena
from localaws.clock import Clock
from localaws.cloudformation import install as install_cloudformation
from localaws.errors import AwsError
from localaws.systems_manager import group_membership
from localaws.systems_manager.engine import Engine
from localaws.systems_manager.service import in_front_of

CONTROL_PATH = "/_localaws/"


def install() -> Engine:
    """Extend MiniStack in this process; to be called once, before it serves."""
    engine = Engine(Clock())
    images.install()
    install_cloudformation(engine)
    ssm.install(lambda fallback: in_front_of(fallback, engine))
    sts.install_trust_check()
    athena.install()
    resource_groups.install_members_by_query(lambda name: _members(engine, name))
    return engine


def _members(engine: Engine, group: str) -> list[str]:
    engine.settle()
    return group_membership.members(engine.state(), group)


def control(engine: Engine, path: str, body: bytes) -> tuple[int, bytes]:
    """Do what a method of `LocalAws` asks; HTTP status and JSON."""
    try:
        _control(engine, path.removeprefix(CONTROL_PATH), json.loads(body or b"{}"))
    except (AwsError, ValueError) as error:
        return 400, json.dumps({"message": str(error)}).encode()
    return 200, b"{}"


def _control(engine: Engine, path: str, request: dict[str, Any]) -> None:
    engine.settle_all()
    if path == "clock":
        engine.clock.advance(request["minutes"])
        engine.settle_all()
    elif path == "agent":
        with scope.pinned(request["account"], request["region"]):
            node = engine.node(request["instance_id"])
            node.agent_version = request.get("version", node.agent_version)
            node.is_silenced = request.get("is_silenced", node.is_silenced)
            engine.settle()
    elif path != "health":
        raise ValueError(f"{path} is unknown")
