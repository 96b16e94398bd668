"""No argument of anything public ends in an error of jsii or Python, whatever its type."""

from collections.abc import Callable, Iterator
from functools import partial
from inspect import signature
from itertools import count
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from oelab import constructs as public
from oelab.constraints.kinds import VALUE_TYPE
from oelab.constructs import (
    FileRule,
    InventoryAssociation,
    InventorySchedule,
    InventoryTargets,
    InventoryTypes,
    RegistryRule,
    fleet_data,
)
from oelab.constructs.fleet_data import FleetDataAccess, InventoryDataSync, InventoryTables
from oelab.findings import FindingsError
from tests.conformance import kinds_of_targets
from tests.synthesis import new_app, new_stack

SUBNET = "subnet-0123456789abcdef0"
GROUP = "sg-0123456789abcdef0"
TAGGED = InventoryTargets.tag("Environment", "OELabIPM")
ELSEWHERE = new_stack()
DATA = InventoryDataSync(ELSEWHERE, "Data")
PROFILE = iam.InstanceProfile.from_instance_profile_attributes(
    ELSEWHERE,
    "Profile",
    instance_profile_arn="arn:aws:iam::111122223333:instance-profile/Nodes",
    role=iam.Role.from_role_name(ELSEWHERE, "Role", "Nodes"),
)

# What each construct takes at least.
CONSTRUCTS: dict[type, dict[str, Any]] = {
    public.FleetAccess: {"owner": "platform"},
    FleetDataAccess: {"data": DATA, "tables": InventoryTables(ELSEWHERE, "Tables", data=DATA)},
    InventoryDataSync: {},
    InventoryTables: {"data": DATA},
    public.InstanceProfileAttachment: {"instance_profile": PROFILE, "targets": TAGGED},
    public.InventoryAssociation: {"targets": TAGGED},
    public.InventoryLogs: {},
    public.ManagedInstance: {
        "image_id": "ami-0123456789abcdef0",
        "instance_type": "t3.micro",
        "subnet": SUBNET,
        "security_groups": [GROUP],
    },
    public.ManagedInstancesRole: {},
    public.SystemsManagerEndpoints: {
        "vpc": "vpc-0123456789abcdef0",
        "subnets": [SUBNET],
        "route_tables": ["rtb-0123456789abcdef0"],
        "clients": [GROUP],
    },
    public.WorkloadNetwork: {},
}


def types(name: str, value: Any) -> dict[str, Any]:
    return {"types": InventoryTypes(**{name: value})}


def files(name: str, value: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"path": "/etc", "patterns": ("*",)}
    return types("files", (FileRule(**given | {name: value}),))


def registry(name: str, value: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"path": r"HKEY_USERS\X"}
    return types("windows_registry", (RegistryRule(**given | {name: value}),))


def targets_by_argument() -> Iterator[tuple[str, Callable[[Any], dict[str, Any]]]]:
    """Of each factory of targets each of its arguments, with texts for the others."""
    for factory in kinds_of_targets.FACTORIES:
        arguments = [*signature(getattr(InventoryTargets, factory)).parameters]
        for place, argument in enumerate(arguments):
            texts = ["x"] * len(arguments)
            yield f"{factory}, {argument}", partial(targets, factory, texts, place)


def targets(factory: str, texts: list[str], place: int, value: Any) -> dict[str, Any]:
    arguments = [*texts[:place], value, *texts[place + 1 :]]
    return {"targets": getattr(InventoryTargets, factory)(*arguments)}


# What makes a value that an association takes, by each of its arguments.
MAKERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    **dict(targets_by_argument()),
    "tags, values": lambda value: {"targets": InventoryTargets.tags({"Env": value})},
    "tags, value": lambda value: {"targets": InventoryTargets.tags({"Env": [value]})},
    "expression": lambda value: {"schedule": InventorySchedule(value)},
    "minutes": lambda value: {"schedule": InventorySchedule.rate(minutes=value)},
    "hours": lambda value: {"schedule": InventorySchedule.rate(hours=value)},
    "days": lambda value: {"schedule": InventorySchedule.rate(days=value)},
    "cron": lambda value: {"schedule": InventorySchedule.cron(value)},
    "offset": lambda value: {
        "schedule": InventorySchedule.cron("0 2 ? * SUN *", offset_days=value)
    },
    **{f"types, {name}": partial(types, name) for name in signature(InventoryTypes).parameters},
    **{f"files, {name}": partial(files, name) for name in signature(FileRule).parameters},
    **{f"registry, {name}": partial(registry, name) for name in signature(RegistryRule).parameters},
}
FUNCTIONS: dict[str, Callable[[Any], object]] = {
    "synth_or_exit": lambda value: public.synth_or_exit(value),
    "InventoryChecks.of, scope": lambda value: public.InventoryChecks.of(value),
    "InventoryChecks.of, strict": lambda value: public.InventoryChecks.of(new_app(), strict=value),
    "TemplateValidation.add_to, app": lambda value: public.TemplateValidation.add_to(value),
}
ENUMS = {"ComplianceSeverity", "SyncCompliance"}
WITHOUT_ARGUMENTS = {"InventoryChecks", "TemplateValidation"}


@pytest.fixture(scope="module")
def stack() -> cdk.Stack:
    return new_stack()


@pytest.fixture(scope="module")
def values(stack: cdk.Stack) -> list[Any]:
    """Values of all types: each argument takes a few of them at most."""
    trust = {"Version": "2012-10-17"}
    return [
        *(None, True, 0, 7, 1.5, "text", b"text", [], ["text"], [None], ("text",), [["text"]]),
        *({}, {"key": "text"}, {"key": ["text"]}, {1: None}, {"text"}, object(), str, print),
        *(stack, ec2.CfnVPC, ec2.CfnVPC(stack, "Vpc"), ec2.UserData.for_linux()),
        iam.CfnRole(stack, "Role", assume_role_policy_document=trust),
        iam.Role.from_role_name(stack, "Imported", "Nodes"),
        s3.Bucket.from_bucket_name(stack, "Bucket", "their-bucket"),
        public.ManagedInstancesRole(stack, "OwnRole", role_name="Other"),
        iam.InstanceProfile.from_instance_profile_name(stack, "OtherProfile", "Other"),
        *(InventorySchedule.rate(hours=1), InventoryTypes(), InventoryTargets.all_nodes()),
        *(public.ComplianceSeverity.HIGH, cdk.Aws.REGION, cdk.Fn.split(",", "a,b")),
        *(cdk.Fn.get_att("Vpc", "VpcId"), cdk.Token.as_number(cdk.Fn.ref("Number"))),
    ]


@pytest.fixture
def scopes(stack: cdk.Stack) -> Iterator[Construct]:
    """A scope of its own for each attempt."""
    parent = Construct(stack, f"Scope{len(stack.node.children)}")
    return (Construct(parent, str(number)) for number in count())


def test_every_public_name_is_tried() -> None:
    made = {"FileRule", "InventorySchedule", "InventoryTargets", "InventoryTypes", "RegistryRule"}
    tried = {construct.__name__ for construct in CONSTRUCTS} | {"synth_or_exit"}
    assert {*public.__all__, *fleet_data.__all__} == tried | made | ENUMS | WITHOUT_ARGUMENTS


def parameters_of(construct: type) -> list[str]:
    initializer: Callable[..., None] = vars(construct)["__init__"]
    return list(signature(initializer).parameters)[1:]


def attempt(subject: str, call: Callable[..., object], **given: Any) -> None:
    """Every finding names what it is about, what must hold and the way to fix it."""
    try:
        call(**given)
    except FindingsError as error:
        for finding in error.findings:
            assert str(finding.subject).startswith(subject)
            assert all((finding.reason, finding.remedy, finding.source))


@pytest.mark.parametrize(
    ("construct", "argument"),
    [(construct, argument) for construct in CONSTRUCTS for argument in parameters_of(construct)],
)
def test_constructs(
    construct: type, argument: str, values: list[Any], scopes: Iterator[Construct]
) -> None:
    is_placed = argument not in ("scope", "construct_id")
    for number, value in enumerate(values):
        scope, construct_id = next(scopes), f"{construct.__name__}{number}"
        subject = f"{scope.node.path}/{construct_id}: {argument}"
        place = {"scope": scope, "construct_id": construct_id}
        given = place | CONSTRUCTS[construct] | {argument: value}
        attempt(subject if is_placed else "", construct, **given)


@pytest.mark.parametrize("maker", MAKERS)
def test_values(maker: str, values: list[Any], scopes: Iterator[Construct]) -> None:
    for value in values:
        scope, made = next(scopes), MAKERS[maker](value)
        (argument,) = made
        given = {"scope": scope, "construct_id": "Made", "targets": TAGGED} | made
        attempt(f"{scope.node.path}/Made: {argument}", InventoryAssociation, **given)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions(function: str, values: list[Any]) -> None:
    for value in values:
        attempt("", FUNCTIONS[function], value=value)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"targets": InventoryTargets.tags({"Environment": "Production"})},
            "targets.Environment must be a list of 1 to 50 values, got 'Production'; write "
            "['Production'] (",
        ),
        (
            {"types": InventoryTypes(files=(FileRule(path="/etc", patterns="*.conf"),))},  # type: ignore[arg-type]
            "types.files[0].patterns must be a list of 1 or more patterns such as '*', got "
            "'*.conf'; write ['*.conf'] (",
        ),
        (
            {"targets": InventoryTargets.tag("Environment", ["A", "B"])},  # type: ignore[arg-type]
            "targets.Environment[0] must be up to 256 letters, digits, spaces and _ . : / = + - @, "
            "got ['A', 'B']; give a text (",
        ),
        (
            {"schedule": "rate(1 day)"},
            "schedule must be of type InventorySchedule, got 'rate(1 day)'; make it by "
            "InventorySchedule (",
        ),
        (
            {"max_errors": True},
            "max_errors must be of type text, got True; give one of that type (",
        ),
    ],
)
def test_a_slip_is_named_with_the_path_and_the_way_to_fix_it(
    stack: cdk.Stack, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(FindingsError) as error:
        InventoryAssociation(stack, "Slip", **({"targets": TAGGED} | wrong))
    assert str(error.value).startswith(f"Stack/Slip: {sentence}")
    assert [finding.rule for finding in error.value.findings] == [VALUE_TYPE]
