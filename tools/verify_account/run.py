"""Asks all questions, and records the answers."""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from verify_account.account import (
    DATA_STACK,
    OWN,
    ROOT,
    STACKS,
    Account,
    RefutedError,
    UnansweredError,
    expect,
)
from verify_account.check import Check
from verify_account.checks import CHECKS
from verify_account.checks.deployed import deploy
from verify_account.checks.removed import destroy
from verify_account.remains import left_behind

BUDGET = """\
Account {account}, Region {region}: it must be a sandbox. This deploys {stacks},
with two t3.micro instances that have a volume and a public IPv4 address each, and replaces them
once. For some minutes, it also creates associations of the inventory document, a data sync, and a
stack {own} with two more instances and a role. Everything is deleted at the end, with the buckets
of {data}. It takes up to 4 hours and costs less than 1 US dollar.
"""


@dataclass(frozen=True)
class Answer:
    """What the account answered."""

    id: str
    question: str
    answer: str
    evidence: str
    seconds: float


def refuse_unless_usable(aws: Account) -> None:
    """Raise `RefutedError` with what keeps the app from being deployed or deleted here."""
    if left := [*left_behind(aws)]:
        there = ", ".join(what for what, _ in left)
        commands = "\n".join(command for _, command in left)
        raise RefutedError(f"{there} is there already; if it is of an earlier run:\n{commands}")
    stacks = aws.listed("cloudformation", "describe_stacks", "Stacks")
    is_bootstrapped = any(each["StackName"] == "CDKToolkit" for each in stacks)
    expect(is_bootstrapped, "the Region has no bootstrap; run: npx --no-install cdk bootstrap")
    aws.review("preflight")


def require_confirmation(aws: Account) -> None:
    """Raise `RefutedError` unless a person types the account's id."""
    expect(sys.stdin.isatty(), "no terminal to confirm this on; give --yes")
    typed = input("Type the account's id to go on: ").strip()
    expect(typed == aws.id, f"{typed!r} is not the account's id")


def ask(aws: Account, each: Check) -> Answer:
    """Ask one question; where the deployment failed, only whether anything is left."""
    print(f"verify-account: {each.id}", file=sys.stderr, flush=True)
    began = time.monotonic()
    answer, evidence = "yes", ""
    names = [one.id for one in CHECKS]
    try:
        needs_stacks = names.index(each.id) > names.index(deploy.id) and each != destroy
        if needs_stacks and not aws.is_deployed:
            raise UnansweredError("the deployment failed")
        evidence = each.ask(aws)
    except RefutedError as refuted:
        answer, evidence = "no", str(refuted)
    except (UnansweredError, ClientError, BotoCoreError) as reason:
        answer, evidence = "not answered", str(reason)
    except (LookupError, TypeError, ValueError) as error:
        # An answer of another form than ours: the app must still be destroyed.
        answer, evidence = "not answered", f"{type(error).__name__}: {error}"
    return Answer(each.id, each.question, answer, evidence, round(time.monotonic() - began, 1))


def record(folder: Path, aws: Account, answers: Sequence[Answer], *, is_complete: bool) -> bool:
    """Write the record as JSON and Markdown; whether nothing is left behind."""
    try:
        left = [{"what": what, "remove": command} for what, command in left_behind(aws)]
    except (ClientError, BotoCoreError) as error:
        left = [{"what": f"not known: {error}", "remove": "see docs/removing.md"}]
    document = {
        "account": aws.id,
        "region": aws.region,
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "is_complete": is_complete,
        "answers": [asdict(each) for each in answers],
        "left_behind": left,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").write_text(json.dumps(document, indent=2) + "\n")
    lines = [f"# Account {aws.id}, Region {aws.region}, {document['ended']}", ""]
    lines += ["| id | question | answer | evidence |", "|---|---|---|---|"]
    for each in answers:
        evidence = " ".join(each.evidence.split()).replace("|", "\\|")
        lines.append(f"| `{each.id}` | {each.question} | {each.answer} | {evidence} |")
    if left:
        lines += ["", "Left behind; remove it in this order:", ""]
        lines += [f"1. {each['what']}: `{each['remove']}`" for each in left]
    text = "\n".join(lines) + "\n"
    (folder / "record.md").write_text(text)
    print(text)
    print(f"written to {folder}/record.json and record.md", file=sys.stderr)
    return not left


def main(description: str) -> int:
    """Ask and record; the exit code."""
    options = _options(description)
    if options.list:
        print("\n".join(f"{each.id}: {each.question}" for each in CHECKS))
        return 0
    # SIGTERM must leave a record as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="oelab-verify-") as temporary:
        aws = Account(Path(temporary), options.minutes)
        try:
            refuse_unless_usable(aws)
            names = {"stacks": ", ".join(STACKS), "own": OWN, "data": DATA_STACK}
            print(BUDGET.format(account=aws.id, region=aws.region, **names))
            if not options.yes:
                require_confirmation(aws)
        except (RefutedError, ClientError, BotoCoreError) as reason:
            print(f"verify-account: nothing was done: {reason}", file=sys.stderr)
            return 2
        return ask_all(aws, options.record)


def ask_all(aws: Account, folder: Path) -> int:
    """Ask all questions, and record the answers also where that is interrupted; the exit code."""
    answers: list[Answer] = []
    is_complete = False
    try:
        # One by one, as what was asked before an interruption counts.
        for each in CHECKS:
            answers.append(ask(aws, each))  # noqa: PERF401
        is_complete = True
    except KeyboardInterrupt:
        print("verify-account: interrupted, and nothing was destroyed", file=sys.stderr)
    finally:
        is_clean = record(folder, aws, answers, is_complete=is_complete)
    if not is_complete:
        return 130
    return 0 if is_clean and all(each.answer == "yes" for each in answers) else 1


def _options(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/verify-account", description=description)
    parser.add_argument("--yes", action="store_true", help="do not ask for a confirmation")
    parser.add_argument("--list", action="store_true", help="print the questions, and do nothing")
    parser.add_argument(
        "--minutes", type=float, default=40, help="how long to wait for each thing (default: 40)"
    )
    parser.add_argument(
        "--record",
        type=Path,
        default=ROOT / "build" / "verify-account",
        help="the folder of the record (default: build/verify-account)",
    )
    return parser.parse_args()
