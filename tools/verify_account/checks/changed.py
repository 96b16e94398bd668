"""Changes of the app."""

from verify_account.account import (
    ASSOCIATION,
    OWN,
    QUICK_SETUP,
    STACKS,
    Account,
    RefutedError,
    expect,
)
from verify_account.check import check


def change(aws: Account, before: str, after: str) -> int:
    """Deploy a change; the effect that `oelab diff` expects of it, as its exit code."""
    aws.deploy(after)
    aws.instance_ids.append(aws.ids_by_name())
    # It reads only the two folders, so it is the same before and after the deployment.
    folders = [str(aws.folder / f"cdk.out.{name}") for name in (before, after)]
    expected, _ = aws.oelab("diff", *folders)
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
    expected = {QUICK_SETUP: "Success", OWN: "Skipped", ASSOCIATION: "Skipped"}

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
        for name in (QUICK_SETUP, OWN):
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
    aws.wait_for_nodes("replaced")
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
