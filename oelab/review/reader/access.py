"""Sessions and clients: the credentials and the Region of one place."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ConnectionError,  # noqa: A004 - botocore's own, which says that nobody answered
    NoRegionError,
    ProfileNotFound,
)

from oelab.review.models import Place
from oelab.review.reader.pace import Pace
from oelab.rules.ec2 import region_name

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_service_quotas import ServiceQuotasClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

# Adaptive: slows down by itself when a call without a documented rate is throttled.
CONFIG = Config(
    retries={"mode": "adaptive", "total_max_attempts": 10},
    connect_timeout=5,
    read_timeout=60,
    # Each place reads its parts side by side; one connection for each.
    max_pool_connections=16,
    user_agent_extra="oelab",
)


CONNECTION_ATTEMPTS = 3


class AccessError(ValueError):
    """A profile or Region that cannot be used: bad input, nothing was asked of AWS."""


@dataclass(frozen=True, kw_only=True)
class Clients:
    """The clients of one place, and the place."""

    place: Place
    ssm: "SSMClient"
    ec2: "EC2Client"
    iam: "IAMClient"
    sts: "STSClient"
    cloudformation: "CloudFormationClient"
    quotas: "ServiceQuotasClient"


def connect(
    profiles: Sequence[str],
    regions: Sequence[str],
    *,
    default_region: str = "",
    stop: threading.Event | None = None,
) -> list[Clients]:
    """Clients of every profile in every Region; nothing is asked of AWS yet.

    Without profiles the default credentials count; without Regions `default_region`, or else the
    one of the environment or the profile. Raises `AccessError` for an unknown profile, and where
    no Region is known.
    """
    found = []
    for profile in profiles or [""]:
        session = _session(profile)
        for region in regions or [default_region or _own_region(session)]:
            if not region:
                raise AccessError(
                    "no Region: name one with --region, set AWS_REGION, or set `region` in the "
                    "profile or the settings"
                )
            if faults := list(region_name("--region", region)):
                raise AccessError("; ".join(map(str, faults)))
            found.append(_clients(session, Place(profile=profile, region=region), stop))
    return found


def supported_regions(service: str, region: str) -> list[str]:
    """The Regions of the partition of `region` that have `service`, as this botocore knows."""
    session = boto3.Session()
    partition = session.get_partition_for_region(region)
    return session.get_available_regions(service, partition_name=partition)


def _own_region(session: boto3.Session) -> str:
    # boto3 alone of the SDKs looks at AWS_DEFAULT_REGION and not at AWS_REGION.
    return os.environ.get("AWS_REGION") or session.region_name or ""


def _session(profile: str) -> boto3.Session:
    try:
        return boto3.Session(profile_name=profile or None)
    except ProfileNotFound as error:
        known = ", ".join(boto3.Session().available_profiles) or "none"
        raise AccessError(f"there is no profile {profile!r}; known are: {known}") from error
    except BotoCoreError as error:
        raise AccessError(f"the AWS configuration cannot be used: {error}") from error


def _clients(session: boto3.Session, place: Place, stop: threading.Event | None) -> Clients:
    try:
        clients = Clients(
            place=place,
            ssm=session.client("ssm", region_name=place.region, config=CONFIG),
            ec2=session.client("ec2", region_name=place.region, config=CONFIG),
            iam=session.client("iam", region_name=place.region, config=CONFIG),
            sts=session.client("sts", region_name=place.region, config=CONFIG),
            cloudformation=session.client(
                "cloudformation", region_name=place.region, config=CONFIG
            ),
            quotas=session.client("service-quotas", region_name=place.region, config=CONFIG),
        )
    except NoRegionError as error:
        raise AccessError("no Region: name one with --region") from error
    except BotoCoreError as error:
        raise AccessError(f"{place} cannot be used: {error}") from error
    except ValueError as error:
        raise AccessError(f"{place} cannot be used: {error}") from error
    keep_pace(clients, Pace(stop))
    for client in (clients.ssm, clients.ec2, clients.iam, clients.sts, clients.cloudformation):
        client.meta.events.register_first("needs-retry", _give_up_early)
    return clients


def _give_up_early(attempts: int, caught_exception: object, **_: object) -> None:
    """Let nobody wait a minute for ten attempts at an address that does not answer.

    Throttling passes and is worth them; a wrong Region or a network that is down seldom is.
    """
    if isinstance(caught_exception, ConnectionError) and attempts >= CONNECTION_ATTEMPTS:
        raise caught_exception


def keep_pace(clients: Clients, pace: Pace) -> None:
    """Let `pace` hold back every call of these clients, pages included."""

    def before_call(model: Any, **_: object) -> None:
        pace.wait(model.name)

    for client in (clients.ssm, clients.ec2, clients.iam, clients.cloudformation):
        client.meta.events.register("before-call", before_call)
