"""Reads all that the verdicts on a fleet need, in as few calls as bulk reading takes."""

from dataclasses import replace
from math import ceil

from oelab.review.expected_fleet import ExpectedFleet
from oelab.review.read.associations import read_associations, read_histories
from oelab.review.read.compliance import read_compliance
from oelab.review.read.connection import Connection, results
from oelab.review.read.iam import read_profiles
from oelab.review.read.inventory import read_captures
from oelab.review.read.networks import read_networks
from oelab.review.read.nodes import read_fleet_nodes, read_host_role
from oelab.review.snapshots import FleetSnapshot
from oelab.systems_manager.documents import INVENTORY_DOCUMENT

NODES_ON_A_PAGE = 50
"""The most that Systems Manager lists at a time. Source: its API reference, MaxResults."""


def read_fleet(aws: Connection, expected: ExpectedFleet) -> FleetSnapshot:
    """A snapshot of one environment; what could not be read is unread in it."""
    compliance = aws.start(read_compliance)
    associations = aws.start(read_associations, INVENTORY_DOCUMENT)
    fleet = read_fleet_nodes(aws, expected, associations)
    has_windows = any(node.is_windows for node in fleet.nodes.values())
    # Where nodes are unread, no verdict needs more of them.
    is_known = fleet.knows_nodes
    types = expected.types(has_windows=has_windows) if is_known else ()
    # Each lists all nodes: they themselves, runs, compliance, and the inventory of each type.
    aws.meter.add(expected=(3 + len(types)) * ceil(len(fleet.nodes) / NODES_ON_A_PAGE))
    ids = fleet.nodes.keys() | fleet.instances.keys()
    captures = {each: aws.start(read_captures, each, ids) for each in types}

    ours = [fleet.instances[x] for x in expected.nodes_of(fleet) if x in fleet.instances]
    running = [each for each in ours if each.is_running and is_known]
    in_doubt = [each for each in running if not fleet.is_online(each.instance_id)]
    profiles = aws.start(read_profiles, {each.profile for each in in_doubt if each.profile})
    networks = aws.start(read_networks, {each.vpc_id for each in in_doubt if each.vpc_id})
    needs_host_role = any(not each.profile for each in running)
    host_role = aws.start(read_host_role) if needs_host_role else None

    return replace(
        read_histories(aws, fleet),
        host_role=host_role.result() if host_role else "",
        **results(captures=captures, compliance=compliance, profiles=profiles, networks=networks),
    )
