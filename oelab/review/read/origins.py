"""Where a value of the AWS configuration comes from, to name to who has to mend it."""

import os

import boto3
import botocore.session

# As botocore looks at them: the first that is set counts.
_PROFILE_VARIABLES = ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")
# boto3 alone of the SDKs looks at AWS_DEFAULT_REGION and not at AWS_REGION.
_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
_ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"


def default_profile() -> tuple[str, str]:
    """The profile of the environment and the variable that names it; "" for none."""
    return _variable(_PROFILE_VARIABLES)


def known_profiles() -> list[str]:
    """The profiles of the configuration, even where the environment names one that is not there."""
    return botocore.session.Session().available_profiles


def default_region(session: boto3.Session) -> tuple[str, str]:
    """The Region of the environment or the profile, and what names it; "" for none."""
    region, variable = _variable(_REGION_VARIABLES)
    if region:
        return region, variable
    return session.region_name or "", f"`region` of the profile {session.profile_name}"


def endpoint(service: str, profile: str) -> str:
    """What sets another endpoint for a service than AWS's own, or "".

    `service` is the prefix of its IAM actions. Source: AWS SDKs and Tools Reference Guide,
    service-specific endpoints.
    """
    session = botocore.session.Session(profile=profile or None)
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return ""
    name = {"servicequotas": "service_quotas"}.get(service, service)
    _, variable = _variable((f"{_ENDPOINT_VARIABLE}_{name.upper()}", _ENDPOINT_VARIABLE))
    if variable:
        return variable
    configured = session.get_scoped_config()
    services = session.full_config.get("services", {}).get(configured.get("services", ""), {})
    if "endpoint_url" in services.get(name, {}) or "endpoint_url" in configured:
        return f"`endpoint_url` of the profile {profile or session.profile or 'default'}"
    return ""


def _variable(names: tuple[str, ...]) -> tuple[str, str]:
    """The value and the name of the first of these that is set and not empty."""
    return next(((os.environ[name], name) for name in names if os.environ.get(name)), ("", ""))
