"""The rules that the CDK adds to the engine, as the installed version of the CDK brings them."""

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import PurePosixPath

FOLDER = PurePosixPath("package/core/lib/validation/rules")
SERVICES = ("AWS::GameLift::",)


def cdk_rules() -> Iterator[tuple[str, str]]:
    """The name and the Rego text of each file of rules."""
    # Imported here, as few templates have the services that these rules are about.
    import tarfile

    (package,) = (f for f in files("aws_cdk._jsii").iterdir() if f.name.endswith(".tgz"))
    with as_file(package) as path, tarfile.open(path) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if name.parent == FOLDER and name.suffix == ".rego":
                content = archive.extractfile(member)
                assert content is not None, "a regular file"
                yield name.name, content.read().decode()


def concern(template: bytes) -> bool:
    """Whether a template has a resource that these rules are about."""
    return any(f'"{service}'.encode() in template for service in SERVICES)
