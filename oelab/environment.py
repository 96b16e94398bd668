"""Where something is deployed or read."""

from collections.abc import Iterator
from typing import NamedTuple


class Environment(NamedTuple):
    """An account and a Region; "" is what the app leaves to the deployment, or is not known."""

    account: str = ""
    """The id of the AWS account, of 12 digits."""
    region: str = ""
    """The code of the Region, such as `eu-west-1`."""
    profile: str = ""
    """The profile of the AWS configuration by which it is read, where one was named."""

    @property
    def known(self) -> bool:
        """Whether both the account and the Region are known."""
        return bool(self.account and self.region)

    def named_parts(self) -> Iterator[tuple[str, str]]:
        """Its fields by name; the profile only where one was named."""
        parts = self._asdict()
        return ((name, parts[name]) for name in parts if name != "profile" or self.profile)

    def __str__(self) -> str:
        """Such as `111122223333/eu-west-1`, without what is not known."""
        place = "/".join(filter(None, (self.account, self.region)))
        return f"{place} (profile {self.profile})" if self.profile else place
