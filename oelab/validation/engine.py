"""The engine that AWS publishes for its validation rules, as machine code rather than WASM."""

import atexit
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

from oelab.validation.cdk_rules import cdk_rules


@cache
def start() -> Future[Any]:
    """The engine, which starts in a thread of its own at the first call.

    It takes a quarter of a second and leaves Python free meanwhile: an app that calls this first
    of all has its engine by the time that node is up.
    """
    starting = ThreadPoolExecutor(1, "template-validation").submit(_load)
    _let_go_at_exit(start)
    return starting


@cache
def with_cdk_rules() -> Any:
    """The engine with the rules that the CDK adds; they concern few apps and take time to load."""
    from cloudformation_validate import CompositeEngine, CompositeEngineConfig, ExternalRuleSource

    rules = [ExternalRuleSource(name=name, content=text) for name, text in cdk_rules()]
    _let_go_at_exit(with_cdk_rules)
    return CompositeEngine(CompositeEngineConfig(rego_rules=rules))


def _load() -> Any:
    from cloudformation_validate import CompositeEngine

    return CompositeEngine()


def _let_go_at_exit(cached: Any) -> None:
    # The engine's own finalizer needs modules that are gone once the interpreter ends.
    atexit.register(cached.cache_clear)
