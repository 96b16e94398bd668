"""What a change allows, and what it does in addition to the resources."""

import aws_cdk as cdk
import pytest

from oelab.diff.compare import StackChange, compare
from oelab.diff.vocabulary import Effect
from oelab.settings import LogSettings, RoleSettings, Settings
from oelab.template.assembly import Stack
from tests.diff.versions import inventory, lab, prod, resource, version, workloads


@pytest.fixture(scope="module")
def base() -> dict[str, Stack]:
    return version()


def change_of(stack: str, base: dict[str, Stack], settings: Settings) -> StackChange:
    (change,) = [each for each in compare(base, version(settings)) if each.name == stack]
    return change


def security(change: StackChange) -> set[str]:
    return {f"{'+' if each.added else '-'} {each.rule}" for each in change.security}


def test_ingress_is_reported_with_port_and_range(base: dict[str, Stack]) -> None:
    settings = prod(web_ingress_cidr="0.0.0.0/0", ssh_ingress_cidr="198.51.100.7/32")
    change = change_of("OELabStack2", base, settings)
    assert security(change) == {
        "+ in: tcp 80 from 0.0.0.0/0",
        "+ in: tcp 22 from 198.51.100.7/32",
    }
    closing = compare(version(settings), base)
    assert security(closing[0]) == {
        "- in: tcp 80 from 0.0.0.0/0",
        "- in: tcp 22 from 198.51.100.7/32",
    }


EVERYTHING = "out: all traffic to anywhere, as no rule says otherwise"


def group(**properties: object) -> dict[str, Stack]:
    resource = {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}
    return {"Own": Stack(name="Own", template={"Resources": {"Group": resource}})}


def rules(before: dict[str, Stack], after: dict[str, Stack]) -> set[str]:
    (change,) = compare(before, after)
    return security(change)


def test_a_group_that_is_created_without_egress_rules_lets_everything_out() -> None:
    assert rules({}, group()) == {f"+ {EVERYTHING}"}
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}
    ruled = group(SecurityGroupEgress=[web])
    assert rules(group(), ruled) == {f"- {EVERYTHING}", "+ out: tcp 443 to 0.0.0.0/0"}
    # EC2 adds its rule for all traffic only to a new group.
    assert rules(ruled, group()) == {"- out: tcp 443 to 0.0.0.0/0"}
    new = group(GroupDescription="a new one")
    assert rules(ruled, new) == {"- out: tcp 443 to 0.0.0.0/0", f"+ {EVERYTHING}"}


ALL = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
NOTHING = {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize(
    "ingress",
    [
        {"Fn::If": ["Open", [ALL], NOTHING]},
        {"Fn::If": ["Open", NOTHING, {"Fn::If": ["Wide", [ALL], []]}]},
        [{"Fn::If": ["Open", ALL, NOTHING]}],
    ],
)
def test_rules_of_a_condition_are_marked(ingress: object) -> None:
    found = rules(group(), group(SecurityGroupIngress=ingress))
    assert found == {"+ in: all traffic from 0.0.0.0/0, where a condition holds"}


def test_rules_that_are_not_known_are_reported_as_they_are_written() -> None:
    asked = {"Fn::FindInMap": ["Rules", "web", "ingress"]}
    (words,) = rules(group(), group(SecurityGroupIngress=[asked]))
    assert words.startswith('+ in: {"Fn::FindInMap": ')


def test_rules_of_a_conditional_resource_are_marked() -> None:
    def with_rule(**attributes: str) -> dict[str, Stack]:
        rule = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": "g"} | ALL}
        resources = {"Rule": rule | attributes} if attributes else {}
        return {"Own": Stack(name="Own", template={"Resources": resources})}

    assert rules(with_rule(), with_rule(Condition="Open")) == {
        "+ in: all traffic from 0.0.0.0/0 of g, where a condition holds"
    }


def test_policies_of_a_condition_are_marked() -> None:
    def role(**properties: object) -> dict[str, Stack]:
        resource = {"Type": "AWS::IAM::Role", "Properties": properties}
        return {"Own": Stack(name="Own", template={"Resources": {"Role": resource}})}

    admin = {"Fn::If": ["Open", ["arn:aws:iam::aws:policy/AdministratorAccess"], NOTHING]}
    statement = {
        "Fn::If": ["Open", {"Effect": {"Ref": "Which"}, "Action": "*", "Resource": "*"}, NOTHING]
    }
    document = {"PolicyName": "It", "PolicyDocument": {"Statement": [statement]}}
    assert rules(role(), role(ManagedPolicyArns=admin, Policies=[document])) == {
        "+ policy arn:aws:iam::aws:policy/AdministratorAccess, where a condition holds",
        "+ ${which} * on *, where a condition holds",
    }


def test_policies_are_reported_with_their_actions(base: dict[str, Stack]) -> None:
    restricted = lab(role=RoleSettings(restricted_permissions=True))
    words = security(change_of("OELabFoundation", base, restricted))
    assert "- policy arn:${AWS::Partition}:iam::aws:policy/AmazonSSMManagedInstanceCore" in words
    (added,) = [each for each in words if each.startswith("+")]
    assert added.startswith("+ allow ssm:DescribeAssociation, ssm:DescribeDocument, ")
    assert added.endswith(" on * for ${ManagedInstancesRole6A00602B}")


def test_a_new_bucket_has_the_statements_of_its_policy(base: dict[str, Stack]) -> None:
    settings = inventory(logs=LogSettings(create_bucket=True))
    words = security(change_of("OELabInventory", base, settings))
    assert any("allow s3:PutObject, s3:PutObjectAcl" in each for each in words)
    assert any(
        each.startswith("+ deny s3:*") and "to AWS *" in each and "aws:SecureTransport" in each
        for each in words
    )


def test_a_new_stack_brings_all_its_rules() -> None:
    changes = compare(version(workloads()), version())
    stacks = {change.name: change for change in changes}
    assert stacks["OELabStack1"].effect is Effect.ADDED
    assert security(stacks["OELabStack1"]) == {"+ out: tcp 443 to 0.0.0.0/0"}


def test_another_way_to_write_a_statement_is_no_change_of_it() -> None:
    def with_statement(statement: object) -> dict[str, Stack]:
        properties = {"AssumeRolePolicyDocument": {"Statement": statement}}
        role = {"Type": "AWS::IAM::Role", "Properties": properties}
        return {"Nodes": Stack(name="Nodes", template={"Resources": {"Role": role}})}

    one = {"Effect": "Allow", "Action": ["sts:B", "sts:A"], "Principal": {"Service": "x"}}
    same = {"Principal": {"Service": ["x"]}, "Action": ["sts:A", "sts:B"], "Effect": "Allow"}
    (change,) = compare(with_statement([one]), with_statement(same))
    assert change.resources[0].effect is Effect.CHANGED
    assert change.security == ()


def test_protection_and_stack_tags_are_settings_of_the_stack(base: dict[str, Stack]) -> None:
    (unprotected,) = compare(base, version(prod(protection=False)))
    assert unprotected.settings == ("termination protection off",)
    assert unprotected.protected
    owned = {change.name: change for change in compare(base, version(lab(owner="someone")))}
    assert owned["OELabStack1"].settings == ("stack tag Owner from oelab to someone",)
    assert owned["OELabStack1"].worst is Effect.CHANGED


def test_another_order_of_work_changes_no_resource(base: dict[str, Stack]) -> None:
    def unordered(app: cdk.App) -> None:
        route = resource("OELabStack2", "Network", "InternetRoute")(app)
        for other in ("GatewayAttachment", "RouteTableAssociation"):
            route.remove_resource_dependency(resource("OELabStack2", "Network", other)(app))

    (change,) = compare(base, version(edit=unordered))
    assert change.resources == ()
    (order,) = change.settings
    assert "InternetRouteF245D6FD.DependsOn removed" in order


def test_outputs_are_compared_value_by_value(base: dict[str, Stack]) -> None:
    single = version(prod(web_instances=1))
    (more,) = compare(single, base)
    address = "http://${Web2.PublicDnsName}"
    description, value = more.settings
    assert description.startswith("Outputs.SecondaryURL.Description added: Web page of Web2")
    assert value == f"Outputs.SecondaryURL.Value added: {address}"
    (less,) = compare(base, single)
    assert f"Outputs.SecondaryURL.Value removed, it was {address}" in less.settings


def test_a_parameter_comes_and_goes_with_its_default(base: dict[str, Stack]) -> None:
    settings = change_of("OELabStack2", base, lab(image="/mine")).settings
    assert any(each.endswith(f".Default removed, it was {Settings().image}") for each in settings)
    assert any(each.endswith(".Default added: /mine") for each in settings)


def test_a_stack_that_moves_is_left_behind_where_it_was() -> None:
    here, there = (version(lab(region=region)) for region in ("eu-west-1", "eu-west-2"))
    changes = compare(here, there)
    assert len(changes) == len(here)
    for change in changes:
        assert change.effect is Effect.LEFT_BEHIND
        assert {each.effect for each in change.resources} == {Effect.ADDED}
        assert change.security or change.name != "OELabFoundation"
        assert any(each.startswith("environment from ") for each in change.settings)


def test_an_environment_that_is_given_moves_nothing(base: dict[str, Stack]) -> None:
    changes = compare(base, version(lab(account="111122223333", region="eu-west-1")))
    assert {change.effect for change in changes} == {Effect.CHANGED}
    assert all("environment added: 111122223333/eu-west-1" in each.settings for each in changes)


def test_a_renamed_stack_is_left_behind_and_a_new_one(base: dict[str, Stack]) -> None:
    changes = compare(base, version(prod(stack_name="OELabProd")))
    assert {each.name: each.effect for each in changes} == {
        "OELabProd": Effect.ADDED,
        "OELabStack2": Effect.LEFT_BEHIND,
    }
