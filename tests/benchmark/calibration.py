"""Calibrate the model: constants of the machine from some measurements, checked against the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .measure import Measured, Results
from .model import (
    Cost,
    Machine,
    account_seconds,
    end_requests,
    end_seconds,
    limited_seconds,
    list_requests,
    list_seconds,
    lookup_seconds,
    solved,
)
from .servers import KINDS

MARGIN = 0.15
"""How far the model may be from what was measured."""
NEEDED = {"page", "list", "end", "limit", "lookups", "accounts"}
_SIZES = ("1", "10", "100")


@dataclass(frozen=True)
class Check:
    """One measurement: the modelled and the measured value."""

    job: str
    modelled: float
    measured: float
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Modelled / measured."""
        return self.modelled / self.measured if self.measured else float("nan")

    @property
    def near(self) -> bool:
        """Whether both values agree."""
        return abs(self.ratio - 1) <= MARGIN


def machine_of(results: Results) -> Machine:
    """The constants from one page, the longest list, the largest bulk change and one lookup; work is processor time."""
    page, listing, end, lookups = (results[name] for name in ("page", "list", "end", "lookups"))
    play = page.seconds("noop").median
    work = _work(listing, "info 10", "info 100", listing.numbers["pages 100"] - listing.numbers["pages 10"])
    module = max(page.seconds("info").median - play - 2 * page.numbers["latency"] - work, 0.0)
    machine = Machine(play, module, Cost(work))

    def listed(wait: float) -> float:
        return _list(results, replace(machine, page=Cost(work, wait)), "100")

    machine = replace(machine, page=Cost(work, solved(listed, listing.seconds("info 100").median)))
    changing = _work(end, "end few", "end many", 2 * (end.numbers["many"] - end.numbers["few"]))

    def ended(wait: float) -> float:
        return _end(results, replace(machine, request=Cost(changing, wait)), "many")

    machine = replace(machine, request=Cost(changing, solved(ended, end.seconds("end many").median)))
    waiting = 2 * lookups.numbers["latency"] + machine.page_of(int(lookups.numbers["sessions"])).work
    return replace(machine, lookup=lookups.seconds("one").median - waiting)


def _work(measured: Measured, small: str, large: str, more: float) -> float:
    """Processor seconds of one request: the difference of a large and a small run, divided by their requests."""
    spent = measured.each(lambda first, second: second.cpu - first.cpu, small, large).median
    return max(spent / max(more, 1), 0.0)


def checks(results: Results, machine: Machine, cores: int) -> list[Check]:
    """The measurements that did not yield the constants, and the numbers of requests of all."""
    listing, end = results["list"], results["end"]
    page = int(listing.numbers["page"])
    found = []
    for size in _SIZES:
        job = f"list {int(listing.numbers[f'sessions {size}']):,}"
        found.append(Check(job, list_requests(_kinds(listing, size), page), _sent(listing, f"info {size}"), "requests"))
        if size != _SIZES[-1]:
            found.append(Check(job, _list(results, machine, size), listing.seconds(f"info {size}").median))
    for size in ("few", "many"):
        count = int(end.numbers[size])
        modelled = end_requests(count, int(end.numbers["page"]))
        found.append(Check(f"end {count:,}", modelled, _sent(end, f"end {size}"), "requests"))
    few = f"end {int(end.numbers['few']):,}"
    found.append(Check(few, _end(results, machine, "few"), end.seconds("end few").median))
    return [*found, *_lookups(results, machine), *_limited(results, machine), *_accounts(results, cores)]


def _kinds(listing: Measured, size: str) -> list[int]:
    return [int(listing.numbers[f"{kind} {size}"]) for kind in KINDS]


def _sent(measured: Measured, key: str) -> float:
    return measured.each(lambda sample: sample.requests["total"], key).median


def _list(results: Results, machine: Machine, size: str) -> float:
    listing = results["list"]
    page, latency = int(listing.numbers["page"]), listing.numbers["latency"]
    return list_seconds(machine, _kinds(listing, size), page, latency)


def _end(results: Results, machine: Machine, size: str) -> float:
    numbers = results["end"].numbers
    workers, page = int(numbers["workers"]), int(numbers["page"])
    return end_seconds(machine, int(numbers[size]), page, numbers["latency"], workers)


def _lookups(results: Results, machine: Machine) -> list[Check]:
    lookups = results["lookups"]
    many, count = int(lookups.numbers["lookups"]), int(lookups.numbers["sessions"])
    modelled = lookup_seconds(machine, many, count, lookups.numbers["latency"])
    return [
        Check(f"{many} lookups", 1 + many, _sent(lookups, "many"), "requests"),
        Check(f"{many} lookups", modelled, lookups.seconds("many").median),
    ]


def _limited(results: Results, machine: Machine) -> list[Check]:
    limit = results["limit"]
    count, rate = int(limit.numbers["sessions"]), limit.numbers["rate"]
    sent = end_requests(count, int(limit.numbers["page"]))
    modelled = limited_seconds(machine, sent, rate, limit.numbers["burst"])
    return [Check(f"end {count:,} at {rate:g} requests/s", modelled, limit.seconds("end").median)]


def account_costs(accounts: Measured) -> tuple[float, float, float]:
    """Seconds of a task on one account, its processor time, and the start of a play (from hosts that do nothing)."""
    alone, many, one = (accounts.each(lambda sample: sample.cpu, key).median for key in ("noop", "noops", "one"))
    further = (many - alone) / max(accounts.numbers["accounts"] - 1, 1)
    start = max(alone - further, 0.0)
    return accounts.seconds("one").median - start, max(one - start, 0.0), start


def _accounts(results: Results, cores: int) -> list[Check]:
    accounts = results["accounts"]
    count, forks = int(accounts.numbers["accounts"]), int(accounts.numbers["forks"])
    modelled = account_seconds(*account_costs(accounts), count, forks, cores)
    return [Check(f"{count} accounts, forks {forks}", modelled, accounts.seconds("all").median)]
