"""An AWS error: what a service answers instead of a result."""


class AwsError(Exception):
    """`code` is what botocore's `ClientError` shows as `Error.Code`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class ResourceError(ValueError):
    """A resource that CloudFormation could not bring up; the stack rolls back.

    MiniStack takes the text of any exception as the reason in the stack's events.
    """

    def __init__(self, service: str, error: AwsError) -> None:
        super().__init__(
            f"{error.message} (Service: {service}; Status Code: {error.status}; "
            f"Error Code: {error.code})"
        )
        self.code = error.code
