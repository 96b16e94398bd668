"""What the schemas say, against a second source: the one that `cdk diff` itself uses."""

import gzip
import json
from typing import Any

import pytest

from oelab.diff.effects import replacements
from oelab.diff.vocabulary import Replacement
from oelab.settings import LogSettings, RoleSettings
from oelab.template.assembly import NoAssemblyError, Stack
from tests.diff.versions import inventory, lab, prod, version
from tests.synthesis import ROOT

SPECIFICATION = ROOT / "node_modules" / "aws-cdk" / "db.json.gz"
REPLACEMENT = {"yes": Replacement.YES, "maybe": Replacement.MAYBE, "no": Replacement.NO}


@pytest.fixture(scope="module")
def specification() -> dict[str, dict[str, Any]]:
    """The properties of every resource type, as the CDK's own specification has them."""
    database = json.loads(gzip.decompress(SPECIFICATION.read_bytes()))
    types = database["schema"]["resource"]["entities"]
    return {each["cloudFormationType"]: each["properties"] for each in types}


def test_the_properties_of_the_lab_are_create_only_as_the_cdk_has_them(
    specification: dict[str, dict[str, Any]],
) -> None:
    versions = [
        version(prod(key_name="lab", private=True)),
        version(lab(role=RoleSettings(restricted_permissions=True))),
        version(inventory(logs=LogSettings(create_bucket=True))),
    ]
    compared = 0
    for stack in (stack for each in versions for stack in each.values()):
        by_schema = replacements(stack)
        for logical_id, resource in stack.resources.items():
            for name in resource.properties.value:
                expected = specification[resource.type][name].get("causesReplacement", "no")
                found = by_schema.get(logical_id, {}).get((name,), Replacement.NO)
                assert found == REPLACEMENT[expected], f"{resource.type}.{name}"
                compared += found is not Replacement.NO
    assert compared > 100


def test_a_template_that_cannot_be_read_is_no_template_without_changes() -> None:
    deep: Any = "too deep"
    for _ in range(300):
        deep = [deep]
    resource = {"Type": "AWS::EC2::Instance", "Properties": {"UserData": deep}}
    with pytest.raises(NoAssemblyError, match="template of Deep cannot"):
        replacements(Stack(name="Deep", template={"Resources": {"Web1": resource}}))
