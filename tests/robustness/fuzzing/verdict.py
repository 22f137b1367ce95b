"""Check the outcomes of cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .runs import KEY, MAX_TIME, Outcome

if TYPE_CHECKING:
    from ..figures import Report

CRASH, UNCLEAN, BELIEVED, EMPTY, WRONG = (
    "tracebacks",
    "failures without one clean sentence",
    "hostile answers believed",
    "empty lists believed",
    "changes reported wrongly",
)
_LONGEST = 1000
_MOST_WARNINGS = 20
MOST_PAST = 2
_PAGES = 1000


def faults(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """The errors in an outcome: the figure that counts each, and a description."""
    facts = outcome.facts
    message = facts.get("msg", "")
    if facts.get("crash") or not facts["readable"] or message.startswith("Unexpected "):
        yield CRASH, facts.get("crash") or message
        return
    for text in [message] * bool(facts.get("failed")) + facts["warnings"]:
        if not _clean(text):
            yield UNCLEAN, repr(text[:200])
    if len(facts["warnings"]) > _MOST_WARNINGS:
        yield UNCLEAN, f"{len(facts['warnings'])} warnings"
    if outcome.cell.route == "change":
        yield from _change(outcome)
    elif facts.get("failed"):
        if facts["files"] or facts["saved"] or facts["left"]:
            yield BELIEVED, "a file was left behind"
    else:
        yield from _success(outcome)


def _clean(text: str) -> bool:
    """Whether a message is one printable line of limited length, without the key."""
    return bool(text.strip()) and len(text) <= _LONGEST and text.isprintable() and KEY not in text


def _change(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Check a change: the session has ended, unless the server did not act; no other result is correct.

    After a redirect nobody knows what the service did.
    """
    kind = outcome.cell.kind
    wanted = "terminated" if kind is None or kind.acts else "failed" if kind.tells else "unknown"
    if outcome.facts["results"] != [wanted]:
        yield WRONG, f"{outcome.facts['results']} {outcome.facts['msg'][:200]}"


def _success(outcome: Outcome) -> Iterator[tuple[str, str]]:
    facts, cell = outcome.facts, outcome.cell
    if cell.route == "download":
        if not facts["saved"]:
            yield BELIEVED, "no file, and no failure"
    elif facts["complete"] and not facts["count"]:
        yield EMPTY, "complete, and nothing in it"
    may_be = cell.kind is None or cell.route in cell.kind.believed
    if not may_be and facts.get("complete", True):
        yield BELIEVED, f"{facts.get('count')} and complete"


def seconds_past(outcome: Outcome) -> float:
    """Seconds beyond ``max_time``. Each page and each repeated change has a ``max_time`` of its own."""
    if outcome.cell.kind is not None and outcome.cell.kind.many:
        return 0.0
    calls = max(1, outcome.asked.get("change", 0)) if outcome.cell.route == "change" else 1
    return float(outcome.facts["seconds"]) - calls * MAX_TIME


def doubtful(outcome: Outcome) -> bool:
    """Whether a busy machine may be the cause: it was late, or a valid answer was too slow."""
    slow = any(figure == WRONG and "no complete answer" in text for figure, text in faults(outcome))
    return slow or seconds_past(outcome) > MOST_PAST


def growth(outcome: Outcome, calm: Mapping[str, float]) -> float:
    """MiB that it used more than the same call with a valid answer."""
    return float(outcome.facts["grown"]) - calm.get(outcome.cell.route, 0.0)


def add_figures(report: Report, outcomes: Sequence[Outcome]) -> None:
    """Add the figures of these cells. A cell beyond a bound is noted with its kind and route."""
    good = [outcome for outcome in outcomes if outcome.cell.kind is None and not outcome.cell.server]
    hostile = [outcome for outcome in outcomes if outcome not in good]
    wrong = [(figure, outcome, text) for outcome in outcomes for figure, text in faults(outcome)]
    report.figure("good answers read", len(good) - len({id(o) for _figure, o, _text in wrong if o in good}), "= 7")
    for name in (CRASH, UNCLEAN, BELIEVED, EMPTY, WRONG):
        found = [(outcome, text) for figure, outcome, text in wrong if figure == name]
        report.figure(name, len(found), "= 0")
        for outcome, text in found[:8]:
            report.note(f"{name}: {outcome.place}: {text}")
    calm = {outcome.cell.route: float(outcome.facts["grown"]) for outcome in good}
    many = [outcome for outcome in hostile if outcome.cell.kind and outcome.cell.kind.many]
    single = [outcome for outcome in hostile if outcome not in many]
    _most(report, "most seconds past max_time", {o.place: seconds_past(o) for o in hostile}, f"<= {MOST_PAST}", "s")
    over = {o.place: growth(o, calm) for o in single if not _fits(o)}
    under = {o.place: growth(o, calm) for o in single if _fits(o)}
    _most(report, "most memory grown", over, "<= 64", "MiB")
    _most(report, "most memory grown, body within the cap", under, "<= 192", "MiB")
    report.figure("memory grown by endless pages", round(max((growth(o, calm) for o in many), default=0)), "", "MiB")
    pages = {o.place: float(max(o.asked.values(), default=0)) for o in hostile}
    _most(report, "most pages asked for", pages, f"<= {_PAGES + 1}", "")


def _fits(outcome: Outcome) -> bool:
    return outcome.cell.kind is not None and outcome.cell.kind.fits


def _most(report: Report, name: str, values: dict[str, Any], bound: str, unit: str) -> None:
    """Add the largest value, and notes for values beyond the bound."""
    limit = float(bound.split()[1])
    most = max(values.values(), default=float("nan"))
    report.figure(name, round(max(0.0, most), 2) if values else most, bound, unit)
    for place, value in sorted(values.items(), key=lambda pair: -pair[1])[:8]:
        if value > limit:
            report.note(f"{name}: {place}: {value:.1f} {unit}")
