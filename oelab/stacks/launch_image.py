"""The image that the instances of a workload start from, and the user data that it needs."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ssm as ssm

from oelab.settings import InstanceKind, Settings
from oelab.systems_manager import images

WARNING = "oelab:latestImage"


def is_latest(settings: Settings) -> bool:
    """Whether a deployment may take another image than the one before it."""
    return not settings.image_pins and settings.image.startswith("/")


def image_id(stack: cdk.Stack, settings: Settings) -> str:
    """The image id as a value for `stack`; defines what that needs there, so call it once.

    With pins the image of the stack's Region is used, otherwise the image of the settings: an id,
    or the path of a parameter that CloudFormation reads at each deployment.
    """
    pins = settings.image_pins
    if pins and not cdk.Token.is_unresolved(stack.region):
        return pins[stack.region]
    if pins:
        by_region = {region: {"Id": image_id} for region, image_id in pins.items()}
        mapping = cdk.CfnMapping(stack, "ImageIds", mapping=by_region)
        return mapping.find_in_map(cdk.Aws.REGION, "Id")
    if is_latest(settings):
        return ssm.StringParameter.value_for_typed_string_parameter_v2(
            stack, settings.image, ssm.ParameterValueType.AWS_EC2_IMAGE_ID
        )
    return settings.image


def user_data(settings: Settings, kind: InstanceKind) -> str | None:
    """What installs the SSM Agent where the image lacks it, and then the web server of a kind.

    A web server serves its page whether or not it can be reached: opening the port later must
    change only the security group, and changed user data would stop and start the instance.
    """
    family = settings.family
    # Packages of the agent are named for amd64 where EC2 says x86_64.
    architecture = images.architecture_of_type(kind.instance_type) or images.X86_64
    commands = [
        command.format(
            region=cdk.Aws.REGION,
            url_suffix=cdk.Aws.URL_SUFFIX,
            agent_architecture=architecture.replace(images.X86_64, "amd64"),
        )
        for command in family.agent_commands(settings.image)
    ]
    if kind.serves_page:
        commands += family.web_server
    if not commands:
        return None
    is_windows = family.key == "windows"
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
