"""Sessions and clients: the credentials and the Region of one place."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, NoRegionError, ProfileNotFound

from oelab.constraints.ec2 import REGION_NAME
from oelab.review.models import Place
from oelab.review.read import origins
from oelab.review.read.answers import Endurance, check_answer
from oelab.review.read.pace import Pace

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

    def each(self) -> tuple[Any, ...]:
        """All clients."""
        return self.ssm, self.ec2, self.iam, self.sts, self.cloudformation, self.quotas


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
        for region, origin in _regions(session, regions, default_region):
            if not region:
                raise AccessError(
                    "no Region: name one with --region, set AWS_REGION, or set `region` in the "
                    "profile or the settings"
                )
            if faults := list(REGION_NAME.findings(origin, region)):
                raise AccessError("; ".join(map(str, faults)))
            found.append(_clients(session, Place(profile=profile, region=region), stop))
    return found


def supported_regions(service: str, place: Place) -> list[str]:
    """The Regions of the place's partition that have `service`, as this botocore knows."""
    session = _session(place.profile)
    partition = session.get_partition_for_region(place.region)
    return session.get_available_regions(service, partition_name=partition)


def _regions(
    session: boto3.Session, regions: Sequence[str], default_region: str
) -> list[tuple[str, str]]:
    """The Regions to connect to, each with what names it."""
    if regions:
        return [(region, "--region") for region in regions]
    if default_region:
        return [(default_region, "`region` in the settings")]
    return [origins.default_region(session)]


def _session(profile: str) -> boto3.Session:
    try:
        return boto3.Session(profile_name=profile or None)
    except ProfileNotFound as error:
        known = ", ".join(origins.known_profiles()) or "none"
        name, variable = (profile, "") if profile else origins.default_profile()
        named = f", which {variable} names" if variable else ""
        raise AccessError(f"there is no profile {name!r}{named}; known are: {known}") from error
    except BotoCoreError as error:
        raise AccessError(f"the AWS configuration cannot be used: {error}") from error


def _clients(session: boto3.Session, place: Place, stop: threading.Event | None) -> Clients:
    clients = Clients(
        place=place,
        ssm=_client(session, "ssm", place),
        ec2=_client(session, "ec2", place),
        iam=_client(session, "iam", place),
        sts=_client(session, "sts", place),
        cloudformation=_client(session, "cloudformation", place),
        quotas=_client(session, "service-quotas", place),
    )
    keep_pace(clients, Pace(stop))
    for client in clients.each():
        client.meta.events.register("before-parse", _checker(client.meta.endpoint_url))
        client.meta.events.register("needs-retry", Endurance().judge)
    return clients


def _client(session: Any, service: str, place: Place) -> Any:
    try:
        return session.client(service, region_name=place.region, config=CONFIG)
    except NoRegionError as error:
        raise AccessError("no Region: name one with --region") from error
    except BotoCoreError as error:
        raise AccessError(f"{place} cannot be used: {error}") from error
    except ValueError as error:
        # What botocore raises for an endpoint that is no address.
        setting = origins.endpoint(service.replace("-", ""), place.profile)
        raise AccessError(f"{setting or place} cannot be used: {error}") from error


def _checker(endpoint: str) -> Callable[..., None]:
    def before_parse(response_dict: dict[str, Any], **_: object) -> None:
        check_answer(response_dict, endpoint)

    return before_parse


def keep_pace(clients: Clients, pace: Pace) -> None:
    """Let `pace` hold back every call of these clients, pages included."""

    def before_call(model: Any, **_: object) -> None:
        pace.wait(model.name)

    for client in clients.each():
        client.meta.events.register("before-call", before_call)
