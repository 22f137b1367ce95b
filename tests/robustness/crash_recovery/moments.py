"""The moments at which runs are killed, and waiting for one of them."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from .account import STALE, Account
from .processes import Running
from .runs import target

TERM, KILL, CANCEL = "SIGTERM", "SIGKILL", "cancel"
"""The last is what AWX does: SIGTERM to the runner, and soon after the container goes with all that is left in it."""

_GLANCE, _LOOK = 0.01, 0.03
_CANCEL_AFTER = 1.0
_DELAYS = {"change": 0.08, "download": 0.3, "report": 0.5, "time": 0.3}  # at most, in seconds
_REPORT = "Write the files"


@dataclass(frozen=True)
class Moment:
    """Which part of a work is killed, how, and when: at a ``time``, a ``change``, a ``download`` or the ``report``."""

    work: str
    what: str
    how: str
    scope: str
    when: str
    number: int = 0

    @property
    def leaves_orphans(self) -> bool:
        """Whether a module may survive as an orphan."""
        return self.what != "module" and self.scope != "all" and self.how != CANCEL

    @property
    def label(self) -> str:
        """The moment as text."""
        return f"moment {self.number}, {self.work}: {self.how} of {self.what} ({self.scope}) at a {self.when}"


_TABLE = """
 2 runner    runner    SIGTERM process change
 1 runner    runner    SIGTERM process time
 2 runner    runner    cancel  process time
 1 runner    runner    cancel  process change
 1 runner    runner    cancel  process report
 1 runner    runner    SIGKILL process change
 1 runner    runner    SIGKILL all     time
 1 runner    playbook  SIGTERM group   time
 1 runner    module    SIGKILL process time
 2 cleanup   playbook  SIGTERM process time
 1 cleanup   playbook  SIGTERM group   change
 1 cleanup   playbook  SIGTERM all     time
 2 cleanup   playbook  SIGKILL process change
 2 cleanup   playbook  SIGKILL group   time
 1 cleanup   playbook  SIGKILL group   download
 1 cleanup   playbook  SIGKILL all     change
 2 cleanup   playbook  SIGKILL all     report
 1 cleanup   module    SIGTERM process change
 1 cleanup   module    SIGKILL process download
 2 purge     playbook  SIGKILL all     download
 2 purge     playbook  SIGKILL group   time
 1 purge     playbook  SIGTERM process change
 1 purge     playbook  SIGKILL process report
 1 purge     module    SIGTERM process time
 1 purge     module    SIGKILL process change
 4 terminate module    SIGTERM process change
 1 terminate module    SIGTERM process time
 4 terminate module    SIGKILL process change
 1 terminate module    SIGKILL process time
 2 download  module    SIGTERM process download
 3 download  module    SIGKILL process download
 1 download  playbook  SIGTERM group   time
 1 download  playbook  SIGKILL all     download
"""
_FEW = """
 1 runner    runner    cancel  process change
 1 cleanup   playbook  SIGKILL group   change
 1 purge     playbook  SIGKILL all     download
 1 terminate module    SIGTERM process change
 1 download  module    SIGKILL process download
 1 terminate playbook  SIGTERM process time
"""


def moments(*, full: bool) -> list[Moment]:
    """All moments, the longest ones first."""
    rows = [line.split() for line in (_TABLE if full else _FEW).split("\n") if line]
    made = [words for count, *words in rows for _again in range(int(count))]
    return [Moment(work, what, how, scope, when, n) for n, (work, what, how, scope, when) in enumerate(made)]


def strike(run: Running, moment: Moment, account: Account, rng: Random, usual: Mapping[str, float]) -> bool:
    """Wait for the moment and send the signal. Returns whether the run and the target still existed.

    :param usual: the seconds that each work takes if it is not killed.
    """
    number, at = rng.randint(1, STALE - 2), time.monotonic() + rng.uniform(0.05, 1.0) * usual.get(moment.work, 1.0)
    delay = rng.uniform(0.0, _DELAYS[moment.when])
    while not _has_come(run, moment, account, number, at):
        if run.code is not None:
            return False
        time.sleep(_LOOK)
    time.sleep(delay)
    process = target(run, moment.what)
    while process is None:
        if run.code is not None:
            return False
        time.sleep(_GLANCE)
        process = target(run, moment.what)
        time.sleep(delay if process else 0)  # the run has just started
    if run.code is not None:
        return False
    if moment.how != CANCEL:
        return run.strike(process.pid, getattr(signal, moment.how), moment.scope)
    struck = run.strike(process.pid, signal.SIGTERM, "process")
    run.ends_within(_CANCEL_AFTER)
    run.end_all()
    return struck


def _has_come(run: Running, moment: Moment, account: Account, number: int, at: float) -> bool:
    if moment.when == "change":
        return bool(len(account.emulator.changes()) >= number)
    if moment.when == "download":
        paths = [entry["path"] for entry in account.emulator.requests()]
        return bool(sum(path.endswith("/logs/download") for path in paths) >= number)
    if moment.when == "report":
        return _REPORT in run.printed() if number % 2 else any((run.output.parent / "reports").rglob("*"))
    return time.monotonic() >= at
