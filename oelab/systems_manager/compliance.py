"""What the statuses of compliance mean.

Sources: ComplianceItem in the Systems Manager API reference (the status is an empty string for a
Windows patch that is not applicable); "Understanding patch compliance state values" in the user
guide. Patch states are spelt `InstalledPendingReboot` in items and `INSTALLED_PENDING_REBOOT` in
the API reference.
"""

COMPLIANT = "COMPLIANT"
PATCH = "Patch"
"""The compliance type of patches."""

_STATES_THAT_COMPLY = ("installed", "installedother", "notapplicable")


def is_compliant_patch(state: str) -> bool:
    """Whether a patch of this state, in the spelling of either page, complies."""
    return state.replace("_", "").lower() in _STATES_THAT_COMPLY
