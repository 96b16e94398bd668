"""`oelab preflight`."""

from oelab.review.commands.options import AsJson, Profiles, Quiet, Regions, SettingsFile, common


def preflight(
    profile: Profiles = None,
    region: Regions = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Look at the account before a deployment: would the stacks of the settings clash?

    Reads only. What the stacks themselves have deployed is no clash. Exit code 1 if the deployment
    would fail or not do what the settings say; notes alone do not count.
    """
    from oelab.review.commands.preflight_view import show
    from oelab.review.commands.session import run

    options = common(profile, region, settings, as_json, quiet)
    run(options, show)
