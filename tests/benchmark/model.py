"""The cost of a run in requests and seconds, as a function of its size. Pure; documented in docs/sizing.md.

Seconds are those of the whole ``ansible-playbook``. A list is read kind by kind: the first page, then several others at
a time. Its pages overlap by one session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Callable

LISTING_WORKERS = 8
PAUSE = 0.2
"""Seconds between the last change and the first look whether a few sessions have ended."""
MANY = 10
"""Of so many, one is read at once instead."""
_ENOUGH = 60


@dataclass(frozen=True)
class Cost:
    """Seconds of one of many requests, without the server's latency.

    ``work`` is processor time, which all requests share; ``wait`` is the time that each of several waits for its turn.
    """

    work: float = 0.0
    wait: float = 0.0


@dataclass(frozen=True)
class Machine:
    """Costs on a machine, in seconds.

    ``play``: a play with a task that does nothing; ``module``: additional time of a module of the collection, without
    requests; ``page``: a page of 100 sessions; ``request``: a request of a change; ``lookup``: a play with a lookup,
    without requests.
    """

    play: float
    module: float = 0.0
    page: Cost = Cost()
    request: Cost = Cost()
    lookup: float = 0.0

    def page_of(self, sessions: int) -> Cost:
        """The cost of a page with ``sessions`` sessions."""
        return Cost(self.page.work * sessions / 100, self.page.wait)


def pages(sessions: int, page: int) -> int:
    """The number of pages read for one kind; one more if the only page is exactly full, to be sure."""
    return 2 if sessions == page else 1 + max(ceil((sessions - page) / max(page - 1, 1)), 0)


def list_requests(kinds: Sequence[int], page: int) -> int:
    """The number of requests of a list: the document and the pages, by the number of sessions of each kind."""
    return 1 + sum(pages(count, page) for count in kinds)


def end_requests(sessions: int, page: int) -> int:
    """The number of requests to end sessions: a list, a read and a change for each session, and a list to confirm.

    Of many, one is read before that list.
    """
    return list_requests([sessions], page) + 2 * sessions + (sessions >= MANY) + pages(sessions, page)


def shared(count: int, latency: float, cost: Cost, workers: int) -> float:
    """Seconds of requests that share workers: waits run in parallel, work does not (one interpreter)."""
    return max(ceil(count / workers) * (latency + cost.wait), count * cost.work)


def kind_seconds(sessions: int, page: int, latency: float, cost: Cost) -> float:
    """Seconds to list one kind, from the ``cost`` of a page: the first page alone, then the others."""
    return latency + cost.work + shared(pages(sessions, page) - 1, latency, cost, LISTING_WORKERS)


def list_seconds(machine: Machine, kinds: Sequence[int], page: int, latency: float) -> float:
    """Seconds of a task that lists all sessions and returns few."""
    read = sum(kind_seconds(count, page, latency, machine.page_of(min(page, count))) for count in kinds)
    return machine.play + machine.module + latency + read


def end_seconds(machine: Machine, sessions: int, page: int, latency: float, workers: int) -> float:
    """Seconds of a task that ends sessions of one kind: a list, the changes, a pause or a read, and a list again."""
    again = kind_seconds(sessions, page, latency, machine.page_of(min(page, sessions)))
    changes = shared(2 * sessions, latency, machine.request, workers)
    look = latency + machine.request.wait if sessions >= MANY else PAUSE
    return list_seconds(machine, [sessions], page, latency) + changes + look + again


def limited_seconds(machine: Machine, requests: float, rate: float, burst: float) -> float:
    """Seconds of a task that ends many sessions on a server with a limit of requests per second."""
    return machine.play + machine.module + max(requests - burst, 0) / rate


def lookup_seconds(machine: Machine, lookups: int, sessions: int, latency: float) -> float:
    """Seconds of lookups of one page each in one task; the document is read once."""
    return machine.lookup + latency + lookups * (latency + machine.page_of(sessions).work)


def account_seconds(one: float, work: float, nothing: float, accounts: int, forks: int, cores: int) -> float:
    """Seconds of one task on many accounts, limited by the number of forks and by the cores.

    :param one: the task on one account. :param work: its processor time. Both without the start (``nothing`` seconds).
    """
    return nothing + max(ceil(accounts / forks) * one, accounts * work / cores)


def solved(seconds: Callable[[float], float], target: float) -> float:
    """The value for which a growing function reaches the target; 0 if the function is above it at 0."""
    low, high = 0.0, 1.0
    if seconds(low) >= target:
        return 0.0
    for _step in range(_ENOUGH):
        middle = (low + high) / 2
        low, high = (middle, high) if seconds(middle) < target else (low, middle)
    return high
