"""The deployment, and the review of it."""

import json
import time

from verify_account.account import (
    ASSOCIATION,
    OWNER,
    ROLE,
    Account,
    UnansweredError,
    expect,
    tags_of,
)
from verify_account.check import check
from verify_account.policies import POLICY


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
    documents = [aws.policy(each["PolicyArn"]) for each in attached]
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
    aws.wait_for_nodes("first")
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
