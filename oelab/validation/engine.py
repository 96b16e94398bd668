"""The engine that AWS publishes for its validation rules, as machine code rather than WASM."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

from oelab.validation.cdk_rules import cdk_rules

# One pattern of an association's targets takes longer to prepare than all templates to validate.
WARM_UP = b"""{"Resources": {"It": {"Type": "AWS::SSM::Association", "Properties": {
  "Name": "AWS-GatherSoftwareInventory", "Targets": [{"Key": "tag:Name", "Values": ["It"]}]}}}}"""


@cache
def start() -> Future[Any]:
    """The engine, which starts in a thread of its own at the first call.

    It takes a quarter of a second and leaves Python free meanwhile: an app that calls this first
    of all has its engine by the time that node is up.
    """
    return ThreadPoolExecutor(1, "template-validation").submit(_load)


@cache
def with_cdk_rules() -> Any:
    """The engine with the rules that the CDK adds; they concern few apps and take time to load."""
    from cloudformation_validate import CompositeEngine, CompositeEngineConfig, ExternalRuleSource

    rules = [ExternalRuleSource(name=name, content=text) for name, text in cdk_rules()]
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
