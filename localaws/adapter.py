# mypy: disable-error-code="import-untyped"
"""The one place that knows MiniStack's private names.

Everything here was read from MiniStack 1.5.33 and may change with any other version, which is why
the requirement is pinned exactly. The rest of the package sees plain records and functions.
"""

import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, cast

from ministack import app as _app
from ministack.core import iam_evaluator as _evaluator
from ministack.core import responses as _responses
from ministack.services import ec2 as _ec2
from ministack.services import iam as _iam
from ministack.services import resource_groups as _groups
from ministack.services import s3 as _s3
from ministack.services import ssm as _ssm
from ministack.services.cloudformation import handlers as _cfn_handlers
from ministack.services.cloudformation import helpers as _cfn_helpers
from ministack.services.cloudformation import provisioners as _provisioners

Record = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]
Scope = tuple[str, str]
ServiceHandler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Response]]
CfnAction = Callable[[Record], Response]

asgi_app: Callable[..., Awaitable[None]] = _app.app

# ---------------------------------------------------------------------------------------------
# Account and Region of the request
# ---------------------------------------------------------------------------------------------


def account_id() -> str:
    return cast("str", _responses.get_account_id())


def region() -> str:
    return cast("str", _responses.get_region())


def in_scope(account: str, region_name: str) -> AbstractContextManager[None]:
    """Pin account and Region around work that no request of theirs caused."""
    return cast("AbstractContextManager[None]", _responses.request_scope(account, region_name))


def new_scoped_store() -> Any:
    """A dict that keeps the entries of each account and Region apart."""
    return _responses.AccountRegionScopedDict()


def scopes_with_instances() -> set[Scope]:
    return {(account, name) for (account, name, _), _ in _ec2._instances.all_items()}


# ---------------------------------------------------------------------------------------------
# EC2
# ---------------------------------------------------------------------------------------------


def instances() -> dict[str, Record]:
    return dict(_ec2._instances.items())


def subnet(subnet_id: str) -> Record | None:
    _ec2._ensure_defaults_initialized()
    return cast("Record | None", _ec2._subnets.get(subnet_id))


def subnets() -> list[Record]:
    return list(_ec2._subnets.values())


def default_subnet(zone: str | None) -> Record | None:
    """The default VPC's subnet of that zone, as a launch without a subnet gets it."""
    _ec2._ensure_defaults_initialized()
    found = [
        record
        for record in _ec2._subnets.values()
        if record.get("DefaultForAz") and zone in (None, record["AvailabilityZone"])
    ]
    return found[0] if found else None


def vpc(vpc_id: str) -> Record | None:
    _ec2._ensure_defaults_initialized()
    return cast("Record | None", _ec2._vpcs.get(vpc_id))


def security_group(group_id: str) -> Record | None:
    return cast("Record | None", _ec2._security_groups.get(group_id))


def route_tables() -> list[Record]:
    return list(_ec2._route_tables.values())


def internet_gateways() -> dict[str, Record]:
    return dict(_ec2._internet_gateways.items())


def nat_gateways() -> dict[str, Record]:
    return dict(_ec2._nat_gateways.items())


def vpc_endpoints() -> list[Record]:
    return list(_ec2._vpc_endpoints.values())


def key_pair_exists(name: str) -> bool:
    return any(record.get("KeyName") == name for record in _ec2._key_pairs.values())


def image(image_id: str) -> Record | None:
    """Name, platform and architecture of an image that this account could launch."""
    registered = _ec2._images.get(image_id)
    if registered:
        return {
            "Name": registered["Name"],
            "Platform": "",
            "Architecture": registered["Architecture"],
            "RootDeviceName": registered["RootDeviceName"],
        }
    for stub in _ec2._STUB_AMIS:
        if stub[0] == image_id:
            return {
                "Name": stub[1],
                "Platform": stub[3],
                "Architecture": "arm64" if "arm64" in stub[1] else "x86_64",
                "RootDeviceName": stub[4],
            }
    return None


def launch_instance(
    *,
    image_id: str,
    instance_type: str,
    subnet_id: str,
    key_name: str,
    user_data: str,
    group_ids: list[str],
    private_ip: str,
    profile: Record | None,
) -> Record:
    """Start one instance; the caller has checked that everything it names exists."""
    launched = _ec2._launch_instances_internal(
        image_id=image_id,
        instance_type=instance_type,
        subnet_id=subnet_id,
        count=1,
        key_name=key_name,
        user_data=user_data,
        sg_ids=group_ids,
        requested_private_ip=private_ip,
        iam_profile=profile,
    )
    return cast("Record", launched[0])


def terminate_instance(instance_id: str) -> None:
    if instance_id in _ec2._instances:
        _ec2._terminate_instances({"InstanceId.1": [instance_id]})


def volume(volume_id: str) -> Record | None:
    return cast("Record | None", _ec2._volumes.get(volume_id))


def add_volume(zone: str, instance_id: str, device: str, created: str) -> Record:
    volume_id = _ec2._new_volume_id()
    record: Record = {
        "VolumeId": volume_id,
        "Size": 8,
        "AvailabilityZone": zone,
        "State": "in-use",
        "VolumeType": "gp2",
        "SnapshotId": "",
        "Iops": 100,
        "Encrypted": False,
        "CreateTime": created,
        "MultiAttachEnabled": False,
        "Attachments": [
            {
                "VolumeId": volume_id,
                "InstanceId": instance_id,
                "Device": device,
                "State": "attached",
                "AttachTime": created,
                "DeleteOnTermination": True,
            }
        ],
    }
    _ec2._volumes[volume_id] = record
    return record


def delete_volume(volume_id: str) -> None:
    _ec2._volumes.pop(volume_id, None)
    _ec2._tags.pop(volume_id, None)


def default_group_of(vpc_id: str) -> str:
    record = vpc(vpc_id) or {}
    return cast("str", record.get("DefaultSecurityGroupId", ""))


def set_instance_profile(instance_id: str, profile: Record | None) -> None:
    """Exchange the profile association of an instance, or end it."""
    _ec2._sync_iam_instance_profile_associations()
    current = _ec2._find_active_iam_instance_profile_association(instance_id)
    if current:
        _ec2._mark_iam_instance_profile_association_disassociated(current)
    record = _ec2._instances[instance_id]
    record["IamInstanceProfile"] = profile
    if profile:
        _ec2._upsert_iam_instance_profile_association(instance_id, profile)


def ec2_tags(resource_id: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in _ec2._tags.get(resource_id) or []}


def set_ec2_tags(resource_id: str, props: Record, old_props: Record | None = None) -> None:
    """The template's tags onto the resource; tags from elsewhere stay."""
    _provisioners._ec2_apply_tags(resource_id, props, old_props)


def new_address() -> Record:
    allocation_id = "eipalloc-" + _hex17()
    record = {
        "AllocationId": allocation_id,
        "PublicIp": _ec2._random_ip("52."),
        "Domain": "vpc",
        "AssociationId": None,
        "InstanceId": None,
        "NetworkInterfaceId": None,
        "PrivateIpAddress": None,
    }
    _ec2._addresses[allocation_id] = record
    return record


def address(allocation_id: str) -> Record | None:
    return cast("Record | None", _ec2._addresses.get(allocation_id))


def address_by_ip(public_ip: str) -> Record | None:
    return next((a for a in _ec2._addresses.values() if a["PublicIp"] == public_ip), None)


def release_address(allocation_id: str) -> None:
    _ec2._addresses.pop(allocation_id, None)
    _ec2._tags.pop(allocation_id, None)


def add_nat_gateway(
    subnet_id: str, vpc_id: str, allocation_id: str, connectivity: str, created: str
) -> Record:
    nat_id = "nat-" + _hex17()
    record = {
        "NatGatewayId": nat_id,
        "SubnetId": subnet_id,
        "VpcId": vpc_id,
        "AllocationId": allocation_id,
        "ConnectivityType": connectivity,
        "State": "available",
        "CreateTime": created,
        "Tags": [],
    }
    _ec2._nat_gateways[nat_id] = record
    return record


def delete_nat_gateway(nat_id: str) -> None:
    record = _ec2._nat_gateways.get(nat_id)
    if record:
        record["State"] = "deleted"
    _ec2._tags.pop(nat_id, None)


def permissions_of_rule(rule: Record) -> list[Record]:
    """A template's security group rule in the shape of the group's record."""
    return cast("list[Record]", _provisioners._ec2_sg_permissions([rule]))


def new_security_group_rule_id() -> str:
    return "sgr-" + _hex17()


def _hex17() -> str:
    return "".join(random.choices("0123456789abcdef", k=17))  # noqa: S311 - an id, no secret


def install_instance_view(extra_xml: Callable[[Record], str]) -> None:
    """Let DescribeInstances show more of an instance than MiniStack does by itself."""
    original = _ec2._instance_xml

    def instance_xml(record: Record) -> str:
        text = cast("str", original(record))
        head, closing, tail = text.rpartition("</item>")
        return head + extra_xml(record) + closing + tail

    _ec2._instance_xml = instance_xml


def install_images(images: list[Record]) -> None:
    """Add images, and the public parameters that name them."""
    known = {stub[0] for stub in _ec2._STUB_AMIS}
    for entry in images:
        for parameter in entry["parameters"]:
            _ssm._PUBLIC_AMI_PARAMETERS[parameter] = entry["id"]
        if entry["id"] not in known:
            _ec2._STUB_AMIS.append(
                (
                    entry["id"],
                    entry["name"],
                    entry["description"],
                    entry.get("platform", ""),
                    entry["root_device"],
                    entry["owner"],
                    entry.get("owner_alias"),
                )
            )
    original = _ec2._stub_image_view

    def image_view(*stub: Any) -> Record:
        view = cast("Record", original(*stub))
        if "arm64" in view["Name"]:
            view["Architecture"] = "arm64"
        return view

    _ec2._stub_image_view = image_view
    _tell_creation_dates({entry["id"]: entry["created"] for entry in images})


def _tell_creation_dates(created: dict[str, str]) -> None:
    """MiniStack leaves them out of its answer, where AWS always has them."""
    describe = _ec2._ACTION_MAP["DescribeImages"]

    def describe_images(params: Any) -> Any:
        status, headers, body = describe(params)
        for image_id, date in created.items():
            tag = f"<imageId>{image_id}</imageId>".encode()
            body = body.replace(tag, tag + f"<creationDate>{date}</creationDate>".encode())
        return status, headers, body

    _ec2._ACTION_MAP["DescribeImages"] = describe_images


def install_default_internet_route() -> None:
    """Give the default VPC its way out: MiniStack leaves that route out of the main table."""
    original = _ec2._init_defaults

    def init_defaults() -> None:
        original()
        routes = _ec2._route_tables[_ec2._DEFAULT_RTB_ID]["Routes"]
        if not any(route.get("DestinationCidrBlock") == "0.0.0.0/0" for route in routes):
            routes.append(
                {
                    "DestinationCidrBlock": "0.0.0.0/0",
                    "GatewayId": _ec2._DEFAULT_IGW_ID,
                    "State": "active",
                    "Origin": "CreateRoute",
                }
            )

    _ec2._init_defaults = init_defaults
    # The default scope was initialised while the module was imported.
    init_defaults()


# ---------------------------------------------------------------------------------------------
# IAM
# ---------------------------------------------------------------------------------------------


def instance_profile(*, name: str = "", arn: str = "") -> Record | None:
    return cast("Record | None", _iam._lookup_instance_profile(name=name, arn=arn))


def profile_reference(profile: Record) -> Record:
    return {"Arn": profile["Arn"], "Id": profile["InstanceProfileId"]}


def role(name: str) -> Record | None:
    return cast("Record | None", _iam._roles.get(name))


def managed_policy_exists(arn: str) -> bool:
    return bool(_iam.policy_known(arn))


def role_allows(role_name: str, action: str, resource: str) -> bool:
    """Whether the role's own policies allow the action: an Allow, and no Deny."""
    context = _evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account_id()}:assumed-role/{role_name}/instance",
        principal_type="AssumedRole",
        principal_account=account_id(),
        action=action,
        resource_arn=resource,
        region=region(),
    )
    policies = _evaluator._gather_role_policies(role_name, account_id())
    return cast("str", _evaluator.evaluate(context, policies).decision) == "Allow"


def install_managed_policy(name: str, document: str, description: str) -> None:
    """Add an AWS managed policy that MiniStack does not seed."""
    record = _iam._make_aws_managed_record(name, document, description)
    _iam._aws_managed_policies.setdefault(record["Arn"], record)


# ---------------------------------------------------------------------------------------------
# S3
# ---------------------------------------------------------------------------------------------


def bucket_exists(name: str) -> bool:
    return name in _s3._buckets


def set_bucket_tags(name: str, tags: dict[str, str]) -> None:
    if tags:
        _s3._bucket_tags[name] = tags
    else:
        _s3._bucket_tags.pop(name, None)


async def put_object(bucket: str, key: str, body: bytes) -> int:
    """Write an object as the S3 API would; the HTTP status."""
    status, _, _ = await _s3.handle_request("PUT", f"/{bucket}/{key}", {}, body, {})
    return cast("int", status)


# ---------------------------------------------------------------------------------------------
# Resource groups
# ---------------------------------------------------------------------------------------------


def resource_group(name: str) -> tuple[list[str], Record] | None:
    """The member ARNs and the query of a resource group, or None if there is no such group."""
    if name not in _groups._groups:
        return None
    return list(_groups._group_members.get(name) or []), dict(
        _groups._group_queries.get(name) or {}
    )


# ---------------------------------------------------------------------------------------------
# Systems Manager
# ---------------------------------------------------------------------------------------------


def install_ssm(
    wrap: Callable[[ServiceHandler], ServiceHandler], reset: Callable[[], None]
) -> None:
    """Put a handler in front of MiniStack's own, and clear our state whenever it clears its."""
    _ssm.handle_request = wrap(_ssm.handle_request)
    original = _ssm.reset

    def reset_both() -> None:
        original()
        reset()

    _ssm.reset = reset_both


def set_ssm_tags(resource_id: str, tags: dict[str, str]) -> None:
    _ssm._tags[resource_id] = tags


def drop_ssm_tags(resource_id: str) -> None:
    _ssm._tags.pop(resource_id, None)


def service_setting(setting_id: str) -> str:
    return cast("str", _ssm._service_setting_out(setting_id)["SettingValue"])


# ---------------------------------------------------------------------------------------------
# CloudFormation
# ---------------------------------------------------------------------------------------------


def install_resource_type(
    name: str,
    *,
    create: Callable[[str, Record, str], tuple[str, Record]],
    update: Callable[[str, Record, Record, str], tuple[str, Record]] | None,
    delete: Callable[[str, Record], None],
    replacing: tuple[str, ...],
    tagged: bool,
) -> None:
    """Register a resource type; `replacing` are the properties that a change replaces it for."""
    handlers: Record = {"create": create, "delete": delete}
    if update is not None:
        handlers["update"] = update
    _provisioners._RESOURCE_HANDLERS[name] = handlers
    _provisioners._REPLACING_PROPERTIES[name] = replacing
    if tagged:
        _provisioners._STACK_TAG_PROPERTY[name] = ("Tags", "list")


def install_resource_check(name: str, check: Callable[[Record, Record | None], None]) -> None:
    """Run `check(new_properties, old_properties)` before MiniStack creates or updates the type."""
    handlers = _provisioners._RESOURCE_HANDLERS[name]
    create, update = handlers["create"], handlers.get("update")

    def checked_create(logical_id: str, props: Record, stack_name: str) -> tuple[str, Record]:
        check(props, None)
        return cast("tuple[str, Record]", create(logical_id, props, stack_name))

    handlers["create"] = checked_create
    if update is not None:

        def checked_update(
            physical_id: str, old: Record, new: Record, *rest: Any
        ) -> tuple[str, Record]:
            check(new, old)
            return cast("tuple[str, Record]", update(physical_id, old, new, *rest))

        handlers["update"] = checked_update


def install_resource_aftermath(name: str, after: Callable[[str, Record], None]) -> None:
    """Run `after(physical_id, properties)` once MiniStack has created or updated the type."""
    handlers = _provisioners._RESOURCE_HANDLERS[name]
    _provisioners._STACK_TAG_PROPERTY.setdefault(name, ("Tags", "list"))
    for step, position in (("create", 1), ("update", 2)):
        handlers[step] = _followed_by(handlers[step], position, after)


def _followed_by(
    handler: Callable[..., tuple[str, Record]], position: int, after: Callable[[str, Record], None]
) -> Callable[..., tuple[str, Record]]:
    def followed(*arguments: Any) -> tuple[str, Record]:
        physical_id, attributes = handler(*arguments)
        after(physical_id, arguments[position])
        return physical_id, attributes

    return followed


def install_profile_names() -> None:
    """Let Ref give an instance profile's name, as on AWS; MiniStack's physical id is the ARN."""
    handlers = _provisioners._RESOURCE_HANDLERS["AWS::IAM::InstanceProfile"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def arn_of(name: str) -> str:
        return cast("str", (instance_profile(name=name) or {"Arn": name})["Arn"])

    def named(result: tuple[str, Record]) -> tuple[str, Record]:
        arn, attributes = result
        return arn.rpartition("/")[2], attributes

    handlers["create"] = lambda *arguments: named(create(*arguments))
    handlers["update"] = lambda name, *rest: named(update(arn_of(name), *rest))
    handlers["delete"] = lambda name, props: delete(arn_of(name), props)


def install_template_check(
    actions: tuple[str, ...], check: Callable[[str, str], str | None]
) -> None:
    """Run `check(stack_name, template)` before the actions; its text rejects the request."""
    for action in actions:
        _cfn_handlers._ACTION_HANDLERS[action] = _checked_action(
            _cfn_handlers._ACTION_HANDLERS[action], check
        )


def _checked_action(action: CfnAction, check: Callable[[str, str], str | None]) -> CfnAction:
    def checked(params: Record) -> Response:
        template, error = _cfn_helpers._resolve_template(params)
        if template and not error:
            problem = check(_stack_name(params), template)
            if problem:
                return cast("Response", _cfn_helpers._error("ValidationError", problem))
        return action(params)

    return checked


def _stack_name(params: Record) -> str:
    """The name, also where the request names the stack by its id."""
    given = cast("str", _cfn_helpers._p(params, "StackName"))
    return given.split("/")[1] if given.startswith("arn:") and "/" in given else given
