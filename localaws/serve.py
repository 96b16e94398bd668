"""`python -m localaws.serve LISTENER WORK_DIR`: the server process that `LocalAws` starts.

It runs MiniStack with this package's extension until SIGTERM or until its standard input closes,
which the kernel does however the starter ends. It then removes its working folder.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from localaws import extension
from localaws.adapter import asgi_app
from localaws.systems_manager.engine import Engine

# How often time moves on by itself: log objects appear in S3 and nodes register without a request
# to Systems Manager.
TICK_SECONDS = 0.5
KEEP_MESSAGE = b"keep"

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def main() -> None:
    listener, work_dir = sys.argv[1:]
    try:
        asyncio.run(_run(listener))
    finally:
        shutil.rmtree(work_dir, ignore_errors=True)


async def _run(listener: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    threading.Thread(target=_watch_starter, args=(loop, stop), daemon=True).start()
    engine = extension.install()
    config = Config()
    config.bind = [f"fd://{listener}"]
    config.accesslog = config.errorlog = None
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2
    ticking = asyncio.create_task(_tick(engine))
    await serve(
        _application(engine),  # type: ignore[arg-type]  # hypercorn's own scope types
        config,
        shutdown_trigger=stop.wait,
    )
    ticking.cancel()


def _watch_starter(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop once the starter's end of the pipe closes, unless it said to keep running before."""
    message = b""
    # Not through sys.stdin: its lock, held by this thread, would hold up the interpreter's end.
    while chunk := os.read(0, 64):
        message += chunk
    if message != KEEP_MESSAGE:
        with contextlib.suppress(RuntimeError):  # the loop may be closed already
            loop.call_soon_threadsafe(stop.set)


async def _tick(engine: Engine) -> None:
    while True:
        engine.settle_all()
        await asyncio.sleep(TICK_SECONDS)


def _application(engine: Engine) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(extension.CONTROL_PATH):
            await asgi_app(scope, receive, send)
            return
        status, body = extension.control(engine, scope["path"], await _body(receive))
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return application


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


if __name__ == "__main__":
    main()
