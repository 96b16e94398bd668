"""What is asked before anything is deployed."""

import tomllib

from botocore.exceptions import ClientError

from verify_account.account import LATEST, OWN, ROOT, Account, expect
from verify_account.check import check
from verify_account.policies import POLICY, evaluate


@check("public-image", "Does the public parameter hold an image that EC2 has?")
def public_image(aws: Account) -> str:
    image_id = aws.client("ssm").get_parameter(Name=LATEST)["Parameter"]["Value"]
    (image,) = aws.client("ec2").describe_images(ImageIds=[image_id])["Images"]
    return f"{image_id}: {image['Name']}"


@check("deployer-policy-evaluated", "Does IAM evaluate the deployer's policy as our table does?")
def deployer_policy_evaluated(aws: Account) -> str:
    return evaluate(aws, "deployer", POLICY.read_text())


@check("schedules", "Does State Manager take the schedules that we take, and refuse the others?")
def schedules(aws: Account) -> str:
    rows = tomllib.loads((ROOT / "tests" / "conformance" / "schedule.toml").read_text())["row"]
    wrong = []
    for row in rows:
        is_accepted = True
        try:
            made = aws.associate(OWN, "OELabVerify", "none", row["input"])
            aws.client("ssm").delete_association(AssociationId=made)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("InvalidSchedule", "ValidationException"):
                raise
            is_accepted = False
        if is_accepted != row["outcome"]["accepted"]:
            wrong.append(f"{row['input']} is {'' if is_accepted else 'not '}accepted")
    expect(not wrong, "; ".join(wrong))
    return f"{len(rows)} schedules"
