"""Settings with which the app has all of its parts, for what holds of each of them."""

from oelab.settings import (
    ExistingInstanceSettings,
    FleetDataSettings,
    InventorySettings,
    LogSettings,
    RoleSettings,
    Settings,
)

# The lab, with the parts that it leaves off.
ALL_PARTS = Settings(
    role=RoleSettings(restricted_permissions=True),
    inventory=InventorySettings(logs=LogSettings(create_bucket=True, prefix="inventory")),
    existing_instances=ExistingInstanceSettings(attach_profile=True),
    fleet_data=FleetDataSettings(enabled=True, prefix="inventory"),
)
ORGANIZATION = Settings(
    fleet_data=FleetDataSettings(
        enabled=True,
        organization_id="o-a1b2c3d4e5",
        kms_key_arn="arn:aws:kms:us-east-1:111122223333:key/12345678-90ab-cdef-1234-567890abcdef",
    )
)
FORMS = {"Lab": Settings(), "AllParts": ALL_PARTS, "Organization": ORGANIZATION}
