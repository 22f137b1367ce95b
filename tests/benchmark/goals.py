"""The goals: a table of figures, their formulas and bounds.

``floor`` is the same play with a module that does nothing, in the same round; ``pages`` is the number of pages of the
account. A figure is computed for each round. It is met if all of its values are within the bound, missed if none is;
else the machine was too noisy to tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Callable, Optional

from .measure import Measured, Results, Spread
from .stopwatch import Sample

TIME, COUNT, SHAPE = "time", "count", "shape"
"""What a figure tells. A quick run judges counts, refuses absurd times, and takes any shape."""
MET, MISSED, TOO_NOISY = "met", "missed", "too noisy"
_ABSURD = (0.005, 100.0)


@dataclass(frozen=True)
class Goal:
    """One figure. ``low`` and ``high`` are its bounds; without both it only explains another one."""

    number: str
    case: str
    name: str
    formula: str
    figure: Callable[[Measured], Spread]
    low: Optional[float] = None
    high: Optional[float] = None
    kind: str = TIME
    in_quick: bool = True

    @property
    def bound(self) -> str:
        """The bound as text."""
        if self.low is not None and self.high is not None:
            return f"{self.low:g}-{self.high:g}"
        return f"≤ {self.high:g}" if self.high is not None else f"≥ {self.low:g}" if self.low is not None else ""

    def outcome(self, spread: Spread, *, quick: bool = False) -> str:
        """``MET``, ``MISSED`` or ``TOO_NOISY``; in a quick run a plausible figure is met."""
        if not isfinite(spread.median):
            return MISSED
        if quick and self.kind == SHAPE:
            return MET
        if quick and self.kind == TIME:
            return MET if _ABSURD[0] < spread.median < _ABSURD[1] else MISSED
        within = [self._within(value) for value in spread.values]
        return MET if all(within) else TOO_NOISY if any(within) or self._around(spread) else MISSED

    def _within(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def _around(self, spread: Spread) -> bool:
        """Whether values are beyond both bounds."""
        return self.low is not None and self.high is not None and spread.low < self.low and spread.high > self.high


@dataclass(frozen=True)
class Verdict:
    """A goal with its figure, and what it shows."""

    goal: Goal
    spread: Spread
    outcome: str


def judged(results: Results, *, quick: bool) -> list[Verdict]:
    """The verdicts on the goals of all cases that were run."""
    found = []
    for goal in GOALS:
        if goal.case in results and (goal.in_quick or not quick):
            spread = goal.figure(results[goal.case])
            if not spread.values and "curl" in goal.name and results[goal.case].notes:
                continue  # there is no curl; a note says so
            found.append(Verdict(goal, spread, goal.outcome(spread, quick=quick)))
    return found


# formulas


def _over_listing(size: str) -> Callable[[Measured], Spread]:
    def figure(of: Measured) -> Spread:
        waiting = of.numbers[f"pages {size}"] * of.numbers["latency"] / of.numbers["workers"]
        return of.each(lambda ours, floor: ours.seconds / (floor.seconds + waiting), f"info {size}", "noop")

    return figure


def _flatness(of: Measured) -> Spread:
    few, some, many = (of.numbers[f"sessions {size}"] for size in ("1", "10", "100"))

    def marginal(low: Sample, middle: Sample, high: Sample) -> float:
        return ((high.seconds - middle.seconds) / (many - some)) / ((middle.seconds - low.seconds) / (some - few))

    return of.each(marginal, "info 1", "info 10", "info 100")


def _over_ending(of: Measured) -> Spread:
    waiting = 2 * of.numbers["many"] * of.numbers["latency"] / of.numbers["workers"]
    return of.each(lambda ours, floor: ours.seconds / (floor.seconds + waiting), "end many", "noop")


def _over_ending_named(of: Measured) -> Spread:
    waiting = 2 * of.numbers["named"] * of.numbers["latency"] / of.numbers["workers"]
    return of.each(lambda ours, floor: ours.seconds / (floor.seconds + waiting), "end named", "noop")


def _over_task(size: str) -> Callable[[Measured], Spread]:
    return lambda of: of.each(
        lambda role, task: role.seconds / (1.5 * task.seconds + 6), f"role {size}", f"task {size}"
    )


def _over_check(size: str) -> Callable[[Measured], Spread]:
    return lambda of: of.each(lambda plan, check: plan.seconds / (3 + check.seconds), f"plan {size}", f"check {size}")


def _over_pages(of: Measured) -> Spread:
    """Overlaps and a last page that may be empty add few; a list without the filter has many times more."""
    return of.each(lambda plan: plan.requests["list"] / (1.1 * of.numbers["pages running"] + 2), "filtered")


def _against_uri_ending(of: Measured) -> Spread:
    scale = of.numbers["many"] / of.numbers["few"]

    def ratio(peer: Sample, floor: Sample, ours: Sample) -> float:
        return ((peer.seconds - floor.seconds) * scale + floor.seconds) / ours.seconds

    return of.each(ratio, "uri few", "noop", "end many")


def needed_to_end(sessions: float, page: float) -> float:
    """The least number of requests to end sessions: the document, a list before and after, and two for each session."""
    return 1 + 2 * ceil(sessions / page) + 2 * sessions


def _over_limit(of: Measured) -> Spread:
    numbers = of.numbers

    def ratio(ours: Sample, floor: Sample) -> float:
        accepted = ours.requests["total"] - ours.requests["refused"]
        needed = min(accepted, needed_to_end(numbers["sessions"], numbers["page"]))
        return ours.seconds / (floor.seconds + max(needed - numbers["burst"], 0) / numbers["rate"])

    return of.each(ratio, "end", "noop")


def _over_one_account(of: Measured) -> Spread:
    turns = of.numbers["accounts"] / of.numbers["forks"]
    return of.each(lambda every, one: every.seconds / (max(turns, 1) * one.seconds), "all", "one")


def _over_cores(of: Measured) -> Spread:
    cores = of.numbers.get("cores", 2)
    return of.each(lambda every: every.seconds / (every.cpu / cores), "all")


def _at_best_against_uri(of: Measured) -> Spread:
    scale, waiting = of.numbers["many"] / of.numbers["few"], 2 * of.numbers["many"] * of.numbers["latency"]

    def ratio(peer: Sample, floor: Sample) -> float:
        scaled = (peer.seconds - floor.seconds) * scale + floor.seconds
        return scaled / (floor.seconds + waiting / of.numbers["workers"])

    return of.each(ratio, "uri few", "noop")


def _over_lookups(of: Measured) -> Spread:
    waiting = of.numbers["lookups"] * of.numbers["latency"]
    return of.each(lambda many, one: many.seconds / (1.3 * one.seconds + waiting), "many", "one")


def _requests(key: str, names: Mapping[str, int], per: str = "", others: int = 0) -> Callable[[Measured], Spread]:
    """Requests of a contender: each name's count times its sign, for each of the number ``per``, without ``others``."""

    def figure(of: Measured) -> Spread:
        share = of.numbers[per] if per else 1.0

        def total(sample: Sample) -> float:
            return sum(sign * sample.requests.get(name, 0) for name, sign in names.items()) - others

        return of.each(lambda sample: total(sample) / share, key)

    return figure


def _as_fast_as_curl(key: str, peer: str) -> Callable[[Measured], Spread]:
    return lambda of: of.each(
        lambda curl, ours, floor: curl.seconds / max(ours.seconds - floor.seconds, 1e-3), peer, key, "noop"
    )


def _growth(way: str) -> Callable[[Measured], Spread]:
    """Of the text that takes the most."""

    def figure(of: Measured) -> Spread:
        keys = [key for key in of.titles if key.startswith(f"{way} ")]  # the small one too
        return of.each(lambda *all_: max(one.module_peak for one in all_) - all_[-1].module_peak, *keys)

    return figure


def _logs(way: str, low: float) -> Iterator[Goal]:
    for text, of in _TEXTS.items():
        figure = _as_fast_as_curl(f"{way} {text}", f"curl and sync {text}")
        yield Goal("8", "log", f"1 GiB {way}, {of}: curl and sync", "curl and sync / (download - floor)",
                   figure, low=low, kind=SHAPE, in_quick=text == "solver")  # fmt: skip


def _answers(key: str) -> Callable[[Measured], Spread]:
    return lambda of: of.each(lambda sample: sample.requests["total"] / sample.seconds, key)


def _of_what_latency_allows(key: str) -> Callable[[Measured], Spread]:
    return lambda of: Spread([rate / of.numbers[f"limit {key}"] for rate in _answers(key)(of).values])


_ALL_BUT_LISTS = {"total": 1, "list": -1, "document": -1}
_TEXTS = {"solver": "of a solver", "json": "JSON lines", "prose": "prose"}
_READS_IN_ALL = 2  # however many sessions: one shows that they end at once, and one that the list of the ends is right

GOALS = (
    Goal("0", "emulator", "the emulator's requests/s, 20 ms, 8 connections", "requests / s",
         _answers("20 ms, 8"), low=300, kind=SHAPE),
    Goal("0", "emulator", "… as a part of what 20 ms allow, 8", "requests/s / (8 / latency)",
         _of_what_latency_allows("20 ms, 8"), low=0.9),
    Goal("0", "emulator", "… as a part of what 50 ms allow, 16", "requests/s / (16 / latency)",
         _of_what_latency_allows("50 ms, 16"), low=0.9),
    Goal("0", "emulator", "… requests/s without latency, 16", "requests / s", _answers("0 ms, 16"), kind=SHAPE),
    Goal("1", "page", "one page, against uri", "info / uri", lambda of: of.ratio("info", "uri"), high=1.05),
    Goal("1", "page", "requests for one page", "requests", _requests("info", {"total": 1}), high=2, kind=COUNT),
    Goal("2", "list", "list 10,000", "info / (floor + pages * latency / 8)", _over_listing("10"), high=1.5),
    Goal("2", "list", "list 1,000, times faster than the uri loop", "uri / info",
         lambda of: of.ratio("uri 1", "info 1"), kind=SHAPE, in_quick=False),
    Goal("2", "list", "list 10,000, times faster than the uri loop", "uri / info",
         lambda of: of.ratio("uri 10", "info 10"), low=20),
    Goal("3", "list", "list 100,000", "info / (floor + pages * latency / 8)", _over_listing("100"), high=2.5),
    Goal("3", "list", "peak memory of the module, MiB", "VmHWM",
         lambda of: of.each(lambda sample: sample.module_peak, "info 100"), high=150, kind=COUNT),
    Goal("3", "list", "a further session, above and below 10,000",
         "((T100 - T10) / 90,000) / ((T10 - T1) / 9,000)", _flatness, low=0.8, high=1.2, kind=SHAPE),
    Goal("4", "end", "end 1,000", "terminate / (floor + 2 * 1,000 * latency / 16)", _over_ending, high=1.3),
    Goal("4", "end", "end 1,000, times faster than a uri loop", "10 * (uri of 100 - floor) + floor / terminate",
         _against_uri_ending, low=50),
    Goal("4", "end", "… if all it did were to wait for its requests", "the same / (floor + 2 * 1,000 * latency / 16)",
         _at_best_against_uri, kind=SHAPE),
    Goal("4", "end", "requests for each session beside the lists", "(all - lists - document - two reads) / sessions",
         _requests("end many", _ALL_BUT_LISTS, "many", _READS_IN_ALL), high=2, kind=COUNT),
    Goal("4", "end", "end 300 by id", "terminate / (floor + 2 * 300 * latency / 16)", _over_ending_named, high=1.3),
    Goal("4", "end", "… requests for each session beside the lists", "(all - lists - document - two reads) / sessions",
         _requests("end named", _ALL_BUT_LISTS, "named", _READS_IN_ALL), high=2, kind=COUNT),
    Goal("4", "end", "end 1,000, against xargs -P16 curl", "terminate / xargs",
         lambda of: of.ratio("end many", "xargs many"), kind=SHAPE),
    Goal("5", "lookups", "50 lookups", "50 lookups / (1.3 * one + 50 * latency)", _over_lookups, high=1),
    Goal("5", "lookups", "requests for 50 lookups", "requests", _requests("many", {"total": 1}), kind=SHAPE),
    Goal("6", "accounts", "20 accounts, against what the cores can do",
         "20 accounts / (their processor time / cores)", _over_cores, high=1.1, kind=SHAPE),
    Goal("6", "accounts", "… of it what the collection takes", "(20 accounts - noop on 20 hosts) / 20 accounts",
         lambda of: of.each(lambda every, noops: 1 - noops.seconds / every.seconds, "all", "noops"),
         high=0.4, kind=SHAPE),
    Goal("6", "accounts", "… with forks 10, against one account", "20 accounts / ((20 / 10) * one)",
         _over_one_account, kind=SHAPE),
    Goal("7", "limit", "end 200 at 20 requests/s", "terminate / (floor + (needed - burst) / 20)",
         _over_limit, high=1.2),
    Goal("7", "limit", "refused with 429 of all requests", "refused / requests",
         lambda of: of.each(lambda ours: ours.requests["refused"] / ours.requests["total"], "end"), kind=SHAPE),
    *_logs("plain", 0.8),
    *_logs("redacted", 0.5),
    Goal("8", "log", "… plain, of a solver: curl alone", "curl / (download - floor)",
         _as_fast_as_curl("plain solver", "curl solver"), kind=SHAPE),
    Goal("8", "log", "growth of memory, MiB", "VmHWM of 1 GiB - of 1 MiB", _growth("plain"), high=64, kind=COUNT),
    Goal("8", "log", "growth of memory, redacted, MiB", "VmHWM of 1 GiB - of 1 MiB", _growth("redacted"), high=64,
         kind=COUNT),
    Goal("9", "filtered", "a plan of the running sessions among 25,000, with server_filters",
         "pages / (1.1 * pages of running sessions + 2)", _over_pages, high=1, kind=COUNT),
    Goal("9", "filtered", "… its time, against the same plan of all pages", "filtered / all",
         lambda of: of.ratio("filtered", "all"), kind=SHAPE),
    Goal("12", "roles", "the role plans 2,500", "plan / (3 s + a task in check mode)", _over_check("many"), high=1),
    Goal("12", "roles", "the role ends 441", "role / (1.5 * a task doing it + 6 s)", _over_task("few"), high=1,
         in_quick=False),
    Goal("12", "roles", "the role ends 2,500", "role / (1.5 * a task doing it + 6 s)", _over_task("many"), high=1),
    Goal("12", "roles", "… requests for each session beside the lists", "(all - lists - documents) / sessions",
         _requests("role many", _ALL_BUT_LISTS, "many"), kind=SHAPE),
    Goal("12", "roles", "steps of the role that ends 2,500", "steps", _requests("role many", {"steps": 1}), high=75,
         kind=COUNT),
    Goal("12", "roles", "a report of 10,000, against the list alone", "report / info",
         lambda of: of.ratio("report", "info"), kind=SHAPE),
    Goal("12", "roles", "a plan of retention of 10,000, against the list alone", "retention / info",
         lambda of: of.ratio("retention", "info"), kind=SHAPE),
)  # fmt: skip
