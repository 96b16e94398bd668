"""The accounts and Regions that the stacks are deployed to, where those are several."""

from dataclasses import dataclass
from typing import Annotated

from oelab.constraints import ec2, iam


@dataclass(frozen=True, kw_only=True)
class EnvironmentSettings:
    """An account and a Region in which every stack of the settings is deployed."""

    account: Annotated[str, iam.ACCOUNT_ID]
    region: Annotated[str, ec2.REGION_NAME]
