"""Random cases with wrong clocks, times without a zone, and days on which a zone changes its clocks.

The true age of the session is known in each case: by the clock that wrote its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from random import Random
from unittest.mock import patch
from zoneinfo import ZoneInfo

from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.options import criteria_from
from ansible_collections.aimms.cloud.plugins.module_utils.selection import decide
from ansible_collections.aimms.cloud.plugins.module_utils.times import timestamp
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock

from ..figures import Report

HOUR, DAY = 3600.0, 86400.0
SLACK = 2 * HOUR  # two clocks, each wrong by an hour in the other direction
SPARE = 12 * HOUR  # tolerance of the collection for a time without a zone
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

CHANGES = {
    "Europe/Amsterdam": ("2025-03-30T01:00", "2025-10-26T01:00"),
    "America/New_York": ("2025-03-09T07:00", "2025-11-02T06:00"),
    "Australia/Lord_Howe": ("2025-04-05T15:00", "2025-10-04T15:30"),  # by half an hour
    "Pacific/Apia": ("2011-12-30T10:00", "2012-03-31T14:00"),  # the first one leaves out a day
    "America/St_Johns": ("2025-03-09T05:30", "2025-11-02T04:30"),
}
"""Zones, and moments in UTC at which they changed their clocks."""
FAR = ("Etc/GMT+12", "Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kolkata", "UTC")
WAYS = ("z", "z_ms", "offset", "epoch", "epoch_ms", "zone", "naive", "gap")
"""How times are written; ``zone`` and ``gap`` are on the wall of a known zone, ``naive`` on that of an unknown one."""


@dataclass(frozen=True)
class Case:
    """A session as the server shows it, the two clocks, its true age, and when it must be found."""

    created_at: object
    zone: str | None
    older_than: int
    clock: Clock
    age: float
    found_from: float


def seconds(moment: str) -> float:
    """A time in UTC as seconds since 1970."""
    return (datetime.fromisoformat(f"{moment}+00:00") - EPOCH).total_seconds()


def wall(at: float, zone: str) -> datetime:
    """The local time in a zone, without the zone."""
    return (EPOCH + timedelta(seconds=at)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def draw(rng: Random, way: str = "") -> Case:
    """A random case. Either the server's clock is wrong, or only the clock of the proxy that writes the Date header.

    :param way: the format of times; random if not given.
    """
    way = way or rng.choice(WAYS)
    if way == "gap":
        return draw_gap(rng)
    zone = rng.choice([*CHANGES]) if way == "zone" else rng.choice([*CHANGES, *FAR])
    older_than = rng.choice([1, 2, 4, 8, 24, 72]) * 3600
    age = _age(rng, older_than)
    change = seconds(rng.choice(CHANGES.get(zone, ("2025-07-24T12:00",))))
    around = rng.choice([1.5, 26])
    server, date, local = _skews(rng)
    step = 0.001 if way.endswith("ms") else 1.0  # only the written time is known
    stamp = round((change + rng.uniform(-around, around) * HOUR) / step) * step
    true = stamp - server + age
    clock = Clock(true + server + date, true + local)
    spare = _spare(way, stamp, zone)
    return Case(_written(way, stamp, zone), zone if way == "zone" else None, older_than, clock, age,
                older_than + SLACK + spare)  # fmt: skip


def draw_gap(rng: Random) -> Case:
    """A random case with a local time that does not exist: the server changes its clock too early or too late."""
    zone = rng.choice([*CHANGES])
    forward = [(seconds(moment), *_offsets(seconds(moment), zone)) for moment in CHANGES[zone]]
    change, before, after = next(found for found in forward if found[2] > found[1])
    gap, early = after - before, rng.random() < 0.5
    stamp = float(round(change + rng.uniform(-gap, -1) if early else change + rng.uniform(0, gap - 1)))
    text = (EPOCH + timedelta(seconds=stamp + (after if early else before))).replace(tzinfo=None).isoformat()
    older_than = rng.choice([1, 2, 4, 8, 24, 72]) * 3600
    age = _age(rng, older_than)
    server, date, local = _skews(rng)
    clock = Clock(stamp - server + age + server + date, stamp - server + age + local)
    return Case(text, zone, older_than, clock, age, older_than + SLACK + gap + 1.0)


def _offsets(change: float, zone: str) -> tuple[float, float]:
    """The offsets of a zone from UTC in seconds, just before and just after a time."""
    before, after = (_as_utc(wall(change + step, zone)) - change - step for step in (-1, 1))
    return before, after


def _age(rng: Random, older_than: int) -> float:
    """A random age, mostly near the limit, often where an error of some hours changes the result."""
    near = rng.choice([0.02, 0.5, 1, 2, 6, 13, 28])
    return max(0.0, older_than + rng.uniform(-near, near) * HOUR)


def _skews(rng: Random) -> tuple[float, float, float]:
    """Errors of the server's clock, of its Date header against it, and of the local clock; at most an hour each.

    Header and local clock are never both ahead of the clock that wrote the session's time: nobody could detect that.
    """
    if rng.random() < 0.6:
        return rng.uniform(-HOUR, HOUR), 0.0, rng.uniform(-HOUR, HOUR)
    one, other = rng.uniform(-HOUR, HOUR), rng.uniform(-HOUR, 0)
    return (0.0, one, other) if rng.random() < 0.5 else (0.0, other, one)


def _spare(way: str, stamp: float, zone: str) -> float:
    """How many seconds beyond the limit a session may be kept because its time is not exact."""
    if way not in ("zone", "naive"):
        return 1.0
    shown = wall(stamp, zone)
    if way == "naive":
        return SPARE + max(0.0, _as_utc(shown) - stamp) + 1.0
    readings = [_as_utc(shown.replace(tzinfo=ZoneInfo(zone), fold=fold)) for fold in (0, 1)]
    return abs(readings[0] - readings[1]) + 1.0


def _as_utc(moment: datetime) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return aware.timestamp()


def _written(way: str, at: float, zone: str) -> object:
    """A time as a server may write it."""
    if way == "epoch":
        return round(at)
    if way == "epoch_ms":
        return round(at * 1000)
    moment = EPOCH + timedelta(milliseconds=round(at * 1000))
    if way == "offset":
        return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
    if way in ("zone", "naive"):
        return wall(at, zone).isoformat(timespec="seconds")
    text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds" if way == "z_ms" else "seconds")
    return f"{text}Z"


def is_stale(case: Case) -> bool:
    """Whether the collection considers the session stale."""
    given = {"older_than": f"{case.older_than}s", "naive_timezone": case.zone}
    criteria = criteria_from(given)
    record = {"id": "a", "state": "running", "created_at": case.created_at}
    session = Session.from_record(record, "webui", criteria.zone)
    assert session is not None
    return bool(decide([session], criteria, case.clock).selected)


@dataclass
class Count:
    """Counts of wrong results: sessions called stale too early, and sessions not called stale although old enough.

    ``young`` and ``old`` are the numbers of sessions for which each error was possible.
    """

    young: int = 0
    old: int = 0
    false_stale: int = 0
    missed: int = 0
    first: Case | None = None

    def judge(self, case: Case) -> None:
        """Count one case."""
        stale = is_stale(case)
        young, old = case.age <= case.older_than, case.age > case.found_from
        false_stale, missed = stale and young, not stale and old
        self.young += young
        self.old += old
        self.false_stale += false_stale
        self.missed += missed
        if self.first is None and (false_stale or missed):
            self.first = case


def no_clue(rng: Random) -> Case:
    """A case in which nothing may count as stale: no Date header, or an invalid, future or impossibly old time."""
    true = seconds("2026-02-01T12:00")
    bad: list[object] = [None, "", "yesterday", "2026-13-41T99:00:00Z", 0, -5, True, [], "1999-12-31T00:00:00Z"]
    bad += [_written("z", true + rng.uniform(3601, 9e8), "UTC"), true * 1e30, "2026-01-01T00:00:00+99:99"]
    clocks = [Clock(true + rng.uniform(-HOUR, HOUR), true), Clock(None, true)]
    if rng.random() < 0.3:
        stamp: object = _written(rng.choice(WAYS), true - rng.uniform(2, 900) * DAY, "UTC")
        return Case(stamp, None, 3600, clocks[1], 0.0, float("inf"))
    return Case(rng.choice(bad), None, 3600, rng.choice(clocks), 0.0, float("inf"))


# The same with one guard removed


@contextmanager
def only(clock: str) -> Iterator[None]:
    """Guard removed: ages are measured with one clock only, ``local`` or ``server``."""

    def one(self: Clock) -> float:
        return self.local if clock == "local" or self.server is None else self.server

    with patch.object(Clock, "earliest", property(one)), patch.object(Clock, "latest", property(one)):
        yield


@contextmanager
def without_spare() -> Iterator[None]:
    """Guard removed: a time without a zone is read as UTC."""
    with patch.object(timestamp, "NAIVE_MARGIN", 0):
        yield


@contextmanager
def first_reading() -> Iterator[None]:
    """Guard removed: an hour that occurs twice is read as the first one."""

    def first(wall: int, zone: tzinfo) -> int:
        return int((timestamp.EPOCH + timedelta(seconds=wall)).replace(tzinfo=zone, fold=0).timestamp())

    with patch.object(timestamp, "_latest", first):
        yield


@contextmanager
def gullible() -> Iterator[None]:
    """Guard removed: every time is accepted, and the local clock replaces a missing one."""
    with patch.object(Clock, "reliable", lambda _clock, instant: instant is not None):
        yield


UNGUARDED: dict[str, tuple[Callable[[], AbstractContextManager[None]], Callable[[Random], Case]]] = {
    "false stale by the local clock alone": (lambda: only("local"), draw),
    "false stale by the server's clock alone": (lambda: only("server"), draw),
    "false stale, no zone taken for UTC": (without_spare, draw),
    "false stale, first of two readings": (first_reading, lambda rng: draw(rng, "zone")),
    "false stale, every time relied on": (gullible, no_clue),
}


def count(seed: object, cases: int, make: Callable[[Random], Case] = draw,
          guard: Callable[[], AbstractContextManager[None]] = nullcontext) -> Count:  # fmt: skip
    """Draw and judge cases."""
    rng, made = Random(f"races-clocks-{seed}"), Count()
    with guard():
        for _number in range(cases):
            made.judge(make(rng))
    return made


def run(report: Report) -> None:
    """Count with all guards, and without each of them."""
    cases = report.size.pick(8_000, 120_000)
    seed = report.size.seed
    drawn, clueless = count(seed, cases), count(seed, cases // 8, no_clue)
    report.figure("clocks and times drawn", cases, f">= {report.size.pick(5_000, 100_000)}")
    report.figure("of these too young", drawn.young, f">= {cases // 4}")
    report.figure("of these surely old enough", drawn.old, f">= {cases // 8}")
    report.figure("false stale", drawn.false_stale, "= 0")
    report.figure("missed", drawn.missed, "= 0")
    report.figure("times that tell nothing drawn", cases // 8)
    report.figure("false stale among these", clueless.false_stale, "= 0")
    for found in (drawn.first, clueless.first):
        if found is not None:
            report.note(f"clocks, seed {seed}: {found}")
    for name, (guard, make) in UNGUARDED.items():
        report.figure(name, count(f"{seed}-{name}", cases // 10 + 2000, make, guard).false_stale, ">= 1")
