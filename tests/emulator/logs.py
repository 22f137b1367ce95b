"""The log of a session: made up from its id, the same each time, with a bootstrap line that holds a secret."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random

from .clock import iso
from .session import Session

Line = tuple[float, str]
_TEXTS = (
    "info Solver progress: iteration {n}, gap {gap} %",
    "info WebUI request handled in {n} ms",
    "debug Heartbeat sent to the session registry",
    "info Case 'Scenario {n}' saved",
    "warn Slow query on identifier Demand(i,j): {n} ms",
    "info Procedure MainExecution: step {n} done",
)
_CHUNK = 256 * 1024


def lines(session: Session, now: float) -> list[Line]:
    """All lines of a session up to `now`, oldest first."""
    if session.log_records is not None:
        return session.log_records
    rng = Random(session.id)
    last = min(now, session.last_log if session.last_log is not None else session.created)
    first = min(session.created, last)
    pod = f"daaimmsbox-{rng.getrandbits(40):010x}"
    secret = f"--logonToken {session.logon_token}"
    bootstrap = f"Bootstrap: aimms-session --project {session.app_name!r} {secret} --port 2600"
    made = [(first, f"pod/{pod} annotated"), (first, bootstrap)]
    step = (last - first) / max(1, session.log_count - 1)
    for number in range(1, session.log_count):
        text = rng.choice(_TEXTS).format(n=rng.randint(1, 999), gap=rng.randint(1, 99) / 10)
        made.append((round(first + number * step, 3), text))
    return made


def select(rows: list[Line], begin: float | None, end: float | None, contains: str | None) -> list[Line]:
    """The lines within the times that hold the text, in any case."""
    needle = contains.lower() if contains is not None else None
    return [
        row
        for row in rows
        if (begin is None or row[0] >= begin)
        and (end is None or row[0] <= end)
        and (needle is None or needle in row[1].lower())
    ]


def stamp(seconds: float) -> str:
    """A time as it begins a line of the log: `2025-07-24 12:21:11.306`."""
    return (iso(seconds) or "").replace("T", " ").rstrip("Z")


def text_line(row: Line) -> str:
    """A line as in the portal: time, then text."""
    return f"{stamp(row[0])} {row[1]}"


async def download(session: Session, now: float) -> AsyncIterator[bytes]:
    """The whole log as text; with `log_bytes` filled up to that size."""
    head = "".join(text_line(row) + "\n" for row in lines(session, now)).encode()
    yield head
    left = session.log_bytes - len(head)
    if left <= 0:
        return
    filler = (f"{stamp(session.created)} info Solver progress: iteration 1, gap 0.5 %\n").encode()
    chunk = filler * (_CHUNK // len(filler))
    while left > 0:
        part = chunk if left >= len(chunk) else chunk[: left - 1] + b"\n"
        left -= len(part)
        yield part
