"""Lists that change while they are read, in every paging style; and the same with changes made page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import Reading, SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session

from ..figures import Report
from .calls import ask, change, connection_of

HOUR = 3600
SESSIONS = 100
PAGE = 20
BY_POSITION = (
    "current", "current-page", "current-page0", "current-next-url", "current-bare", "legacy", "current-vendor",
)  # fmt: skip
"""Dialects whose pages are a position in the list, so that it shifts when something goes."""


@dataclass
class Moved:
    """Counts: lists read, matching sessions that existed all the time, missed ones, lists refused as incomplete."""

    lists: int = 0
    lived: int = 0
    missed: int = 0
    refused: int = 0
    gone: int = 0
    examples: list[str] = field(default_factory=list)


def fill(server: Any, rng: Random) -> None:
    """Restore the number of running sessions of every age; sessions that appeared are removed."""
    there = fitting(server)
    for name in server.state()["sessions"].keys() - there:
        server.remove_session(name)
    add(server, rng, "running", SESSIONS - len(there))


def add(server: Any, rng: Random, state: str, number: int) -> None:
    """Add sessions at least a day old; a few of them share each age."""
    while number > 0:
        few = min(number, 5)
        server.add_session(count=few, kind="webui", state=state, age=rng.uniform(24, 900) * HOUR)
        number -= few


def fitting(server: Any) -> set[str]:
    """The running, listed sessions that did not appear during the run."""
    sessions = server.state()["sessions"].values()
    return {one["id"] for one in sessions if one["state"] == "running" and not one["hidden"] and not one["appeared"]}


def read_moving(server: Any, rng: Random, moved: Moved, name: str) -> None:
    """Read a list while sessions disappear and appear between pages, and compare it with the sessions that stayed."""
    fill(server, rng)
    most = rng.choice([1, 2, 4])
    server.set(
        churn_vanish=rng.randint(1, most), churn_appear=rng.randint(0, most), churn_mode=rng.choice(["remove", "hide"])
    )
    before = fitting(server)
    answer = ask(server, kinds=["webui"], states=["running"], older_than="30m")
    server.set(churn_vanish=0, churn_appear=0)
    stayed = before & fitting(server)
    moved.lists += 1
    moved.lived += len(stayed)
    moved.gone += len(before) - len(stayed)
    if not answer["complete"]:
        moved.refused += 1
        return
    missing = stayed - {session["id"] for session in answer["sessions"]}
    moved.missed += len(missing)
    if missing:
        moved.examples.append(f"{name}: {len(missing)} of {len(stayed)} missed")


def end_all(server: Any, dialect: str, *, by_page: bool, deleting: bool) -> tuple[int, int]:
    """End all running sessions, or delete all ended records. Returns their number before and after.

    :param by_page: change the sessions of each page before the next is read, which the collection never does.
    """
    from emulator.dialects.dialect import DIALECTS

    name = DIALECTS[dialect].parameter_name("state")
    state = "terminated" if deleting else "running"
    filters = {} if deleting else {name: "running"}
    if by_page:
        manager = SessionManager(HttpClient(connection_of(server)))
        for session in _page_by_page(manager, tuple(filters.items())):
            if session.state == state:
                (manager.delete if deleting else manager.terminate)(session)
    else:
        module = "aimms_session_delete" if deleting else "aimms_session_terminate"
        made = change(
            module, server, kinds=["webui"], states=[state], server_filters=filters or None, max_sessions=9999
        )
        if "error" in made:
            raise RuntimeError(str(made["error"]))
    left = [one for one in server.state()["sessions"].values() if one["state"] == state]
    return SESSIONS, len(left)


def _page_by_page(manager: SessionManager, filters: tuple[tuple[str, str], ...]) -> Iterator[Session]:
    """The sessions of each page, as a simple client reads them: by position, until a page is short."""
    paging, path = manager.routes.route("list", "webui").pagination, manager.routes.path("list", "webui")
    reading = Reading((), lambda session: session, True, None)
    number = 0
    while True:
        first = number * PAGE if paging.style == "offset" else number + (paging.base or 0)
        query = {**paging.query(PAGE, str(first)), **dict(filters)}
        page = manager._page("webui", reading, manager._client.get(path, query.items()))
        yield from page.records
        if len(page.records) < PAGE:
            return
        number += 1


def renew(server: Any, rng: Random, state: str) -> None:
    """Replace all sessions by others in one state; beside ended ones one works, as an empty list may prove nothing."""
    for name in server.state()["sessions"]:
        server.remove_session(name)
    add(server, rng, state, SESSIONS)
    if state != "running":
        add(server, rng, "running", 1)


def run(report: Report) -> None:
    """Count."""
    from emulator.dialects.dialect import DIALECTS
    from emulator.process import EmulatorProcess

    rng, moved = Random(f"races-lists-{report.size.seed}"), Moved()
    collected, by_page = Counter[str](), Counter[str]()
    names, together = [*DIALECTS], report.size.pick(len(DIALECTS), 1)  # an emulator stores all removed sessions
    for group in (names[at : at + together] for at in range(0, len(names), together)):
        with EmulatorProcess(sessions=0, seed=rng.randint(1, 9999), page_cap=PAGE) as server:
            for dialect in group:
                server.set(dialect=dialect)
                for _number in range(report.size.pick(2, 12)):
                    read_moving(server, rng, moved, dialect)
                if dialect in BY_POSITION[: report.size.pick(1, len(BY_POSITION))]:
                    act_both_ways(server, rng, dialect, collected, by_page)
    _tell(report, moved)
    report.figure("sessions to end or delete", collected["there"], f">= {2 * SESSIONS}")
    report.figure("missed after collecting first", collected["left"], "= 0")
    report.figure("sessions to act on page by page", by_page["there"])
    report.figure("missed when acting page by page", by_page["left"], f">= {by_page['there'] // 4}")


def act_both_ways(server: Any, rng: Random, dialect: str, collected: Counter[str], by_page: Counter[str]) -> None:
    """End all sessions, or delete all records, as the collection does it and page by page. Counts into both results."""
    for deleting in (False, True) if dialect.startswith("current") else (False,):
        for tally in (collected, by_page):
            renew(server, rng, "terminated" if deleting else "running")
            there, left = end_all(server, dialect, by_page=tally is by_page, deleting=deleting)
            tally.update(there=there, left=left)


def _tell(report: Report, moved: Moved) -> None:
    report.figure("lists read while they moved", moved.lists, f">= {moved.lists}")
    report.figure("sessions that went meanwhile", moved.gone, f">= {moved.lists}")
    report.figure("sessions that stayed", moved.lived, f">= {40 * moved.lists}")
    report.figure("missed of these", moved.missed, "= 0")
    report.figure("lists told to be incomplete", moved.refused, f"<= {moved.lists // 3}")
    for example in moved.examples[:3]:
        report.note(f"seed {report.size.seed}: {example}")
