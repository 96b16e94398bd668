"""The command line of `python -m oelab.diff`."""

import argparse
from pathlib import Path

_CODES = """exit codes: 0 nothing changes, 10 additions and changes in place, 20 something may be
replaced, 30 is replaced, 40 is or may be removed, or left behind, 50 is refused by the guard, 2 bad
input or no comparison, 130 interrupted"""


def options() -> argparse.Namespace:
    """What the command line asks for; ends with 2 where that makes no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m oelab.diff",
        description="What would a change of this app do to what is deployed? Needs no credentials.",
        epilog=_CODES,
    )
    parser.add_argument(
        "folders",
        nargs="*",
        type=Path,
        metavar="CDK_OUT",
        help="two folders that `cdk synth` has written, before and after; with --base at most the "
        "one after",
    )
    parser.add_argument(
        "--base", metavar="REF", help="a commit, to compare CDK_OUT or the working tree with"
    )
    parser.add_argument(
        "--settings",
        metavar="FILE",
        help="of each version that is synthesized, in its own folder, and of what the guard is to "
        "allow (as the version's cdk.json says, and oelab.toml where it says nothing)",
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="STACK/ID",
        help="let this protected resource (or STACK: all of it) be replaced or deleted, beside "
        "those of allow_replacement in the settings; repeatable",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="for machines")
    form.add_argument("--brief", action="store_true", help="in words alone, without the CDK's diff")
    form.add_argument(
        "--guard", action="store_true", help="only what the guard refuses; exit code 0, 2 or 50"
    )
    given = parser.parse_args()
    if len(given.folders) not in ((0, 1) if given.base else (2,)):
        parser.error("give --base REF, --base REF and a folder, or two folders")
    return given
