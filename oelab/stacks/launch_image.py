"""The image that the instances of a stack start from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ssm as ssm

from oelab.settings import Settings
from oelab.systems_manager import images

WARNING = "oelab:latestImage"
_KEY = "Id"


@dataclass(frozen=True, kw_only=True)
class LaunchImage:
    """What settings say of the image, for every stack alike.

    With `pins` the image of the stack's Region is used; otherwise `source`, either an id or the
    path of a parameter that CloudFormation reads at each deployment.
    """

    source: str
    family: images.ImageFamily
    pins: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "LaunchImage":
        """The image of the settings."""
        family = images.family_of(settings.image, settings.image_family)
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

    def user_data(self, instance_type: str, *, serves_page: bool) -> str | None:
        """What installs the SSM Agent where the image lacks it, and then a web server.

        A web server serves its page whether or not it can be reached: opening the port later must
        change only the security group, and changed user data would stop and start the instance.
        """
        # Packages of the agent are named for amd64 where EC2 says x86_64.
        architecture = images.architecture_of_type(instance_type) or images.X86_64
        commands = [
            command.format(
                region=cdk.Aws.REGION,
                url_suffix=cdk.Aws.URL_SUFFIX,
                agent_architecture=architecture.replace(images.X86_64, "amd64"),
            )
            for command in self.family.agent_commands(self.source)
        ]
        if serves_page:
            commands += self.family.web_server
        if not commands:
            return None
        is_windows = self.family is images.WINDOWS
        script = ec2.UserData.for_windows() if is_windows else ec2.UserData.for_linux()
        script.add_commands(*commands)
        return script.render()


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
