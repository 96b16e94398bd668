"""An AWS error: what a service answers instead of a result."""


class AwsError(Exception):
    """`code` is what botocore's `ClientError` shows as `Error.Code`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def not_modelled(what: str) -> AwsError:
    """The error for what AWS has and this local AWS lacks, so that it is not taken for absent."""
    return AwsError("NotImplemented", f"The local AWS does not model {what}")
