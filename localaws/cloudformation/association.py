"""`AWS::SSM::Association`: CloudFormation's way to State Manager's own calls.

An update passes every property of the template, as the resource's handler does, so that a removed
one is removed. `DocumentVersion` is refused, as the resource's reference says of documents that
AWS owns, with the error of a property that is not modelled.
"""

from localaws.adapter import Record, cloudformation, ssm
from localaws.systems_manager import calls
from localaws.systems_manager.engine import Engine


def install(engine: Engine) -> None:
    def create(props: Record) -> tuple[str, Record]:
        answer = calls.perform(engine, "CreateAssociation", props)
        return _identified(answer["AssociationDescription"]["AssociationId"])

    def update(association_id: str, old: Record, new: Record) -> tuple[str, Record]:
        # A change of tags only is no reason to run the association.
        if _without_tags(new) != _without_tags(old):
            request = {**_without_tags(new), "AssociationId": association_id}
            calls.perform(engine, "UpdateAssociation", request)
        ssm.set_tags(association_id, new.get("Tags", []))
        return _identified(association_id)

    def delete(association_id: str) -> None:
        request = {"AssociationId": association_id}
        calls.delete(engine, "DeleteAssociation", request, gone="AssociationDoesNotExist")

    cloudformation.install_resource_type(
        "AWS::SSM::Association", create=create, update=update, delete=delete, replacing=()
    )


def _without_tags(props: Record) -> Record:
    return {name: value for name, value in props.items() if name != "Tags"}


def _identified(association_id: str) -> tuple[str, Record]:
    return association_id, {"AssociationId": association_id}
