"""Makes reports of what was read: pure functions of snapshots and settings."""
