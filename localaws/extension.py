"""Installs everything that MiniStack lacks and holds the modelled world together."""

import json
from dataclasses import dataclass

from localaws import images
from localaws.adapter import iam, networking, s3, scope, ssm
from localaws.clock import Clock
from localaws.cloudformation import install as install_cloudformation
from localaws.errors import AwsError
from localaws.systems_manager.dispatch import Dispatcher
from localaws.systems_manager.engine import Engine

CONTROL_PATH = "/_localaws/"

# Not among the policies MiniStack seeds. Version 2, less its Sids.
_EC2_DEFAULT_POLICY = "AmazonSSMManagedEC2InstanceDefaultPolicy"
_EC2_DEFAULT_ACTIONS = {
    "ssm": (
        "DescribeAssociation GetDeployablePatchSnapshotForInstance GetDocument DescribeDocument "
        "GetManifest ListAssociations ListInstanceAssociations PutInventory PutComplianceItems "
        "PutConfigurePackageResult UpdateAssociationStatus UpdateInstanceAssociationStatus "
        "UpdateInstanceInformation"
    ),
    "ssmmessages": "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel",
    "ec2messages": (
        "AcknowledgeMessage DeleteMessage FailMessage GetEndpoint GetMessages SendReply"
    ),
}


@dataclass(frozen=True)
class World:
    """The clock and the Systems Manager engine of one server."""

    clock: Clock
    engine: Engine

    async def settle(self) -> None:
        """Bring the world up to now and write what the nodes have written to S3 meanwhile."""
        self.engine.settle()
        await self._write_uploads()

    async def settle_scope(self) -> None:
        """The same for the account and Region of a request."""
        self.engine.settle_scope()
        await self._write_uploads()

    async def _write_uploads(self) -> None:
        for upload in self.engine.take_uploads():
            with scope.pinned(upload.account, upload.region):
                await s3.put_object(upload.bucket, upload.key, upload.body)

    async def control(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """What no AWS API does. Answers `(status, JSON)`; the methods of `LocalAws` call it."""
        try:
            answer = await self._control(method, path.removeprefix(CONTROL_PATH), body)
        except (AwsError, KeyError, TypeError, ValueError) as error:
            return 400, json.dumps({"message": f"{type(error).__name__}: {error}"}).encode()
        return 200, json.dumps(answer).encode()

    async def _control(self, method: str, path: str, body: bytes) -> dict[str, object]:
        if path == "health":
            return {"ready": True}
        if method != "POST":
            raise ValueError(f"{method} {path} is unknown; use POST clock or POST nodes/ID")
        document = json.loads(body)
        if path == "clock":
            await self.settle()
            self.clock.advance(float(document["minutes"]))
        elif path.startswith("nodes/"):
            with scope.pinned(document["account"], document["region"]):
                await self.settle()
                self.engine.change_agent(
                    path.removeprefix("nodes/"),
                    version=document.get("agent_version"),
                    silent=document.get("silent"),
                )
        else:
            raise ValueError(f"POST {path} is unknown; use POST clock or POST nodes/ID")
        await self.settle()
        return {"now": self.clock.now()}


def install() -> World:
    """Extend MiniStack in this process; to be called once, before it serves."""
    clock = Clock()
    engine = Engine(clock)
    world = World(clock, engine)
    images.install()
    networking.install_default_internet_route()
    iam.install_managed_policy(
        _EC2_DEFAULT_POLICY,
        json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": [f"{service}:{name}" for name in names.split()],
                        "Resource": "*",
                    }
                    for service, names in _EC2_DEFAULT_ACTIONS.items()
                ],
            }
        ),
        "What an instance needs to be a managed node, without access to parameters.",
    )
    install_cloudformation(engine)
    ssm.install(Dispatcher(engine, world.settle_scope).wrap, engine.reset)
    return world
