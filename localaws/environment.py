"""The environment that points the CDK CLI, the AWS CLI and boto3 at a local server."""

DEFAULT_REGION = "us-east-1"


def endpoint(port: int) -> str:
    """`localhost` and not `127.0.0.1`: S3's virtual-host addressing needs a name."""
    return f"http://localhost:{port}"


def client_environment(port: int, cdk_home: str) -> dict[str, str]:
    """Variables for the clients.

    `CDK_HOME` must belong to this server alone: the CDK CLI remembers there which account an
    access key belongs to, and a memory from elsewhere makes it refuse the deployment.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint(port),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": DEFAULT_REGION,
        "AWS_DEFAULT_REGION": DEFAULT_REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_HOME": cdk_home,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        # A proxy in the shell must not be asked for this machine.
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
    }


# Whatever the person's shell holds would win over the variables above, or send a request to AWS.
UNWANTED_VARIABLES = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SSM",
    "AWS_ENDPOINT_URL_EC2",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_CLOUDFORMATION",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)


def server_environment(port: int) -> dict[str, str]:
    """Variables for MiniStack itself: one loopback port, nothing on disk, no Docker."""
    return {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "AUTH": "false",
        # Whatever else the shell may hold for a MiniStack or LocalStack of its own.
        "MINISTACK_ACCOUNT_ID": "000000000000",
        "MINISTACK_REGION": DEFAULT_REGION,
        "MINISTACK_HOST": "localhost",
        "SERVICES": "",
        "USE_SSL": "0",
        "LOCALSTACK_PERSISTENCE": "0",
        # A socket that cannot exist: MiniStack then never looks for containers to clean up.
        "DOCKER_HOST": "unix:///nonexistent/localaws.sock",
    }
