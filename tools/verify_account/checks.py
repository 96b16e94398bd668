"""The questions, each with a function that asks the account.

They run in the order of this file. What a function returns is the evidence for "yes";
`RefutedError` and `UnansweredError` are the other answers. docs/proven.md lists the same ids.
"""

import json
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import ClientError

from verify_account.account import (
    ASSOCIATION,
    LATEST,
    OWN_ASSOCIATION,
    OWNER,
    QUICK_SETUP,
    ROLE,
    ROOT,
    STACKS,
    Account,
    RefutedError,
    UnansweredError,
    expect,
    left_behind,
    tags_of,
)

POLICY = ROOT / "docs" / "deployer-policy.json"


@dataclass(frozen=True)
class Check:
    """One question that only an account can answer."""

    id: str
    question: str
    ask: Callable[[Account], str]


CHECKS: list[Check] = []


def check(id: str, question: str) -> Callable[[Callable[[Account], str]], Check]:  # noqa: A002
    """Register a check."""

    def register(ask: Callable[[Account], str]) -> Check:
        CHECKS.append(Check(id, question, ask))
        return CHECKS[-1]

    return register


# ---------------------------------------------------------------------------------------------
# Before anything is deployed
# ---------------------------------------------------------------------------------------------


@check("public-image", "Does the public parameter hold an image that EC2 has?")
def public_image(aws: Account) -> str:
    image_id = aws.client("ssm").get_parameter(Name=LATEST)["Parameter"]["Value"]
    (image,) = aws.client("ec2").describe_images(ImageIds=[image_id])["Images"]
    return f"{image_id}: {image['Name']}"


@check("deployer-policy-evaluated", "Does IAM evaluate the deployer's policy as our table does?")
def deployer_policy_evaluated(aws: Account) -> str:
    table = tomllib.loads((ROOT / "tests" / "gates" / "permissions.toml").read_text())
    rows = table["calls"]["deployer"]
    wrong = []
    for row in rows:
        resource = table["resources"].get(row["resource"], "*").replace("111122223333", aws.id)
        context = dict(row.get("context", {}))
        if "stack" in row:
            context["aws:ResourceTag/aws:cloudformation:stack-name"] = row["stack"]
        entries = [
            {
                "ContextKeyName": name,
                "ContextKeyValues": [value],
                "ContextKeyType": "boolean" if value in ("true", "false") else "string",
            }
            for name, value in context.items()
        ]
        answer = aws.client("iam").simulate_custom_policy(
            PolicyInputList=[POLICY.read_text()],
            ActionNames=[row["action"]],
            ResourceArns=[resource],
            ContextEntries=entries,
        )
        is_allowed = answer["EvaluationResults"][0]["EvalDecision"] == "allowed"
        if is_allowed != (row["expected"] == "allowed"):
            wrong.append(f"{row['action']} on {row['resource']} is not {row['expected']}")
    expect(not wrong, "; ".join(wrong))
    return f"{len(rows)} calls"


@check("schedules", "Does State Manager take the schedules that we take, and refuse the others?")
def schedules(aws: Account) -> str:
    rows = tomllib.loads((ROOT / "tests" / "conformance" / "schedule.toml").read_text())["row"]
    wrong = []
    for row in rows:
        is_accepted = True
        try:
            made = aws.associate(OWN_ASSOCIATION, "OELabVerify", "none", row["input"])
            aws.client("ssm").delete_association(AssociationId=made)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("InvalidSchedule", "ValidationException"):
                raise
            is_accepted = False
        if is_accepted != row["outcome"]["accepted"]:
            wrong.append(f"{row['input']} is {'' if is_accepted else 'not '}accepted")
    expect(not wrong, "; ".join(wrong))
    return f"{len(rows)} schedules"


# ---------------------------------------------------------------------------------------------
# Deploy and review
# ---------------------------------------------------------------------------------------------


@check("deploy", "Do all stacks deploy?")
def deploy(aws: Account) -> str:
    aws.deploy("first")
    aws.is_deployed = True
    aws.instance_ids.append(aws.ids_by_name())
    return ", ".join(f"{name} {id_}" for name, id_ in aws.instance_ids[0].items())


@check("deployer-policy-suffices", "Does the deployer's policy allow the whole deployment?")
def deployer_policy_suffices(aws: Account) -> str:
    role = f"cdk-hnb659fds-cfn-exec-role-{aws.id}-{aws.region}"
    iam = aws.client("iam")
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    documents = []
    for each in attached:
        version = iam.get_policy(PolicyArn=each["PolicyArn"])["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId=version)
        documents.append(found["PolicyVersion"]["Document"])
    if documents != [json.loads(POLICY.read_text())]:
        names = ", ".join(each["PolicyName"] for each in attached)
        raise UnansweredError(
            f"CloudFormation has deployed with {names}; bootstrap with docs/deployer-policy.json, "
            "as docs/deploying.md says, and run this again"
        )
    return f"{role} has no other policy"


@check("tags", "Do the instances, the role and the association carry their tags?")
def tags(aws: Account) -> str:
    owner = {"Owner": OWNER}
    lab = {"Environment": "OELabIPM", "SSMManaged": "True", "Patch Group": "Critical"} | owner
    for instance in aws.instances():
        expect(lab.items() <= tags_of(instance).items(), instance["InstanceId"], tags_of(instance))
    role = tags_of(aws.client("iam").list_role_tags(RoleName=ROLE))
    expect({"Environment": "OELabIPM", **owner}.items() <= role.items(), ROLE, role)
    listed = aws.client("ssm").list_tags_for_resource(
        ResourceType="Association", ResourceId=aws.association_id()
    )
    association = tags_of({"Tags": listed["TagList"]})
    expect(owner.items() <= association.items(), ASSOCIATION, association)
    return f"role {role}, association {association}"


@check("imdsv2", "Do the instances demand IMDSv2?")
def imdsv2(aws: Account) -> str:
    options = {each["InstanceId"]: each["MetadataOptions"] for each in aws.instances()}
    expect(all(each["HttpTokens"] == "required" for each in options.values()), "no", options)
    return ", ".join(options)


@check("nodes-arrive", "Are all instances managed and inventoried in time?")
def nodes_arrive(aws: Account) -> str:
    began = time.monotonic()
    aws.review("wait", "--timeout", str(int(60 * aws.minutes)), "--every", "5")
    return f"after {(time.monotonic() - began) / 60:.1f} minutes"


@check("association-runs", "Does the association run on each node, and end well?")
def association_runs(aws: Account) -> str:
    (association,) = aws.review("associations")["associations"]
    expect(association["node_count"] == len(aws.instance_ids[0]), "not all nodes", association)
    return f"{association['node_count']} nodes, last run {association['last_execution_date']}"


@check("inventory-types", "Do applications, network and instance details arrive of each node?")
def inventory_types(aws: Account) -> str:
    arrived = {}
    for node_id in aws.instance_ids[-1].values():
        for name in ("AWS:Application", "AWS:Network", "AWS:InstanceDetailedInformation"):
            found = aws.client("ssm").list_inventory_entries(InstanceId=node_id, TypeName=name)
            arrived[f"{name} of {node_id}"] = len(found["Entries"])
    expect(all(arrived.values()), "entries on the first page", arrived)
    return ", ".join(f"{number} {name}" for name, number in arrived.items())


@check("review-is-well", "Does the review find nothing on a healthy fleet?")
def review_is_well(aws: Account) -> str:
    totals = aws.review("status")["totals"]
    types = [each["compliance_type"] for each in aws.review("compliance")["types"]]
    aws.review("inventory", "--package", "*ssl*")
    return f"{totals}, compliance types: {', '.join(types)}"


@check("association-overview", "Is the overview in DescribeInstanceInformation as new as the run?")
def association_overview(aws: Account) -> str:
    named = {"AssociationId": aws.association_id()}
    runs = aws.listed("ssm", "describe_association_executions", "AssociationExecutions", **named)
    ended = {
        each["ResourceId"]: each["LastExecutionDate"]
        for run in sorted(runs, key=lambda each: each["CreatedTime"])
        for each in aws.listed(
            "ssm",
            "describe_association_execution_targets",
            "AssociationExecutionTargets",
            ExecutionId=run["ExecutionId"],
            **named,
        )
    }
    nodes = aws.listed("ssm", "describe_instance_information", "InstanceInformationList")
    seen = {}
    for node in nodes:
        if moment := ended.get(node["InstanceId"]):
            behind = (moment - node["LastAssociationExecutionDate"]).total_seconds()
            seen[node["InstanceId"]] = {**node["AssociationOverview"], "seconds behind": behind}
    is_new = all(each["seconds behind"] < 60 for each in seen.values())
    expect(is_new and bool(seen), "the overview is older", seen)
    return json.dumps(seen)


# ---------------------------------------------------------------------------------------------
# Change
# ---------------------------------------------------------------------------------------------


def change(aws: Account, before: str, after: str) -> int:
    """Deploy a change; the effect that `oelab diff` expected of it, as its exit code."""
    aws.cdk("synth", "--quiet", settings=after)
    folders = [str(aws.folder / f"cdk.out.{name}") for name in (before, after)]
    expected, _ = aws.oelab("diff", *folders)
    aws.deploy(after)
    aws.instance_ids.append(aws.ids_by_name())
    return expected


@check("second-deploy", "Does a second deployment change nothing?")
def second_deploy(aws: Account) -> str:
    printed = aws.deploy("first")
    expect(printed.count("(no changes)") == len(STACKS), printed[-2000:])
    return f"{len(STACKS)} stacks without changes"


@check("change-in-place", "Does a change that `oelab diff` calls in place keep the instances?")
def change_in_place(aws: Account) -> str:
    expected = change(aws, "first", "tagged")
    expect(expected == 10, f"oelab diff ended with {expected}")
    expect(aws.instance_ids[-1] == aws.instance_ids[-2], "other instances", aws.instance_ids)
    return ", ".join(aws.instance_ids[-1].values())


@check(
    "quick-setup-prevails", "Of three associations with one target, does only Quick Setup's run?"
)
def quick_setup_prevails(aws: Account) -> str:
    node_id = next(iter(aws.instance_ids[-1].values()))
    expected = {QUICK_SETUP: "Success", OWN_ASSOCIATION: "Skipped", ASSOCIATION: "Skipped"}

    def statuses() -> dict[str, str]:
        infos = aws.listed(
            "ssm",
            "describe_instance_associations_status",
            "InstanceAssociationStatusInfos",
            InstanceId=node_id,
        )
        return {each.get("AssociationName", ""): each["Status"] for each in infos}

    made = []
    try:
        # One by one, as each that was made is deleted even if the next one is refused.
        for name in (QUICK_SETUP, OWN_ASSOCIATION):
            made.append(aws.associate(name, "Environment", "OELabIPM", "rate(30 minutes)"))  # noqa: PERF401
        aws.wait_until(lambda: statuses() == expected, f"{expected}")
    except RefutedError as refuted:
        raise RefutedError(f"{refuted}, but {statuses()}") from None
    finally:
        for each in made:
            aws.client("ssm").delete_association(AssociationId=each)
    return str(expected)


@check("replaced-nodes-arrive", "Are instances that `oelab diff` calls replaced managed in time?")
def replaced_nodes_arrive(aws: Account) -> str:
    expected = change(aws, "tagged", "replaced")
    expect(expected in (20, 30), f"oelab diff ended with {expected}")
    kept = {*aws.instance_ids[-1].values()} & {*aws.instance_ids[-2].values()}
    expect(not kept, f"kept: {', '.join(kept)}")
    seconds = str(int(60 * aws.minutes))
    aws.review("wait", "--timeout", seconds, "--every", "5", settings="replaced")
    return ", ".join(aws.instance_ids[-1].values())


@check("terminated-nodes-leave", "Do terminated nodes leave the managed nodes, but not inventory?")
def terminated_nodes_leave(aws: Account) -> str:
    gone = {*aws.instance_ids[0].values()} - {*aws.instance_ids[-1].values()}
    expect(bool(gone), "no instance was terminated")

    def listed(operation: str, key: str, name: str) -> set[str]:
        return {each[name] for each in aws.listed("ssm", operation, key)}

    information = ("describe_instance_information", "InstanceInformationList", "InstanceId")
    aws.wait_until(lambda: not gone & listed(*information), "they are still managed nodes")
    kept = gone & listed("get_inventory", "Entities", "Id")
    expect(kept == gone, f"of {gone} inventory keeps {kept}")
    return ", ".join(sorted(gone))


# ---------------------------------------------------------------------------------------------
# Destroy
# ---------------------------------------------------------------------------------------------


@check("destroy", "Does `cdk destroy` leave nothing?")
def destroy(aws: Account) -> str:
    aws.cdk("destroy", "--all", "--force", settings="replaced")
    left = [what for what, _ in left_behind(aws)]
    expect(not left, ", ".join(left))
    return "no stack, instance, network, role or association is left"
