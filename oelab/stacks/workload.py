"""One workload of the lab: web and app servers, and their network."""

from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from oelab import tags as lab_tags
from oelab.constructs import ManagedInstance, WorkloadNetwork
from oelab.settings import InstanceKind, WorkloadSettings
from oelab.stacks.launch_image import LaunchImage, warn_of_latest
from oelab.stacks.user_data import first_start

URL_OUTPUTS = ("PrimaryURL", "SecondaryURL")


class WorkloadStack(cdk.Stack):
    """The web and app instances of one workload.

    An instance's logical id is its role and number (`Web1`, `App2`), so that adding or removing
    one leaves the others alone.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        workload: WorkloadSettings,
        image: LaunchImage,
        instance_tags: Mapping[str, str],
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=workload.protection, **stack)
        self._workload = workload
        self._instance_tags = {**instance_tags, lab_tags.APPLICATION: cdk.Aws.STACK_ID}
        self._image = image
        self._image_id = image.id_in(self)
        if workload.protection and image.is_latest:
            warn_of_latest(self, accepted=workload.accept_latest_image)
        self._subnet, self._security_groups, self._way_out = self._place()
        web = self._define_instances(workload.web, serves_page=True)
        self._define_instances(workload.app, serves_page=False)
        self._define_outputs(web)
        if not workload.instance_profile:
            cdk.Validations.of(self).acknowledge(
                cdk.Acknowledgment(
                    id="oelab::NodeInstanceProfile",
                    reason="The settings ask for none: as in the lab, it is attached later",
                )
            )

    def _place(
        self,
    ) -> tuple[
        str | ec2.CfnSubnet, Sequence[str | ec2.CfnSecurityGroup], Sequence[cdk.CfnResource]
    ]:
        workload = self._workload
        if workload.subnet_id:
            return workload.subnet_id, workload.security_group_ids, ()
        network = WorkloadNetwork(
            self,
            "Network",
            private=workload.private,
            vpc_cidr=workload.vpc_cidr,
            subnet_cidr=workload.subnet_cidr,
            availability_zone=workload.availability_zone or None,
            egress_ports=self._image.family.egress_ports,
            web_ingress_cidr=workload.web_ingress_cidr or None,
            ssh_ingress_cidr=workload.ssh_ingress_cidr or None,
        )
        return (
            network.subnet,
            [network.security_group],
            network.systems_manager_reachable,
        )

    def _define_instances(
        self, kind: InstanceKind, *, serves_page: bool
    ) -> dict[str, ManagedInstance]:
        user_data = first_start(self._image, kind.instance_type, serves_page=serves_page)
        return {
            construct_id: self._define_instance(construct_id, kind, user_data)
            for construct_id in kind.names
        }

    def _define_instance(
        self, construct_id: str, kind: InstanceKind, user_data: str | None
    ) -> ManagedInstance:
        workload = self._workload
        instance = ManagedInstance(
            self,
            construct_id,
            image_id=self._image_id,
            instance_type=kind.instance_type,
            subnet=self._subnet,
            security_groups=self._security_groups,
            instance_profile=workload.instance_profile or None,
            key_name=workload.key_name or None,
            root_device_name=self._image.family.root_device_name,
            user_data=user_data,
            tags={
                **self._instance_tags,
                lab_tags.INSTANCE_ROLE: kind.role,
                lab_tags.WORKLOAD: workload.name,
                lab_tags.NAME: f"{workload.name}-{construct_id}",
            },
        )
        for resource in self._way_out:
            instance.add_resource_dependency(resource)
        return instance

    def _define_outputs(self, web: Mapping[str, ManagedInstance]) -> None:
        # In an existing subnet nobody here knows whether instances get a public address.
        is_public = not (self._workload.private or self._workload.subnet_id)
        for output, (server_id, server) in zip(URL_OUTPUTS, web.items(), strict=False):
            address = server.attr_public_dns_name if is_public else server.attr_private_dns_name
            cdk.CfnOutput(
                self,
                output,
                description=f"Web page of {server_id}",
                value=f"http://{address}",
            )
