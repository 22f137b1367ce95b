"""The event source, run as ansible-rulebook does: what it puts on the queue, and what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .bench import ENVIRONMENT, PATIENCE, Bench
from .forms import Finder
from .matrix import Matrix
from .servers import DECOY

SOURCE = Path(__file__).resolve().parents[3] / "extensions/eda/plugins/event_source/stale_sessions.py"
PART = "event source stale_sessions"
_WATCH = """
import asyncio, json, logging, runpy, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)

class Queue:
    async def put(self, event):
        print(json.dumps(event), flush=True)
        raise KeyboardInterrupt

async def watch():
    await asyncio.wait_for(runpy.run_path(sys.argv[1])["main"](Queue(), json.loads(sys.argv[2])), 60)

asyncio.run(watch())
"""
_LOOK = {"interval": 1, "older_than": "1m", "naive_timezone": "UTC", "apps": [f"{DECOY}*"], **PATIENCE}


def search(bench: Bench, collections: str, matrix: Matrix, finder: Finder) -> None:
    """Watch an account until the first event, and servers that refuse."""
    bench.echoes(state="running", kind="webui")
    refusing = {f"fail: {name}": bench.parrot.url(name, "c997") for name in ("401", "400", "redirect", "page")}
    refusing["fail: told"] = bench.parrot.url("tells", "c997/message")
    for situation, url in {"ok": bench.emulator.url, **refusing}.items():
        made = _watched(bench, url, collections)
        texts = {name: text for name, text in (("events", made.stdout), ("event log", made.stderr)) if text}
        if ("events" in texts) != (situation == "ok") or "event log" not in texts:
            matrix.miss(PART, bench.way, situation, f"{made.stdout[:200]} {made.stderr[-300:]}")
        matrix.add(PART, bench.way, situation, texts, finder)


def _watched(bench: Bench, url: str, collections: str) -> Any:
    """The run of the source, which ends with its first event or error. The key goes the way of the bench."""
    by_environment = bench.way == ENVIRONMENT
    settings = {**_LOOK, "url": url, **({} if by_environment else {"api_key": bench.key})}
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": collections, "AIMMS_URL": "", "AIMMS_ACCOUNT": ""}
    environment["AIMMS_API_KEY"] = bench.key if by_environment else ""
    command = [sys.executable, "-c", _WATCH, str(SOURCE), json.dumps(settings)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
