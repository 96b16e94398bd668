"""The example app, as the installed wheel synthesizes it."""

from tests.synthesis import Template, of_type, only


def test_each_environment_has_an_association_of_its_own(example: dict[str, Template]) -> None:
    assert set(example) == {"BackofficeStaging", "BackofficeProduction"}
    association = only(example["BackofficeStaging"], "AWS::SSM::Association")["Properties"]
    assert association["Targets"] == [
        {"Key": "tag:Service", "Values": ["backoffice"]},
        {"Key": "tag:Environment", "Values": ["Staging"]},
    ]
    assert association["Parameters"]["windowsUpdates"] == ["Disabled"]


def test_nodes_may_use_the_key_of_the_bucket(example: dict[str, Template]) -> None:
    actions = {
        action
        for policy in of_type(example["BackofficeProduction"], "AWS::IAM::Policy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert "kms:GenerateDataKey" in actions
