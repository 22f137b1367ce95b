"""What a run costs, in requests and seconds, as a function of its size. Pure; docs/sizing.md shows it.

Seconds are those of the whole ``ansible-playbook``. The constants of a machine are taken from some of the
measurements of a run, and what follows from them is held against the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from .measure import Results

MARGIN = 0.15
"""How far the model may be from what was measured."""


@dataclass(frozen=True)
class Machine:
    """Seconds that things take on a machine.

    ``play``: a play whose one task does nothing; ``module``: what a module of the collection takes more than that,
    without requests; ``session``: work for one listed session; ``request``: work for one other request; ``lookup``: a
    play with a lookup, without requests.
    """

    play: float
    module: float = 0.0
    session: float = 0.0
    request: float = 0.0
    lookup: float = 0.0


def pages(sessions: Sequence[int], page: int) -> int:
    """The pages of an account with so many sessions of each kind."""
    return sum(max(ceil(count / page), 1) for count in sessions)


def list_requests(page_count: int) -> int:
    """The requests of a listing: the document and the pages."""
    return 1 + page_count


def end_requests(sessions: int, page_count: int) -> int:
    """The requests of ending: a listing, a read and a change for each session, and a listing to see that they ended."""
    return list_requests(page_count) + 2 * sessions + page_count


def shared(count: float, latency: float, work: float, workers: int) -> float:
    """Seconds of requests that share workers: each waits and works, and all work shares one interpreter."""
    return count * max((latency + work) / workers, work)


def work_of(seconds: float, count: float, latency: float, workers: int) -> float:
    """The work of one request, from the seconds of all: the inverse of ``shared``."""
    each = seconds / count
    return max(min(each, workers * each - latency), 0.0)


def list_seconds(machine: Machine, sessions: int, page_count: int, latency: float, workers: int) -> float:
    """A task that lists all sessions and returns few: the document and a first page, then the others side by side."""
    work = machine.session * sessions / page_count
    further = max(page_count - 1, 0)
    return machine.play + machine.module + 2 * latency + work + shared(further, latency, work, workers)


def end_seconds(machine: Machine, sessions: int, page_count: int, latency: float, workers: int) -> float:
    """A task that ends sessions: a listing, the changes, and a listing again."""
    listings = list_seconds(machine, sessions, page_count, latency, workers) + (page_count * latency) / min(
        8, page_count
    )
    return listings + shared(2 * sessions, latency, machine.request, workers)


def limited_seconds(machine: Machine, requests: float, rate: float, burst: float) -> float:
    """A task on a server that takes only so many requests a second."""
    return machine.play + machine.module + max(requests - burst, 0) / rate


def lookup_seconds(machine: Machine, lookups: int, sessions: int, latency: float) -> float:
    """Lookups of one page each in one task: the document once."""
    return machine.lookup + latency + lookups * (latency + machine.session * sessions)


def account_seconds(one: float, work: float, nothing: float, accounts: int, forks: int, cores: int) -> float:
    """One task on many accounts: ``one`` account's task in seconds, its processor time ``work`` beside a start of
    ``nothing`` seconds; as many at once as there are forks, but no more work than the cores can do."""
    return nothing + max(ceil(accounts / forks) * one, accounts * work / cores)


@dataclass(frozen=True)
class Check:
    """One job: what the model says and what was measured."""

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
        """Whether they agree."""
        return abs(self.ratio - 1) <= MARGIN


def machine_of(results: Results) -> Machine:
    """The constants, from one page, the longest listing, the largest bulk and one lookup."""
    page, listing, end, lookups = (results[name] for name in ("page", "list", "end", "lookups"))
    play = page.seconds("noop").median
    module = max(page.seconds("info").median - play - 2 * page.numbers["latency"], 0.0)
    numbers = listing.numbers
    latency, workers, count = numbers["latency"], int(numbers["workers"]), numbers["pages 100"]
    rest = listing.seconds("info 100").median - play - module - 2 * latency
    session = work_of(rest, count, latency, workers) * count / numbers["sessions 100"]
    machine = Machine(play, module, session)
    many = int(end.numbers["many"])
    listed = end_seconds(machine, many, ceil(many / 100), end.numbers["latency"], int(end.numbers["workers"]))
    listed -= shared(2 * many, end.numbers["latency"], 0.0, int(end.numbers["workers"]))
    changing = end.seconds("end many").median - listed
    request = work_of(changing, 2 * many, end.numbers["latency"], int(end.numbers["workers"]))
    lookup = lookups.seconds("one").median - 2 * lookups.numbers["latency"] - session * lookups.numbers["sessions"]
    return Machine(play, module, session, request, lookup)


def checks(results: Results, machine: Machine, cores: int) -> list[Check]:
    """The jobs that the constants were not taken from, and the requests of all."""
    listing, end, lookups = (results[name] for name in ("list", "end", "lookups"))
    found = []
    numbers = listing.numbers
    latency, workers = numbers["latency"], int(numbers["workers"])
    for size in ("1", "10"):
        count, of = int(numbers[f"sessions {size}"]), int(numbers[f"pages {size}"])
        modelled = list_seconds(machine, count, of, latency, workers)
        found.append(Check(f"list {count:,}", modelled, listing.seconds(f"info {size}").median))
    for size in ("1", "10", "100"):
        sent = listing.each(lambda sample: sample.requests["total"], f"info {size}").median
        job = f"list {int(numbers[f'sessions {size}']):,}"
        found.append(Check(job, list_requests(int(numbers[f"pages {size}"])), sent, "requests"))
    few, latency, workers = int(end.numbers["few"]), end.numbers["latency"], int(end.numbers["workers"])
    modelled = end_seconds(machine, few, ceil(few / 100), latency, workers)
    found.append(Check(f"end {few:,}", modelled, end.seconds("end few").median))
    for size in ("few", "many"):
        count = int(end.numbers[size])
        sent = end.each(lambda sample: sample.requests["total"], f"end {size}").median
        found.append(Check(f"end {count:,}", end_requests(count, ceil(count / 100)), sent, "requests"))
    many, count = int(lookups.numbers["lookups"]), int(lookups.numbers["sessions"])
    modelled = lookup_seconds(machine, many, count, lookups.numbers["latency"])
    found.append(Check(f"{many} lookups", modelled, lookups.seconds("many").median))
    return [*found, *_limited(results, machine), *_accounts(results, machine, cores)]


def _limited(results: Results, machine: Machine) -> list[Check]:
    limit = results["limit"]
    count = int(limit.numbers["sessions"])
    sent = end_requests(count, ceil(count / 100))
    modelled = limited_seconds(machine, sent, limit.numbers["rate"], limit.numbers["burst"])
    return [Check(f"end {count:,} at {limit.numbers['rate']:g} requests/s", modelled, limit.seconds("end").median)]


def _accounts(results: Results, machine: Machine, cores: int) -> list[Check]:
    accounts = results["accounts"]
    count, forks = int(accounts.numbers["accounts"]), int(accounts.numbers["forks"])
    cpu = accounts.each(lambda sample: sample.cpu, "one").median
    nothing = accounts.seconds("noop").median / 2
    one = accounts.seconds("one").median - nothing
    work = max(cpu - nothing, 0.0)
    modelled = account_seconds(one, work, nothing, count, forks, cores)
    return [Check(f"{count} accounts, forks {forks}", modelled, accounts.seconds("all").median)]
