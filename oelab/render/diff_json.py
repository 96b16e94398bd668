"""A comparison as JSON, for machines; docs/reviewing-changes.md describes it."""

from collections.abc import Collection
from typing import Any

from oelab.diff.exit_codes import ExitCode
from oelab.diff.guard import Verdict
from oelab.diff.resources import ResourceChange
from oelab.diff.stacks import StackChange

SCHEMA = "oelab.diff/1"
"""A new number where a reader of the old one would go wrong; new keys come without one."""


def document(
    changes: Collection[StackChange],
    verdict: Verdict,
    code: ExitCode,
    notes: Collection[str],
    base: str,
    head: str,
) -> dict[str, Any]:
    """All that is known of a comparison."""
    return {
        "schema": SCHEMA,
        "base": base,
        "head": head,
        "result": code.name.lower(),
        "exit_code": int(code),
        "notes": list(notes),
        "stacks": [_stack(change) for change in changes],
        "guard": {
            "refused": [
                {"key": each.key, "type": each.type, "effect": each.effect.key}
                for each in verdict.refusals
            ],
            "unused": list(verdict.unused),
        },
    }


def _stack(change: StackChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "effect": change.effect.key,
        "protected": change.protected,
        "resources": [_resource(resource) for resource in change.resources],
        "security": [
            {
                "added": each.added,
                "kind": each.rule.kind,
                "logical_id": each.rule.logical_id,
                "words": each.rule.words,
            }
            for each in change.security
        ],
        "settings": list(change.settings),
        "notes": list(change.notes),
    }


def _resource(resource: ResourceChange) -> dict[str, Any]:
    return {
        "logical_id": resource.logical_id,
        "type": resource.type,
        "effect": resource.effect.key,
        "properties": [
            {
                "name": each.name,
                "replacement": each.replacement.name.lower(),
                "before": each.before,
                "after": each.after,
                "because_of": each.because_of,
            }
            for each in resource.properties
        ],
    }
