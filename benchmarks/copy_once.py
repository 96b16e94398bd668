"""Bring a copy up to date and ask it every question: `copy_once ENDPOINT FOLDER`.

Prints the seconds and the peak memory of the copy, and the seconds of each question.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from oelab.queries import questions
from oelab.query.local import run_on
from oelab.query.local_copy import THREADS, open_copy
from oelab.query.report import no_progress
from oelab.query.sources import BucketSource

TABLES = ("aws_application", "aws_instanceinformation", "aws_tag")
ARGUMENTS: dict[str, Any] = {
    "text": "package-10",
    "integer": 1,
    "versions": ["0.0.1-3.amzn2023.0.2"],
}
WORKLOADS = {"one": "Test", "other": "Prod"}


def main() -> None:
    endpoint, folder = sys.argv[1:]
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="key",
        aws_secret_access_key="secret",  # noqa: S106 - the server takes any
        config=Config(max_pool_connections=THREADS, proxies={}, s3={"addressing_style": "path"}),
    )
    seconds = {}
    with open_copy(Path(folder)) as copy:
        began = time.perf_counter()
        copy.refresh(BucketSource(client, "fleet"), TABLES, no_progress)
        took = time.perf_counter() - began
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for question in questions().values():
            began = time.perf_counter()
            values = [
                WORKLOADS[each.name] if each.kind == "workload" else ARGUMENTS[each.kind]
                for each in question.parameters
            ]
            run_on(copy, question, values)
            seconds[question.name] = time.perf_counter() - began
    print(json.dumps({"seconds": took, "megabytes": megabytes, "questions": seconds}))


if __name__ == "__main__":
    main()
