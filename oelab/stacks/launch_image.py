"""The image that the instances of a stack start from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm

from oelab.settings import Settings
from oelab.systems_manager.images import ImageFamily, family_of

WARNING = "oelab:latestImage"
_KEY = "Id"


@dataclass(frozen=True, kw_only=True)
class LaunchImage:
    """What settings say of the image, for every stack alike.

    With `pins` the image of the stack's Region is used; otherwise `source`, either an id or the
    path of a parameter that CloudFormation reads at each deployment.
    """

    source: str
    family: ImageFamily
    pins: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "LaunchImage":
        """The image of the settings."""
        family = family_of(settings.image, settings.image_family)
        return cls(source=settings.image, family=family, pins=settings.image_pins)

    @property
    def is_latest(self) -> bool:
        """Whether a deployment may take another image than the one before it."""
        return not self.pins and self.source.startswith("/")

    def id_in(self, stack: cdk.Stack) -> str:
        """The image id as a value for `stack`; defines what that needs there, so call it once."""
        if self.pins and not cdk.Token.is_unresolved(stack.region):
            return self.pins[stack.region]
        if self.pins:
            by_region = {region: {_KEY: image_id} for region, image_id in self.pins.items()}
            mapping = cdk.CfnMapping(stack, "ImageIds", mapping=by_region)
            return mapping.find_in_map(cdk.Aws.REGION, _KEY)
        if self.is_latest:
            return ssm.StringParameter.value_for_typed_string_parameter_v2(
                stack, self.source, ssm.ParameterValueType.AWS_EC2_IMAGE_ID
            )
        return self.source


def warn_of_latest(stack: cdk.Stack, *, accepted: bool) -> None:
    """Warn that a deployment of `stack` may replace its instances, unless that is `accepted`."""
    notes = cdk.Annotations.of(stack)
    notes.add_warning_v2(
        WARNING,
        "A deployment may replace the instances of this protected workload without a sign of it in "
        "the diff, as `image` is whatever its parameter holds then. Pin it with `oelab image pin "
        "--write`, or set accept_latest_image = true for the workload.",
    )
    if accepted:
        notes.acknowledge_warning(WARNING, "the settings say accept_latest_image")
