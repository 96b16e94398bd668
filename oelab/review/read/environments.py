"""From `--profile`, `--region`, `--role` and the settings to the places that are read, each with
its session and credentials, those of an assumed role included.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from oelab.constraints.ec2 import REGION_NAME
from oelab.constraints.iam import ASSUMED_ROLE
from oelab.environment import Environment
from oelab.findings import BadInputError
from oelab.review.models import Unread, known, unread_of
from oelab.review.read.clients import new_session, region_of, session_with
from oelab.review.read.connection import Connection
from oelab.review.read.errors import ReadError
from oelab.settings import EnvironmentSettings

if TYPE_CHECKING:
    from concurrent.futures import Future

Fetch = Callable[[], Mapping[str, str]]
Say = Callable[[str], None]

_ASSUME_ROLE = "sts:AssumeRole"
_SECONDS_TO_NEXT_ATTEMPT = 5
"""All calls to an account wait for the credentials of its role, and share a failure."""

_MISSING = Unread(
    environment=Environment(),
    call=_ASSUME_ROLE,
    reason="no credentials of this account; name a profile of it with --profile, or a role to "
    "assume there with --role",
)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a command line says about where to read.

    `role` is the name of a role, with or without its path, or an ARN, which also names an account.
    """

    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    role: str = ""

    @property
    def role_account(self) -> str:
        """The account of a role that is given as an ARN, or ""."""
        return self.role.split(":")[4] if self.role.startswith("arn:") else ""

    def role_in(self, account: str, partition: str) -> str:
        """The ARN of the role."""
        name = f"{account}:role/{self.role.lstrip('/')}"
        return self.role if self.role_account else f"arn:{partition}:iam::{name}"


def connect_to_environments(
    scope: Scope, environments: Sequence[EnvironmentSettings], say: Say
) -> list[Connection]:
    """A connection to each of the environments that `scope` does not leave out.

    An account is read with the profile that is of it, or else by assuming the role there; one that
    is given as an ARN is always assumed. Regions leave out the environments elsewhere, and so do
    profiles without a role. Where nothing gives credentials of an account, every call brings no
    answer, with that for a reason. A profile of an account that another one reads already is left
    out, which `say` reports.

    Raises `BadInputError` for an unknown profile or Region, a malformed role, and what no
    environment is in.
    """
    sessions = _open_sessions(scope)
    chosen = _only(environments, "Region", scope.regions)
    chosen = _only(chosen, "account", [scope.role_account] if scope.role_account else ())
    # A role that is given as an ARN is assumed whatever the profiles are of.
    asked = {} if scope.role_account else sessions
    callers = _identify(asked, dict.fromkeys(asked, (chosen[0].region,)), say)
    accounts = {profile: caller.result() for profile, caller in callers.items()}
    profiles = {known(account, ""): profile for profile, account in accounts.items()}
    unidentified = next(unread_of(accounts.values()), None)
    if scope.profiles and not scope.role and not unidentified:
        chosen = _only(chosen, "account", profiles)
    by_account = {account: sessions[profile] for account, profile in profiles.items()}
    first, session = next(iter(sessions.items()))
    connections = []
    for each in chosen:
        place = Environment(each.account, each.region, profiles.get(each.account, ""))
        if each.account not in by_account:
            # Those that could not be identified may be of the account.
            fetch: Fetch = partial(_refuse, unidentified or _MISSING)
            if scope.role:
                source = Connection(session, place)
                fetch = _RoleCredentials(source, scope.role_in(each.account, source.partition))
            by_account[each.account] = session_with(first, fetch)
        connections.append(Connection(by_account[each.account], place))
    return connections


def connect_to_regions(
    scope: Scope, regions: Sequence[str], *, account: str, say: Say
) -> list[Connection]:
    """A connection for each profile in each Region, or for a role in `account` or that of its ARN.

    `regions` are those without --region; where there are none, the one of the environment or of the
    profile counts. What several profiles are of is read once, which `say` reports.

    Raises `BadInputError` for an unknown profile or Region, a malformed role, a role without an
    account, and where no Region is known.
    """
    sessions = _open_sessions(scope)
    named = {p: scope.regions or regions or [region_of(each)] for p, each in sessions.items()}
    if scope.role:
        account = scope.role_account or account
        if not account:
            raise BadInputError(
                "--role must say in which account; give the ARN of the role, or set `account` or "
                "`environments` in the settings"
            )
        first, *_ = named.values()
        listed = [EnvironmentSettings(account=account, region=region) for region in first]
        return connect_to_environments(scope, listed, say)
    return [
        Connection(sessions[profile], Environment("", region, profile), caller)
        for profile, caller in _identify(sessions, named, say).items()
        for region in named[profile]
    ]


def _open_sessions(scope: Scope) -> dict[str, Any]:
    """A session for each profile, unless something is wrong with the scope by itself."""
    findings = [*ASSUMED_ROLE.findings("--role", scope.role or None)]
    for region in scope.regions:
        findings.extend(REGION_NAME.findings("the Region", region))
    faults = [*map(str, findings)]
    sessions: dict[str, Any] = {}
    for profile in scope.profiles or ("",):
        try:
            sessions[profile] = new_session(profile)
        except BadInputError as error:
            faults.append(str(error))
    if faults:
        raise BadInputError("\n".join(faults))
    return sessions


def _only(
    environments: Sequence[EnvironmentSettings], part: str, wanted: Collection[str]
) -> Sequence[EnvironmentSettings]:
    """The environments in one of the wanted accounts or Regions; all where none is wanted."""
    part_of = attrgetter(part.lower())
    for name in wanted:
        if name not in map(part_of, environments):
            listed = ", ".join(f"{each.account}/{each.region}" for each in environments)
            raise BadInputError(
                f"the {part} {name} must be that of an environment in the settings, which are "
                f"{listed}; name one of those, other settings, or a role with --role"
            )
    return [each for each in environments if not wanted or part_of(each) in wanted]


def _identify(
    sessions: Mapping[str, Any], regions: Mapping[str, Sequence[str]], say: Say
) -> dict[str, "Future[str | Unread]"]:
    """The account of each profile, without the profiles that another one makes needless.

    `regions` are those that each profile is to read.
    """
    # All are asked for at the same time, and a single one is not waited for.
    callers = {
        profile: Connection(session, Environment("", regions[profile][0], profile)).account
        for profile, session in sessions.items()
    }
    first: dict[tuple[str, ...], str] = {}
    for profile in sessions if len(sessions) > 1 else ():
        if account := known(callers[profile].result(), ""):
            other = first.setdefault((account, *regions[profile]), profile)
            if other != profile:
                say(f"the profile {profile} is of {account}, as {other} is, and is left out")
                del callers[profile]
    return callers


@dataclass
class _RoleCredentials:
    """Assumes a role whenever botocore asks for credentials: first, and before these expire."""

    source: Connection
    arn: str
    failure: Unread | None = None
    next_attempt: float = 0.0

    def __call__(self) -> Mapping[str, str]:
        """The credentials in the form of `session_with`. Raises `ReadError`."""
        if self.failure and time.monotonic() < self.next_attempt:
            raise ReadError(self.failure)
        request = {"RoleArn": self.arn, "RoleSessionName": "oelab"}
        try:
            credentials = self.source.call(_ASSUME_ROLE, "Credentials", **request)
        except ReadError as error:
            self.failure = replace(error.unread, reason=f"{self.arn}: {error.unread.reason}")
            self.next_attempt = time.monotonic() + _SECONDS_TO_NEXT_ATTEMPT
            raise ReadError(self.failure) from error
        return {
            "access_key": credentials["AccessKeyId"],
            "secret_key": credentials["SecretAccessKey"],
            "token": credentials["SessionToken"],
            "expiry_time": credentials["Expiration"].isoformat(),
        }


def _refuse(unread: Unread) -> Mapping[str, str]:
    """In place of the credentials of an account."""
    raise ReadError(unread)
