"""The real CDK CLI deploys the real app to a local AWS."""

from localaws.cdk_cli import CdkCli


def bootstrap(
    cdk: CdkCli, *options: str, account: str = "000000000000", regions: tuple[str, ...] = ()
) -> None:
    """Bootstrap Regions of an account, for which the CLI need not synthesize the app."""
    places = (f"aws://{account}/{region}" for region in regions or ("us-east-1",))
    cdk.check("bootstrap", *places, *options, "--app", "")
