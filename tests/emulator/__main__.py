"""Run the emulator: `python -m tests.emulator --help`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from .account.clock import Clock, parse_time
from .api.control import Control
from .dialects.dialect import DIALECTS, default_for
from .dialects.odd import ODD, dialect_of
from .http.connection import Connection
from .server import Emulator
from .settings import DOCUMENTS, Settings


def parser() -> argparse.ArgumentParser:
    """The command-line options."""
    made = argparse.ArgumentParser(prog="emulator", description="An emulator of the AIMMS session-manager.")
    made.add_argument("--generation", choices=("legacy", "current"))
    made.add_argument("--dialect", choices=sorted({**DIALECTS, **ODD}))
    made.add_argument("--port", type=int, default=0)
    made.add_argument("--sessions", type=int, default=330)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--latency-ms", type=float, default=0.0)
    made.add_argument("--page-cap", type=int, help="default: as the dialect says (100)")
    made.add_argument("--end-delay", type=float, default=0.0, metavar="SECONDS")
    made.add_argument("--document", choices=DOCUMENTS, default="yaml")
    made.add_argument("--no-document", action="store_const", const="missing", dest="document")
    made.add_argument("--port-file", type=Path, help="also write the ready line there")
    made.add_argument("--tls-cert")
    made.add_argument("--tls-key")
    made.add_argument("--now", type=parse_time, metavar="ISO", help="the time at the start")
    made.add_argument("--admin-key")
    made.add_argument("--stop-with-stdin", action="store_true", help="end when standard input is closed")
    return made


class Server(uvicorn.Server):
    """uvicorn's server, which also reports when it is ready and exits with code 0 on SIGTERM and SIGINT."""

    ready_line = ""
    port_file: Path | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then write the ready line to ``port_file`` (if set) and to standard output."""
        await super().startup(sockets)
        if self.port_file is not None:
            # Renamed when complete: a reader never sees half a line.
            partial = self.port_file.with_name(self.port_file.name + ".part")
            partial.write_text(self.ready_line + "\n", encoding="utf-8")
            partial.replace(self.port_file)
        print(self.ready_line, flush=True)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Stop on SIGTERM and SIGINT; uvicorn would raise them again and exit with another code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        yield

    def stop(self) -> None:
        """Stop after the requests under way."""
        self.should_exit = True


def build(options: argparse.Namespace) -> Emulator:
    """The emulator for these options. Raises SystemExit if the dialect is of another generation."""
    generation = options.generation or (dialect_of(options.dialect).generation if options.dialect else "current")
    dialect = dialect_of(options.dialect) if options.dialect else default_for(generation)
    if dialect.generation != generation:
        raise SystemExit(f"dialect {dialect.name} is of the {dialect.generation} generation")
    settings = Settings(
        generation=generation, dialect=dialect.name, document=options.document, latency_ms=options.latency_ms,
        page_cap=options.page_cap, end_delay=options.end_delay,
    )  # fmt: skip
    emulator = Emulator(
        settings, sessions=options.sessions, seed=options.seed, admin_key=options.admin_key, clock=Clock(options.now)
    )
    emulator.control = Control(emulator).app()
    return emulator


def _watch_stdin(server: Server) -> None:
    """Stop the server when standard input is closed: the process that started it has ended."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.stop()


def main() -> int:
    """Serve until a signal, or until standard input is closed if that was asked for. Returns the exit code."""
    options = parser().parse_args()
    emulator = build(options)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    config = uvicorn.Config(
        emulator, http=Connection, ws="none", lifespan="off", log_level="error", access_log=False,
        server_header=False, date_header=False, timeout_keep_alive=120, timeout_graceful_shutdown=1, backlog=1024,
        ssl_certfile=options.tls_cert, ssl_keyfile=options.tls_key,
    )  # fmt: skip
    server = Server(config)
    scheme = "https" if options.tls_cert else "http"
    ready = {"url": f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"}
    ready.update({f"{key.role}_key": key.value for key in emulator.keys.values()})
    server.ready_line, server.port_file = json.dumps(ready), options.port_file
    if options.stop_with_stdin:
        threading.Thread(target=_watch_stdin, args=(server,), daemon=True).start()
    server.run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
