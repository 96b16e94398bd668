"""The environment of the server, and the one that points the CDK CLI and boto3 at it."""

import os

DEFAULT_REGION = "us-east-1"
DEFAULT_ACCOUNT = "000000000000"


LOOPBACK = "localhost,127.0.0.1"
"""What a proxy in the shell must not be asked for."""


def endpoint(port: int) -> str:
    """`localhost` and not `127.0.0.1`: S3's virtual-host addressing needs a name."""
    return f"http://localhost:{port}"


def client_environment(port: int, cdk_home: str) -> dict[str, str]:
    """Variables for the clients.

    `CDK_HOME` must belong to this server only: the CDK CLI remembers there which account an access
    key belongs to, and a memory from elsewhere makes it refuse the deployment.
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
        "NO_PROXY": no_proxy(),
        "no_proxy": no_proxy(),
    }


def no_proxy() -> str:
    """What the shell asks no proxy for, and this machine.

    Both spellings have all: programs differ in which they read first.
    """
    named = [os.environ.get(name, "") for name in ("NO_PROXY", "no_proxy")]
    return ",".join(
        dict.fromkeys(host for part in (*named, LOOPBACK) for host in part.split(",") if host)
    )


def server_environment(port: int) -> dict[str, str]:
    """Variables for MiniStack itself: one loopback port, nothing on disk, no Docker.

    They also override what the shell may hold for a MiniStack or LocalStack of its own.
    """
    return {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "AUTH": "false",
        "MINISTACK_ACCOUNT_ID": DEFAULT_ACCOUNT,
        "MINISTACK_REGION": DEFAULT_REGION,
        "MINISTACK_HOST": "localhost",
        "SERVICES": "",
        "USE_SSL": "0",
        "LOCALSTACK_PERSISTENCE": "0",
        # A socket that cannot exist: MiniStack then never looks for containers to clean up.
        "DOCKER_HOST": "unix:///nonexistent/localaws.sock",
    }
