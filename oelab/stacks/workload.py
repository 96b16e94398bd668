"""One workload of the lab: web and app servers, and their network."""

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from oelab import tags as lab_tags
from oelab.constructs import ManagedInstance, WorkloadNetwork
from oelab.settings import InstanceKind, WorkloadSettings
from oelab.stacks.launch_image import LaunchImage, warn_of_latest

URL_OUTPUTS = ("PrimaryURL", "SecondaryURL")


class WorkloadStack(cdk.Stack):
    """The web and app instances of one workload.

    An instance's logical id is its role and number (`Web1`, `App2`), so that adding or removing
    one does not change the others.
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
        network = None if workload.subnet_id else self._define_network()
        self._subnet = network.subnet if network else workload.subnet_id
        self._security_groups = (
            [network.security_group] if network else list(workload.security_group_ids)
        )
        self._way_out = network.systems_manager_reachable if network else ()
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

    def _define_network(self) -> WorkloadNetwork:
        workload = self._workload
        return WorkloadNetwork(
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

    def _define_instances(
        self, kind: InstanceKind, *, serves_page: bool
    ) -> dict[str, ManagedInstance]:
        workload = self._workload
        user_data = self._image.user_data(kind.instance_type, serves_page=serves_page)
        instances = {}
        for construct_id in kind.names:
            instances[construct_id] = instance = ManagedInstance(
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
        return instances

    def _define_outputs(self, web: Mapping[str, ManagedInstance]) -> None:
        # Whether instances in an existing subnet get a public address is not known here.
        is_public = not (self._workload.private or self._workload.subnet_id)
        for output, (server_id, server) in zip(URL_OUTPUTS, web.items(), strict=False):
            address = server.attr_public_dns_name if is_public else server.attr_private_dns_name
            cdk.CfnOutput(
                self, output, description=f"Web page of {server_id}", value=f"http://{address}"
            )
