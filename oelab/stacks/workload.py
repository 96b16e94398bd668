"""A workload stack such as OELabStack1: its network and its instances."""

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from oelab import tags as lab_tags
from oelab.constructs import ManagedInstance, WorkloadNetwork
from oelab.settings import Settings, WorkloadSettings
from oelab.stacks import launch_image


class WorkloadStack(cdk.Stack):
    """The web and app instances of one workload.

    The image, the tags and the role of the instances are those of `settings`. An instance's logical
    id is its role and number (`Web1`, `App2`), so that adding or removing one does not change the
    others. `open_to` says in words who reaches the web pages, for a template whose parameters and
    not the settings decide it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        workload: WorkloadSettings,
        settings: Settings,
        open_to: str = "",
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=workload.protection, **stack)
        self._workload = workload
        self._settings = settings
        self._image_id = launch_image.image_id(self, settings)
        if workload.protection and launch_image.is_latest(settings):
            launch_image.warn_of_latest(self, accepted=workload.accept_latest_image)
        network = None if workload.subnet_id else self._define_network()
        self._define_outputs(
            self._define_instances(network), open_to or _who_reaches_pages(workload)
        )
        if workload.instance_profile == "":
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
            egress_ports=self._settings.family.egress_ports,
            web_ingress_cidr=workload.web_ingress_cidr or None,
            ssh_ingress_cidr=workload.ssh_ingress_cidr or None,
        )

    def _define_instances(self, network: WorkloadNetwork | None) -> dict[str, ManagedInstance]:
        workload, settings, role = self._workload, self._settings, self._settings.role
        profile = workload.instance_profile
        if profile in (None, role.name):
            profile = role.name_in(self.region)
        groups = [network.security_group] if network else workload.security_group_ids
        tags = {**settings.tags, lab_tags.APPLICATION: cdk.Aws.STACK_ID}
        instances = {}
        for kind in workload.kinds:
            user_data = launch_image.user_data(settings, kind)
            for name in kind.names:
                instances[name] = ManagedInstance(
                    self,
                    name,
                    image_id=self._image_id,
                    instance_type=kind.instance_type,
                    subnet=network.subnet if network else workload.subnet_id,
                    security_groups=groups,
                    instance_profile=profile or None,
                    key_name=workload.key_name or None,
                    root_device_name=settings.family.root_device_name,
                    user_data=user_data,
                    tags={
                        **tags,
                        lab_tags.INSTANCE_ROLE: kind.role,
                        lab_tags.WORKLOAD: workload.name,
                        lab_tags.NAME: f"{workload.name}-{name}",
                    },
                )
                for resource in network.systems_manager_reachable if network else ():
                    instances[name].add_resource_dependency(resource)
        return instances

    def _define_outputs(self, instances: Mapping[str, ManagedInstance], open_to: str) -> None:
        workload = self._workload
        # Whether instances in an existing subnet get a public address is not known here.
        is_public = not (workload.private or workload.subnet_id)
        web = [name for kind in workload.kinds if kind.serves_page for name in kind.names]
        for output, name in zip(("PrimaryURL", "SecondaryURL"), web, strict=False):
            server = instances[name]
            address = server.attr_public_dns_name if is_public else server.attr_private_dns_name
            cdk.CfnOutput(
                self,
                output,
                description=f"Web page of {name}, open to {open_to}",
                value=f"http://{address}",
            )


def _who_reaches_pages(workload: WorkloadSettings) -> str:
    """Who reaches port 80 of the web servers, and by which setting."""
    if workload.subnet_id:
        return "those whom the groups of the setting security_group_ids let in"
    if workload.web_ingress_cidr:
        return f"{workload.web_ingress_cidr} by the setting web_ingress_cidr"
    return "no one until the setting web_ingress_cidr names a range"
