"""The log of a session, generated from its id, always the same, with a bootstrap line that contains a secret."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import cycle
from random import Random

from .clock import iso
from .log_texts import filler
from .session import Line, Log, Session

_TEXTS = (
    "info Solver progress: iteration {n}, gap {gap} %",
    "info WebUI request handled in {n} ms",
    "debug Heartbeat sent to the session registry",
    "info Case 'Scenario {n}' saved",
    "warn Slow query on identifier Demand(i,j): {n} ms",
    "info Procedure MainExecution: step {n} done",
)
_DIFFERENT_TEXTS = 5_000  # a longer log repeats them
_MAX_SELECTIONS = 4
_BLOCK = 1 << 20  # bytes between two bootstrap lines of a filled-up download
_CHUNK = 1 << 18
_LINES_AT_ONCE = 2_000


def lines(session: Session, now: float) -> list[Line]:
    """All lines up to `now`, oldest first. Do not change the result: it is cached."""
    return _log(session, now).lines


def select(session: Session, now: float, begin: float | None, end: float | None, contains: str | None) -> list[Line]:
    """The lines from `begin` to `end`, both included, with the text in upper or lower case. None: no filter.

    Do not change the result: it is cached.
    """
    log = _log(session, now)
    wanted = (begin, end, contains)
    if wanted == (None, None, None):
        return log.lines
    found = log.selections.get(wanted)
    if found is None:
        found = _matching_lines(log.lines, begin, end, contains)
        if len(log.selections) >= _MAX_SELECTIONS:
            log.selections.clear()
        log.selections[wanted] = found
    return found


def append(session: Session, more: list[Line], now: float) -> None:
    """Append lines to the log of a session. Earlier lines do not change."""
    session.log_records = [*lines(session, now), *more]
    times = [time for time, _text in more]
    session.last_log = max(times if session.last_log is None else [session.last_log, *times], default=None)


def _log(session: Session, now: float) -> Log:
    last = min(now, session.last_log if session.last_log is not None else session.created)
    made_from: tuple[object, ...] = (session.created, last, session.log_count, session.app_name, session.logon_token)
    if session.log_records is not None:
        made_from = (id(session.log_records),)
    if session.log is None or session.log.made_from != made_from:
        session.log = Log(
            made_from, _generated_lines(session, last) if session.log_records is None else session.log_records
        )
    return session.log


def _generated_lines(session: Session, last: float) -> list[Line]:
    rng = Random(session.id)
    first = min(session.created, last)
    pod = f"daaimmsbox-{rng.getrandbits(40):010x}"
    made = [(first, f"pod/{pod} annotated"), (first, bootstrap(session))]
    step = (last - first) / max(1, session.log_count - 1)
    texts = [
        rng.choice(_TEXTS).format(n=rng.randint(1, 999), gap=rng.randint(1, 99) / 10)
        for _number in range(min(session.log_count - 2, _DIFFERENT_TEXTS))
    ]
    made += [(round(first + number * step, 3), text) for number, text in zip(range(2, session.log_count), cycle(texts))]
    return made


def bootstrap(session: Session) -> str:
    """The text of the line that contains the session's secret."""
    return f"Bootstrap: aimms-session --project {session.app_name!r} --logonToken {session.logon_token} --port 2600"


def _matching_lines(rows: list[Line], begin: float | None, end: float | None, contains: str | None) -> list[Line]:
    needle = contains.lower() if contains is not None else None
    return [
        row
        for row in rows
        if (begin is None or row[0] >= begin)
        and (end is None or row[0] <= end)
        and (needle is None or needle in row[1].lower())
    ]


def stamp(seconds: float) -> str:
    """A time as at the beginning of a log line: `2025-07-24 12:21:11.306`."""
    return (iso(seconds) or "").replace("T", " ").rstrip("Z")


def text_line(row: Line) -> str:
    """A line as text: time, then message."""
    return f"{stamp(row[0])} {row[1]}"


async def download(session: Session, now: float) -> AsyncIterator[bytes]:
    """The whole log as text, oldest first, filled up to `log_bytes` with one line, or those of its `log_text`."""
    rows, written = lines(session, now), 0
    for begin in range(0, len(rows), _LINES_AT_ONCE):
        text = "".join(text_line(row) + "\n" for row in rows[begin : begin + _LINES_AT_ONCE]).encode()
        written += len(text)
        yield text
    left = session.log_bytes - written
    if left <= 0:
        return
    for chunk in cycle(_filler_chunks(session)):
        if left <= len(chunk):
            yield chunk[: left - 1] + b"\n"
            return
        left -= len(chunk)
        yield chunk


def _filler_chunks(session: Session) -> list[bytes]:
    """Almost 1 MiB of lines, in chunks. The first line contains the session's secret."""
    secret = (text_line((session.created, bootstrap(session))) + "\n").encode()
    line = text_line((session.created, "info Solver progress: iteration 1, gap 0.5 %")).encode() + b"\n"
    length = _BLOCK - len(secret)
    block = secret + (filler(session.log_text, length) if session.log_text else line * (length // len(line)))
    return [block[begin : begin + _CHUNK] for begin in range(0, len(block), _CHUNK)]
