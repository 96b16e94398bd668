"""What a change allows, and what it does beside the resources, in words."""

import aws_cdk as cdk
import pytest

from oelab.diff import Effect, Stack, StackChange, compare
from oelab.diff.images import moving_images
from oelab.settings import LogSettings, RoleSettings, Settings
from tests.diff.versions import inventory, lab, prod, resource, version, workloads


@pytest.fixture(scope="module")
def base() -> dict[str, Stack]:
    return version()


def change_of(stack: str, base: dict[str, Stack], settings: Settings) -> StackChange:
    (change,) = [each for each in compare(base, version(settings)) if each.name == stack]
    return change


def security(change: StackChange) -> set[str]:
    return {f"{'+' if each.added else '-'} {each.rule.words}" for each in change.security}


def test_ingress_is_told_with_port_and_range(base: dict[str, Stack]) -> None:
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


def test_a_group_that_is_made_without_egress_rules_lets_everything_out() -> None:
    assert rules({}, group()) == {f"+ {EVERYTHING}"}
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}
    ruled = group(SecurityGroupEgress=[web])
    assert rules(group(), ruled) == {f"- {EVERYTHING}", "+ out: tcp 443 to 0.0.0.0/0"}
    # EC2 gives its rule for everything to new groups alone.
    assert rules(ruled, group()) == {"- out: tcp 443 to 0.0.0.0/0"}
    anew = group(GroupDescription="a new one")
    assert rules(ruled, anew) == {"- out: tcp 443 to 0.0.0.0/0", f"+ {EVERYTHING}"}


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
def test_rules_of_a_condition_are_told_as_such(ingress: object) -> None:
    found = rules(group(), group(SecurityGroupIngress=ingress))
    assert found == {"+ in: all traffic from 0.0.0.0/0, where a condition holds"}


def test_rules_that_are_not_known_are_told_as_they_stand() -> None:
    asked = {"Fn::FindInMap": ["Rules", "web", "ingress"]}
    (words,) = rules(group(), group(SecurityGroupIngress=[asked]))
    assert words.startswith('+ in: {"Fn::FindInMap": ')


def test_rules_of_a_conditional_resource_are_told_as_such() -> None:
    def beside(**attributes: str) -> dict[str, Stack]:
        rule = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": "g"} | ALL}
        resources = {"Rule": rule | attributes} if attributes else {}
        return {"Own": Stack(name="Own", template={"Resources": resources})}

    assert rules(beside(), beside(Condition="Open")) == {
        "+ in: all traffic from 0.0.0.0/0 of g, where a condition holds"
    }


def test_policies_of_a_condition_are_told_as_such() -> None:
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


def test_policies_are_told_with_their_actions(base: dict[str, Stack]) -> None:
    restricted = lab(role=RoleSettings(restricted_permissions=True))
    words = security(change_of("OELabFoundation", base, restricted))
    assert "- policy arn:${AWS::Partition}:iam::aws:policy/AmazonSSMManagedInstanceCore" in words
    (added,) = [each for each in words if each.startswith("+")]
    assert added.startswith("+ allow ssm:DescribeAssociation, ssm:DescribeDocument, ")
    assert added.endswith(" on * for ${ManagedInstancesRole6A00602B}")


def test_the_log_bucket_tells_who_may_write_and_who_may_not(base: dict[str, Stack]) -> None:
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


def test_protection_and_stack_tags_are_told(base: dict[str, Stack]) -> None:
    (unprotected,) = compare(base, version(prod(protection=False)))
    assert unprotected.settings == ("termination protection off",)
    assert unprotected.protected
    owned = {change.name: change for change in compare(base, version(lab(owner="someone")))}
    assert owned["OELabStack1"].settings == ("stack tag Owner from oelab to someone",)
    assert "all of its resources" in owned["OELabStack1"].notes[0]
    assert owned["OELabStack1"].severity is Effect.CHANGED


def test_another_order_of_work_changes_no_resource(base: dict[str, Stack]) -> None:
    def unordered(app: cdk.App) -> None:
        route = resource("OELabStack2", "Network", "InternetRoute")(app)
        for other in ("GatewayAttachment", "RouteTableAssociation"):
            route.remove_resource_dependency(resource("OELabStack2", "Network", other)(app))

    (change,) = compare(base, version(edit=unordered))
    assert change.resources == ()
    (order,) = change.settings
    assert order.startswith("NetworkInternetRoute")
    assert ".DependsOn removed, it was " in order


def test_what_comes_beside_the_resources_is_told_value_by_value(base: dict[str, Stack]) -> None:
    single = version(prod(web_instances=1))
    (more,) = compare(single, base)
    address = "http://${Web2.PublicDnsName}"
    assert more.settings == (
        "Outputs.SecondaryURL.Description added: Web page of Web2",
        f"Outputs.SecondaryURL.Value added: {address}",
    )
    (less,) = compare(base, single)
    assert f"Outputs.SecondaryURL.Value removed, it was {address}" in less.settings


def test_a_parameter_that_comes_or_goes_is_told_by_its_default(base: dict[str, Stack]) -> None:
    change = change_of("OELabStack2", base, lab(image="/mine"))
    gone, new = change.settings
    assert gone.endswith(f"Parameter removed, it was {Settings().image}")
    assert new.endswith("Parameter added: /mine")


def test_a_stack_that_moves_is_left_behind_where_it_was() -> None:
    here, there = (
        version(lab(account="111122223333", region=region)) for region in ("eu-west-1", "eu-west-2")
    )
    changes = compare(here, there)
    assert len(changes) == len(here)
    for change in changes:
        assert change.effect is Effect.LEFT_BEHIND
        assert change.notes[0].startswith("the stack in 111122223333/eu-west-1 stays there")
        assert change.notes[0].endswith(f"--stack-name {change.name} --region eu-west-1")
        assert {each.effect for each in change.resources} == {Effect.ADDED}


def test_a_stack_left_behind_says_what_is_left_to_do(base: dict[str, Stack]) -> None:
    changes = {each.name: each for each in compare(base, version(prod(stack_name="OELabProd")))}
    gone, *renamed = changes["OELabStack2"].notes
    assert "--no-enable-termination-protection --stack-name OELabStack2 && " in gone
    assert gone.endswith("aws cloudformation delete-stack --stack-name OELabStack2")
    assert renamed == [
        "renamed to OELabProd? A stack cannot be renamed: OELabProd is a new one, with new "
        "resources"
    ]


def test_a_stack_elsewhere_tells_its_rules_and_the_names_that_are_taken() -> None:
    def at(region: str, *, suffix: bool = False, account: str = "111122223333") -> dict[str, Stack]:
        role = RoleSettings(region_suffix=suffix)
        return version(lab(account=account, region=region, role=role))

    changes = compare(at("eu-west-1"), at("eu-west-2"))
    foundation = next(change for change in changes if change.name == "OELabFoundation")
    assert any("sts:AssumeRole" in words for words in security(foundation))
    taken = [note for note in foundation.notes if note.startswith("cannot be deployed: ")]
    assert {note.split()[3] for note in taken} == {
        "ManagedInstancesRole6A00602B",
        "ManagedInstancesRoleInstanceProfile913BF133",
    }
    for free in (
        compare(at("eu-west-1", suffix=True), at("eu-west-2", suffix=True)),
        compare(at("eu-west-1"), at("eu-west-2", account="444455556666")),
    ):
        assert not [note for change in free for note in change.notes if "cannot" in note]


def test_images_that_aws_moves_are_noted(base: dict[str, Stack]) -> None:
    (note,) = moving_images(base, version(prod(name="Live")))
    assert note.startswith("the images of OELabStack1, OELabStack2 are what a parameter ")
    assert not [*moving_images({}, base)], "new instances are not replaced"
    pinned = version(lab(image="ami-0123456789abcdef0"))
    assert not [*moving_images(base, pinned)]
