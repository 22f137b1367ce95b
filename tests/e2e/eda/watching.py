# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the event source as ansible-rulebook does: loaded by path, ``main(queue, args)`` in an event loop."""

from __future__ import annotations

import asyncio
import runpy
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest import mock

from timing import PATIENCE

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "extensions/eda/plugins/event_source/stale_sessions.py"
OPTIONS = {"retries": 0, "timeout": 30, "max_time": 30, "interval": 1, "naive_timezone": "UTC"}
PAUSE = "ansible_collections.aimms.cloud.plugins.module_utils.sessions.watch.Watch.pause"
Args = dict[str, Any]


class Watched:
    """A running source and its queue of events."""

    def __init__(self, emulator: Any) -> None:
        self._emulator = emulator
        self.queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)

    async def event(self, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next event."""
        event: dict[str, Any] = await asyncio.wait_for(self.queue.get(), timeout)
        return event

    async def looks(self, count: int = 1) -> int:
        """Wait until the source has polled ``count`` more times. Returns the number of events in the queue."""
        begun = self._lists()
        while self._lists() <= begun + count:  # until one more has begun, so that the others have ended
            await asyncio.sleep(0.1)
        return self.queue.qsize()

    async def asked(self) -> None:
        """Wait until it has asked the account for something."""
        while not self._emulator.requests():
            await asyncio.sleep(0.1)

    def _lists(self) -> int:
        return sum(row["path"].endswith("/sessions/webui") for row in self._emulator.requests())


def in_flight(emulator: Any) -> int:
    """How many requests have no answer yet."""
    address = f"{emulator.url}/pro/session-manager/v1/sessions/webui"
    with urllib.request.urlopen(urllib.request.Request(address, headers={"apiKey": emulator.admin_key})):
        return int(emulator.requests()[-1]["in_flight"]) - 1


def watch(emulator: Any, story: Callable[[Watched], Awaitable[None]], **args: Any) -> None:
    """Run the source on an account together with ``story``, then cancel it as a shutdown does.

    Raises AssertionError if the source ends first.
    """

    async def both() -> None:
        watched = Watched(emulator)
        settings = {"url": emulator.url, "api_key": emulator.admin_key, **OPTIONS, **args}
        source = asyncio.create_task(code["main"](watched.queue, settings))
        test = asyncio.create_task(_run_story(story, watched))
        await asyncio.wait({source, test}, return_when=asyncio.FIRST_COMPLETED, timeout=2 * PATIENCE)
        if source.done():
            test.cancel()
            await source
            raise AssertionError("the source ended")
        source.cancel()
        test.cancel()
        await test

    code = runpy.run_path(str(SOURCE))
    code["_find_collection"]()
    with mock.patch(PAUSE, lambda _watch, failures: 0.1 * (1 + failures)):
        asyncio.run(both())


async def _run_story(story: Callable[[Watched], Awaitable[None]], watched: Watched) -> None:
    await story(watched)
