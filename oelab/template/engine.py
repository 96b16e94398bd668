"""The validation engine that AWS publishes as machine code, in place of the CDK's built-in one.

Importing this imports neither the engine nor the CDK.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib.resources import as_file, files
from pathlib import PurePosixPath
from typing import Any

from oelab.installation import require_extra

CDK_RULES = PurePosixPath("package/core/lib/validation/rules")
"""Where the rules are that the CDK adds to the engine, in the package of the installed version."""
_SUBJECT = b'"AWS::GameLift::'
"""How a template names the types that these rules are about."""

# One pattern of an association's targets takes longer to prepare than all templates to validate.
WARM_UP = b"""{"Resources": {"It": {"Type": "AWS::SSM::Association", "Properties": {
  "Name": "AWS-GatherSoftwareInventory", "Targets": [{"Key": "tag:Name", "Values": ["It"]}]}}}}"""


@cache
def start() -> Future[Any]:
    """The engine, which starts in a thread of its own at the first call.

    It takes a quarter of a second and leaves Python free meanwhile: an app that calls this first
    of all has its engine by the time that node is up.

    Raises:
        NotInstalledError: the extra `cdk` is not installed.
    """
    require_extra("cdk")
    return ThreadPoolExecutor(1, "template-validation").submit(_load)


def engine_for(template: bytes) -> Any:
    """The engine, with the rules that the CDK adds where the template has what they are about."""
    return _with_cdk_rules() if _SUBJECT in template else start().result()


@cache
def _with_cdk_rules() -> Any:
    """The engine with the rules that the CDK adds, which take time to load."""
    import tarfile

    from cloudformation_validate import CompositeEngine, CompositeEngineConfig, ExternalRuleSource

    rules = []
    (package,) = (f for f in files("aws_cdk._jsii").iterdir() if f.name.endswith(".tgz"))
    with as_file(package) as path, tarfile.open(path) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if name.parent == CDK_RULES and name.suffix == ".rego":
                content = archive.extractfile(member)
                assert content is not None, "a regular file"
                rules.append(ExternalRuleSource(name=name.name, content=content.read().decode()))
    return _kept(CompositeEngine(CompositeEngineConfig(rego_rules=rules)))


def _load() -> Any:
    from cloudformation_validate import CompositeEngine

    engine = CompositeEngine()
    engine.validate_template(WARM_UP)
    return _kept(engine)


def _kept(engine: Any) -> Any:
    """The engine, never to be let go of: the end of the process frees it at once.

    Freeing its rules one by one takes 0.05 s, and its finalizer fails at the end of the
    interpreter, when modules that it needs are gone.
    """
    import ctypes

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(engine))
    return engine
