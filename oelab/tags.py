"""The tags that the lab puts on its instances and its role: one place for their keys and values.

Source: the template that the lab hands out. `Application` is the stack's id, `InstanceRole`,
`Workload` and `Name` differ by instance; the rest are the same on all of them.
"""

APPLICATION = "Application"
INSTANCE_ROLE = "InstanceRole"
NAME = "Name"
OWNER = "Owner"
WORKLOAD = "Workload"
ENVIRONMENT = "Environment"

LAB_ENVIRONMENT = "OELabIPM"

SHARED_BY_INSTANCES = {
    "SSMManaged": "True",
    "Confidentiality": "Public",
    ENVIRONMENT: LAB_ENVIRONMENT,
    "Patch Group": "Critical",
}

OF_ROLE = {ENVIRONMENT: LAB_ENVIRONMENT}
"""What the role carries of its own: the lab asks for one or more tags and names none."""

SET_BY_WORKLOAD = frozenset({APPLICATION, INSTANCE_ROLE, NAME, WORKLOAD})
