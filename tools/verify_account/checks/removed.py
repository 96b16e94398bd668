"""What the deletion leaves."""

from verify_account.account import Account, expect
from verify_account.check import check
from verify_account.remains import left_behind


@check("destroy", "Does `cdk destroy` leave nothing but the two buckets of the fleet's data?")
def destroy(aws: Account) -> str:
    kept = aws.data_buckets_of_stack()
    aws.cdk("destroy", "--all", "--force", settings="replaced")
    left = {*aws.data_buckets()}
    # They stay as their data may be needed, but these are of this run only.
    deleted = {name: aws.delete_bucket(name) for name in kept if name in left}
    expect({*kept} == left, f"of the buckets {kept} there are {left}")
    others = [what for what, _ in left_behind(aws)]
    expect(not others, ", ".join(others))
    buckets = ", ".join(f"{name} with {number} versions" for name, number in deleted.items())
    return f"no stack, instance, network, role or association is left; deleted: {buckets}"
