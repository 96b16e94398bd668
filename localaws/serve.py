"""Runs MiniStack with this package's extension until told to stop."""

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from localaws import extension
from localaws.adapter import asgi_app

# How often the modelled world moves on by itself, requests aside: log objects appear in S3 and
# nodes register though nobody asks Systems Manager.
TICK_SECONDS = 0.5
KEEP_MESSAGE = b"keep"

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def run(listener: socket.socket, *, ready: Callable[[], None], until_stdin_closes: bool) -> None:
    """Serve on `listener` until SIGINT, SIGTERM or, if asked, the end of standard input.

    `ready` is called once requests are answered from here on; earlier ones wait in the socket.
    """
    asyncio.run(_run(listener, ready, until_stdin_closes))


async def _run(
    listener: socket.socket, ready: Callable[[], None], until_stdin_closes: bool
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if until_stdin_closes:
        threading.Thread(target=_watch_parent, args=(loop, stop), daemon=True).start()

    world = extension.install()
    config = Config()
    config.bind = [f"fd://{os.dup(listener.fileno())}"]
    config.accesslog = None
    config.errorlog = None
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2
    ticking = asyncio.create_task(_tick(world))
    ready()
    try:
        await serve(
            _application(world),  # type: ignore[arg-type]  # hypercorn's own scope types
            config,
            shutdown_trigger=stop.wait,
        )
    finally:
        ticking.cancel()


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop once the starter's end of the pipe closes, which the kernel does however it ends.

    Unless it said to keep running before that.
    """
    said = b""
    # Not through sys.stdin: its lock, held by this thread, would hold up the interpreter's end.
    while chunk := os.read(0, 64):
        said += chunk
    if KEEP_MESSAGE not in said:
        with contextlib.suppress(RuntimeError):  # the loop may be closed already
            loop.call_soon_threadsafe(stop.set)


async def _tick(world: extension.World) -> None:
    while True:
        await world.settle()
        await asyncio.sleep(TICK_SECONDS)


def _application(world: extension.World) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(extension.CONTROL_PATH):
            status, body = await world.control(scope["method"], scope["path"], await _body(receive))
            await send(
                {
                    "type": "http.response.start",
                    "status": status,
                    "headers": [(b"content-type", b"application/json")],
                }
            )
            await send({"type": "http.response.body", "body": body})
            return
        await asgi_app(scope, receive, send)

    return application


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)
