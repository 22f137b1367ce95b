"""A proxy in front of the emulator that makes requests fail by a seed, and records what it did to each.

The fault of a request depends on the seed, its method and target, and the number of such requests before; not on the
order of threads. Only a closed port affects any request at that time, so that part of a run cannot be repeated exactly.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from .failing import Failing
from .kinds import LATE, LATER, Answer, Asked, Fault, draw, draw_before

UNREAD, UNASKED, THIRD_LATE = "never read", "never asked", "acted on later when asked a third time"
_SESSION = re.compile(r"/(?:sessions/(?:webui|task|solve)|v2/tasks)/([^/?]+)(?:/terminate|\?[^/]*)?\Z")
_PROBE = re.compile(r"/terminate\Z")  # a read of it shows whether there is such a route, and nothing of the session
_LIST = re.compile(r"/(?:sessions/(?:webui|task|solve)|v2/tasks)(?:\?|\Z)")


@dataclass
class Trap:
    """A change of a session during the run: just before its first read, or before the first request to change it.

    That request then meets a fault and does not reach the server, so that the client has to read the session again.
    ``forbids``: whether it must not be changed from then on.
    """

    on_change: bool
    spring: Callable[[], None]
    sprung: bool = False
    forbids: bool = True


@dataclass(frozen=True)
class Plan:
    """The faults of one run.

    ``closed``: average seconds for which the port is open and closed. ``rough``: sessions with additional faults, each
    UNREAD, UNASKED or THIRD_LATE. ``after_plan``: only changes and lists after the first read of a session fail.
    """

    name: str
    kinds: tuple[str, ...]
    rate: float
    spoil_lists: bool = False
    closed: tuple[float, float] | None = None
    traps: dict[str, Trap] = field(default_factory=dict)
    rough: dict[str, str] = field(default_factory=dict)
    after_plan: bool = False

    @property
    def single(self) -> bool:
        """Whether each request needs a new connection: only a closed port makes it fail."""
        return self.kinds == ("refused",)


@dataclass
class Seen:
    """One request. ``arrived`` and ``delivered`` number all events of the proxy (0: the true answer was not delivered).

    ``shown`` is the state in a delivered read (``gone`` for a 404), ``listed`` the states by id in a delivered list;
    ``sprung``: the session's trap had been sprung before.
    """

    arrived: int
    method: str
    session: str
    kind: str = ""
    phase: str = ""
    status: int = 0
    delivered: int = 0
    shown: str = ""
    listed: dict[str, str] = field(default_factory=dict)
    sprung: bool = False
    listing: bool = False
    target: str = ""

    @property
    def change(self) -> bool:
        """Whether it is a changing request."""
        return self.method != "GET"

    def __str__(self) -> str:
        fault = f" {self.kind} {self.phase}" if self.kind else ""
        return f"{self.method}{fault} {self.status or '-'} {self.shown}".strip()


class FaultyProxy:
    """Proxy of ``emulator`` with its own ``url`` and the emulator's key."""

    def __init__(self, emulator: Any) -> None:
        split = urlsplit(emulator.url)
        self._upstream = (split.hostname, split.port)
        self.admin_key = emulator.admin_key
        self.plan, self.seen = Plan("", (), 0.0), list[Seen]()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._events, self._busy = itertools.count(1), 0
        self._holder = _bound(0)
        self.port: int = self._holder.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._ready, self._stopped = threading.Event(), False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> FaultyProxy:
        """Start, and wait until it is ready."""
        self._thread.start()
        if not self._ready.wait(120):
            raise OSError("the proxy did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._stopped = True
        self._thread.join(120)
        self._holder.close()

    def begin(self, plan: Plan) -> None:
        """Continue with another plan, and clear the recorded requests."""
        self.plan, self.seen = plan, []
        self._asked.clear()

    def settle(self) -> None:
        """Wait until no request is under way. One may still reach the server after its client has closed."""
        end = time.monotonic() + 120
        while self._busy and time.monotonic() < end:
            time.sleep(0.02)

    # the port

    async def _run(self) -> None:
        """Listen, with times in which the port is closed. ``holder`` prevents that another process takes it."""
        while not self._stopped:
            server = await self._listen()
            self._ready.set()
            plan = self.plan
            chance = Random(f"{plan.name}-port")
            await self._while(plan, plan.closed and plan.closed[0] * chance.uniform(0.5, 1.5))
            while plan.closed and plan is self.plan and not self._stopped:
                server.close()
                await asyncio.sleep(plan.closed[1] * chance.uniform(0.5, 1.5))
                server = await self._listen()
                await self._while(plan, plan.closed[0] * chance.uniform(0.5, 1.5))
            server.close()

    async def _listen(self) -> asyncio.Server:
        """Open the port. A process that is being started may still have the old socket open for a short time."""
        for _try in range(500):
            with suppress(OSError):
                return await asyncio.start_server(self._serve, sock=_bound(self.port), backlog=256)
            await asyncio.sleep(0.01)
        raise OSError(f"port {self.port} cannot be opened again")

    async def _while(self, plan: Plan, seconds: float | None) -> None:
        """Wait for some seconds, or until there is another plan."""
        end = float("inf") if seconds is None else time.monotonic() + seconds
        while plan is self.plan and not self._stopped and (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(left, 0.05))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one connection."""
        try:
            for carried in itertools.count(1):
                head = await reader.readuntil(b"\r\n\r\n")
                self._busy += 1
                try:
                    if not await self._answer(reader, writer, head, carried):
                        break
                finally:
                    self._busy -= 1
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    # one request

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes, carried: int
    ) -> bool:
        """Handle one request, with its fault. Returns whether the connection stays open."""
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        request = head + (await reader.readexactly(int(length[1])) if length else b"")
        method, target = request.split(b" ", 2)[:2]
        seen, fault = await self._meet(method.decode(), target.decode(), carried)
        if fault is not None:
            seen.kind, seen.phase = fault.kind, fault.phase
            asked = Asked(seen.change, not seen.session, carried)
            return await Failing(reader, writer, lambda: self._forward(seen, request)).fail(fault, asked)
        answer = await self._forward(seen, request)
        last = self.plan.single
        writer.write(b"".join(answer.encode(last=last)))
        self._deliver(seen, answer)
        await writer.drain()
        return not last

    async def _meet(self, method: str, target: str, carried: int) -> tuple[Seen, Fault | None]:
        """Record a request, spring its trap, and choose its fault."""
        found = None if method == "GET" and _PROBE.search(target) else _SESSION.search(target)
        plan, nth = self.plan, self._asked[method, target]
        self._asked[method, target] += 1
        seen = Seen(next(self._events), method, found[1] if found else "", target=target)
        seen.listing = bool(_LIST.search(target))
        self.seen.append(seen)
        chance = Random(f"{plan.name}-{method}-{target}-{nth}")
        trap = plan.traps.get(seen.session)
        seen.sprung = trap is not None and trap.sprung and trap.forbids
        if trap is not None and not trap.sprung and trap.on_change == seen.change:
            trap.sprung = True
            await asyncio.to_thread(trap.spring)
            seen.sprung = not trap.on_change and trap.forbids
            if trap.on_change:
                return seen, draw_before(chance, plan.kinds)
        rough = plan.rough.get(seen.session)
        if rough == THIRD_LATE and seen.change and nth >= 2:
            return seen, Fault(LATER, LATE, chance)
        if rough in ((UNASKED, THIRD_LATE) if seen.change else (UNREAD,)):
            return seen, draw_before(chance, plan.kinds)
        later = seen.change or (seen.listing and any(one.session for one in self.seen))
        if chance.random() >= plan.rate or (plan.after_plan and not later):
            return seen, None
        asked = Asked(seen.change, not seen.session, carried)
        return seen, draw(chance, plan.kinds, asked, spoil_lists=plan.spoil_lists)

    def _deliver(self, seen: Seen, answer: Answer) -> None:
        """Record the content of a true answer."""
        seen.delivered = next(self._events)
        if seen.session and not seen.change:
            state = json.loads(answer.body).get("state", "") if answer.status == 200 else "gone"
            seen.shown = str(state).lower()
        elif seen.listing and answer.status == 200:
            seen.listed = {one["id"]: one["state"].lower() for one in _records(json.loads(answer.body))}

    async def _forward(self, seen: Seen, request: bytes) -> Answer:
        """Send the request to the server, and return its answer."""
        reader, writer = await asyncio.open_connection(*self._upstream)
        try:
            once = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", request)
            writer.write(once.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            head, _empty, body = (await asyncio.wait_for(reader.read(-1), 30)).partition(b"\r\n\r\n")
        finally:
            writer.close()
        first, *lines = head.decode("latin-1").split("\r\n")
        seen.status = int(first.split(" ")[1])
        fields = [line.partition(": ")[::2] for line in lines]
        kept = [(name, value) for name, value in fields if name.lower() not in ("connection", "content-length")]
        return Answer(seen.status, body, kept)


def _records(body: Any) -> list[dict[str, Any]]:
    """The records of a list: the body itself, or the list in it."""
    found = body if isinstance(body, list) else next(filter(lambda one: isinstance(one, list), body.values()), [])
    return list(found)


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    return made
