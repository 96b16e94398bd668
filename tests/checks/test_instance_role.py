"""The instance profile of a node, its role, and what that allows."""

from typing import Any

import pytest

from oelab.environment import Environment
from oelab.findings import Finding, Severity
from oelab.systems_manager import permissions
from tests.checks.templates import (
    DUBLIN,
    FRANKFURT,
    Properties,
    att,
    for_all,
    instance,
    of,
    ref,
    resource,
    resource_of,
    stack,
)

CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"},
        }
    ]
}


def role(*arns: Any, **properties: Any) -> Properties:
    properties = {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": list(arns)} | properties
    return resource("IAM::Role", **properties)


def profile(role_name: Any = None, **properties: Any) -> Properties:
    return resource("IAM::InstanceProfile", Roles=[role_name or ref("Role")], **properties)


def allow(*actions: str, **statement: Any) -> Properties:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"} | statement


def document(*statements: Any) -> Properties:
    return {"Statement": list(statements)}


def inline(*statements: Any) -> Properties:
    return role(Policies=[{"PolicyName": "Inline", "PolicyDocument": document(*statements)}])


def on_roles(
    node_role: Properties, *, strict: bool = False, **resources: Properties
) -> list[Finding]:
    web = instance(IamInstanceProfile=ref("Profile"))
    app = {"I": for_all(), "Web": web, "Profile": profile(), "Role": node_role, **resources}
    return of("NodeRole", stack(app), strict=strict)


# --- the profile -------------------------------------------------------------------------------


def test_an_instance_without_a_profile_fails() -> None:
    app = stack({"Inventory": for_all(), "Web": instance(IamInstanceProfile=None)})
    (finding,) = of("NodeInstanceProfile", app)
    assert finding.severity is Severity.ERROR
    assert (resource_of(finding).path, finding.value) == ("S/Web", "none")
    assert "since S/Inventory gathers its inventory" in finding.reason


def test_an_instance_that_nothing_reaches_needs_no_profile() -> None:
    lacking = instance(IamInstanceProfile=None)
    elsewhere = stack({"Web": lacking}, "Other", DUBLIN)
    assert of("NodeInstanceProfile", stack({"Inventory": for_all()}), elsewhere) == []
    assert of("NodeInstanceProfile", stack({"Web": lacking})) == []


def test_default_host_management_of_the_app_needs_no_profile() -> None:
    setting = resource(
        "SSM::ServiceSetting",
        SettingId="/ssm/managed-instance/default-ec2-instance-management-role",
    )
    app = {"I": for_all(), "Web": instance(IamInstanceProfile=None), "Setting": setting}
    assert of("NodeInstanceProfile", stack(app)) == []


def test_other_settings_of_the_service_change_nothing() -> None:
    setting = resource(
        "SSM::ServiceSetting", SettingId="/ssm/parameter-store/default-parameter-tier"
    )
    app = {"I": for_all(), "Web": instance(IamInstanceProfile=None), "Setting": setting}
    assert of("NodeInstanceProfile", stack(app))


def test_an_unknown_launch_template_may_bring_a_profile() -> None:
    web = instance(IamInstanceProfile=None, LaunchTemplate={"LaunchTemplateId": "lt-1"})
    app = stack({"I": for_all(), "Web": web})
    assert of("NodeInstanceProfile", app) == []
    assert of("NodeInstanceProfile", app, strict=True)


@pytest.mark.parametrize("name", ["FromElsewhere", ref("Parameter")])
def test_a_profile_from_elsewhere_is_reported_to_the_strict_only(name: Any) -> None:
    app = stack({"I": for_all(), "Web": instance(IamInstanceProfile=name)})
    assert of("NodeInstanceProfile", app) == []
    (finding,) = of("NodeInstanceProfile", app, strict=True)
    assert finding.severity is Severity.WARNING
    assert finding.remedy.startswith("this cannot be known from the app; ")


def by_name(environment: Environment, name: Any = "Nodes") -> list[Finding]:
    foundation = {"Profile": profile(InstanceProfileName="Nodes"), "Role": role()}
    return of(
        "NodeRole",
        stack({"I": for_all(), "Web": instance(IamInstanceProfile=name)}),
        stack(foundation, "Foundation", environment),
    )


def test_a_profile_is_found_by_name_in_any_region_of_the_account() -> None:
    (finding,) = by_name(DUBLIN)
    assert resource_of(finding).path == "Foundation/Role"
    assert by_name(FRANKFURT, "arn:aws:iam::111111111111:instance-profile/some/path/Nodes")
    assert by_name(Environment("222222222222", "eu-central-1")) == []


def test_a_role_is_found_by_name() -> None:
    web = instance(IamInstanceProfile=ref("Profile"))
    app = {"I": for_all(), "Web": web, "Profile": profile("Nodes")}
    assert of("NodeRole", stack({**app, "Role": role(RoleName="Nodes")}))
    assert of("NodeRole", stack({**app, "Role": role(RoleName="Others")})) == []


def test_a_profile_may_be_given_by_its_arn() -> None:
    data = {"IamInstanceProfile": {"Arn": att("Profile", "Arn")}}
    template = resource("EC2::LaunchTemplate", LaunchTemplateData=data)
    app = {"I": for_all(), "Template": template, "Profile": profile(), "Role": role()}
    assert of("NodeRole", stack(app))


# --- permissions -------------------------------------------------------------------------------


def test_a_role_without_permissions_fails_once_for_all_of_its_nodes() -> None:
    other = instance(IamInstanceProfile=ref("Profile"))
    (finding,) = on_roles(role(), Other=other)
    assert finding.severity is Severity.ERROR
    assert str(finding).startswith(
        "S/Role must allow what the agent of S/Web calls, got 'none of its "
        f"{len(permissions.MANAGED_NODE)} actions'; attach AmazonSSMManagedInstanceCore"
    )


@pytest.mark.parametrize(
    "node_role",
    [
        role(CORE),
        role("arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy"),
        role({"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"}),
        role(
            {"Fn::Join": ["", ["arn:", ref("AWS::Partition"), ":iam::aws:policy/PowerUserAccess"]]}
        ),
        inline(allow(*permissions.MANAGED_NODE)),
        inline(allow("ssm:*", "SSMMessages:*")),
        inline(allow("ssm:?*"), allow("ssmmessages:*Channel")),
        inline(allow("*")),
        inline({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        role(Policies=[{"PolicyDocument": {"Statement": allow("*")}}]),
    ],
    ids=[
        "core",
        "default policy",
        "substituted",
        "joined",
        "listed",
        "by service",
        "wildcards",
        "all",
        "all but",
        "no list",
    ],
)
def test_roles_that_allow_all_that_is_needed(node_role: Properties) -> None:
    assert on_roles(node_role, strict=True) == []


@pytest.mark.parametrize(
    "name",
    [
        "AmazonSSMFullAccess",
        "AmazonSSMPatchAssociation",
        "AdministratorAccess-Amplify",
        "service-role/AmazonSSMAutomationRole",
        "service-role/AmazonSSMMaintenanceWindowRole",
        "aws-service-role/AmazonSSMServiceRolePolicy",
        "AWSCloud9SSMInstanceProfile",
    ],
)
def test_policies_that_exist_are_no_slips_of_others(name: str) -> None:
    node_role = role(CORE, f"arn:aws:iam::aws:policy/{name}")
    app = {
        "I": for_all(),
        "Web": instance(IamInstanceProfile=ref("Profile")),
        "Profile": profile(),
        "Role": node_role,
    }
    assert of("PolicyName", stack(app), strict=True) == []


@pytest.mark.parametrize(
    ("node_role", "missing"),
    [
        (role("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"), "none of its"),
        (role("arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"), "ssm:PutInventory"),
        (inline(allow("ssm:*")), "ssmmessages:OpenDataChannel"),
        (inline(allow("ssm:Get*", "ssmmessages:*")), "ssm:UpdateInstanceInformation"),
        (inline(allow("*"), allow("ssm:PutInventory", Effect="Deny")), "ssm:PutInventory"),
        (
            role(CORE, Policies=[{"PolicyDocument": document(allow("ssm:Put*", Effect="Deny"))}]),
            "ssm:PutInventory",
        ),
        (inline({"Effect": "Allow", "NotAction": ["ssm:*"], "Resource": "*"}), "ssm:PutInventory"),
    ],
    ids=["of S3", "read only", "no channels", "get", "denied", "core denied", "all but these"],
)
def test_roles_that_lack_something(node_role: Properties, missing: str) -> None:
    (finding,) = on_roles(node_role)
    assert finding.severity is Severity.ERROR
    assert missing in str(finding)


@pytest.mark.parametrize(
    "denial",
    [
        allow("ssm:*", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        allow("ssm:*", Effect="Deny", Resource="arn:aws:ssm:*:*:parameter/secret"),
        allow("s3:*", Effect="Deny"),
    ],
    ids=["condition", "resource", "other service"],
)
def test_denials_of_something_else_are_no_fault(denial: Properties) -> None:
    assert on_roles(inline(allow("*"), denial)) == []


@pytest.mark.parametrize(
    "node_role",
    [
        role("arn:aws:iam::aws:policy/SomeOtherPolicy"),
        role(ref("PolicyArn")),
        inline({"Fn::If": ["Wide", allow("*"), allow("s3:*")]}),
        inline(allow(ref("Action"))),  # type: ignore[arg-type]
        inline({"Effect": "Allow", "NotAction": ref("Actions"), "Resource": "*"}),
    ],
    ids=["AWS's", "token", "conditional", "action", "all but"],
)
def test_policies_of_unknown_content_are_reported_to_the_strict_only(node_role: Properties) -> None:
    assert on_roles(node_role) == []
    (finding,) = on_roles(node_role, strict=True)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "policy",
    [
        resource("IAM::Policy", PolicyDocument=document(allow("*")), Roles=[ref("Role")]),
        resource("IAM::ManagedPolicy", PolicyDocument=document(allow("*")), Roles=[ref("Role")]),
        resource("IAM::RolePolicy", PolicyDocument=document(allow("*")), RoleName=ref("Role")),
        resource("IAM::RolePolicy", PolicyDocument=document(allow("*")), RoleName="Nodes"),
    ],
)
def test_policies_that_name_the_role_count(policy: Properties) -> None:
    assert on_roles(role(RoleName="Nodes"), Policy=policy) == []


def test_policies_that_name_another_role_do_not_count() -> None:
    policy = resource("IAM::Policy", PolicyDocument=document(allow("*")), Roles=["Others"])
    single = resource("IAM::RolePolicy", PolicyDocument=document(allow("*")), RoleName="Others")
    assert on_roles(role(RoleName="Nodes"), Policy=policy, Single=single)


def test_managed_policies_of_the_app_are_read() -> None:
    wide = resource("IAM::ManagedPolicy", PolicyDocument=document(allow("*")))
    narrow = resource("IAM::ManagedPolicy", PolicyDocument=document(allow("s3:*")))
    assert on_roles(role(ref("Policy")), Policy=wide) == []
    assert on_roles(role(ref("Policy")), Policy=narrow)


# --- trust -------------------------------------------------------------------------------------


def trusting(principal: Any, effect: str = "Allow") -> Properties:
    statement = {"Effect": effect, "Action": "sts:AssumeRole", "Principal": principal}
    return role(CORE, AssumeRolePolicyDocument=document(statement))


@pytest.mark.parametrize(
    "principal",
    [
        {"Service": ["ssm.amazonaws.com", "ec2.amazonaws.com"]},
        {"Service": "ec2.amazonaws.com.cn"},
        {"Service": {"Fn::Join": ["", ["ec2.", ref("AWS::URLSuffix")]]}},
        "*",
    ],
)
def test_trust_in_ec2(principal: Any) -> None:
    assert on_roles(trusting(principal), strict=True) == []


@pytest.mark.parametrize(
    "node_role",
    [
        trusting({"Service": "ssm.amazonaws.com"}),
        trusting({"Service": "ec2.amazonaws.com"}, "Deny"),
        trusting(None),
        role(CORE, AssumeRolePolicyDocument=document()),
    ],
    ids=["other service", "denied", "no principal", "empty"],
)
def test_no_trust_in_ec2_fails(node_role: Properties) -> None:
    (finding,) = on_roles(node_role)
    assert finding.severity is Severity.ERROR
    assert str(finding).startswith("S/Role must trust ec2.amazonaws.com to serve S/Web")


@pytest.mark.parametrize(
    "node_role",
    [
        trusting({"Service": ref("Principal")}),
        role(CORE, AssumeRolePolicyDocument=document({"Fn::If": ["A", {}, {}]})),
    ],
)
def test_trust_in_tokens_is_reported_to_the_strict_only(node_role: Properties) -> None:
    assert on_roles(node_role) == []
    (finding,) = on_roles(node_role, strict=True)
    assert finding.severity is Severity.WARNING
