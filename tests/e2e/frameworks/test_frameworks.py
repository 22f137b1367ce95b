# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is done with sessions, on servers built with real web frameworks.

The documents, the pages and the errors are those that the frameworks make by themselves. What was done is read from
the accounts that they serve. ``make test`` takes one app of each framework, ``make prove`` all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from account import DAY, KEPT, LINES, USER, Accounts
from plays import Ansible, Played, Result, ids_of, info, results_of, template, terminate
from serving import AppServer, Served
from timing import PATIENCE

FILES = sorted((Path(__file__).resolve().parent / "apps").glob("*_app.py"))
EVERY = {name: app for path in FILES for name, app in import_module(f"apps.{path.stem}").APPS.items()}
IN_EACH_RUN = (
    "apiflask django-rest-by-page fastapi-by-cursor flask-restx flask-smorest litestar-by-offset "
    "ninja-by-page springdoc spring-hateoas"
).split()
WANTED = os.environ.get("FRAMEWORKS", "").split() or IN_EACH_RUN
APPS = {name: app for name, app in EVERY.items() if name in WANTED or WANTED == ["all"]}
STALE = {"older_than": "1d", "kinds": ["webui"], "protect_owners": [KEPT]}
OLD = {"ended_before": "30d", "kinds": ["webui"]}
OLDEST = "{{ listed.sessions[0].id }}"
NOWHERE = "14d231b1-2b87-457c-bc83-305bb5daa4cc"
SECONDS = int(PATIENCE)
USERS_KEY = {"api_key": AppServer.user_key}
MOST_REQUESTS = {"empty": 3, "one": 6, "page": 7, "pages": 9}  # with the document

pytestmark = pytest.mark.filterwarnings("ignore")  # of the frameworks, about one another


def module(name: str, part: str, **options: Any) -> dict[str, Any]:
    """A task with another module."""
    return {"name": name, f"aimms.cloud.aimms_{part}": options}


def looked_up(account: str) -> str:
    """An expression: the ids of an account's sessions."""
    given = f"'webui', url=url, api_key='{account}-admin-key', retries=1, timeout={SECONDS}, max_time={4 * SECONDS}"
    return f"query('aimms.cloud.aimms_session', {given}) | map(attribute='id') | list"


TASKS = [
    {**info("list"), "register": "listed"},
    info("get", session_ids=[OLDEST], kinds=["webui"]),
    info("list of a user", **USERS_KEY),
    terminate("plan of a user", **USERS_KEY, **STALE),
    terminate("plan", **STALE),
    terminate("end", **STALE),
    terminate("again", **STALE),
    terminate("by id", session_ids=[OLDEST, NOWHERE], kinds=["webui"]),
    info("get nothing", session_ids=["not-there", NOWHERE]),
    module("logs", "session_log_info", kind="webui", session_id=OLDEST),
    module("download", "session_log_download", kind="webui", session_ids=[OLDEST], dest="{{ to }}"),
    module("delete", "session_delete", **OLD),
    module("delete again", "session_delete", **OLD),
    template("{" + ", ".join(f"'{name}': {looked_up(name)}" for name in MOST_REQUESTS) + "}", "look up"),
]
for task in TASKS:
    task["check_mode"] = task["name"].startswith("plan")


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, AppServer]]:
    """The apps, each with accounts of its own."""
    made = {}
    for name, (page, app) in APPS.items():
        accounts = Accounts(page)
        made[name] = AppServer(app(accounts), accounts)
    served = Served(made)
    yield made
    served.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where logs are saved."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, servers: dict[str, AppServer], folder: Path) -> Played:
    """All tasks on all servers."""
    patient = {"timeout": SECONDS, "max_time": 4 * SECONDS}  # all apps are served by one thread
    to = f"{folder}/{{{{ inventory_hostname }}}}.log"
    return shared_ansible.play(*TASKS, server=servers, defaults=patient, to=to)


@pytest.fixture(params=APPS)
def name(request: Any) -> Any:
    """The name of an app."""
    return request.param


@pytest.fixture
def results(name: str, played: Played) -> Played:
    """The results on one server."""
    return played.on(name)


@pytest.fixture
def accounts(name: str, servers: dict[str, AppServer], results: Played) -> Accounts:
    """What one server was left with."""
    return servers[name].accounts


def good(result: Result) -> Result:
    """A result of a task that has not failed, has not warned, and read whole lists."""
    assert not result["failed"], result["msg"]
    assert not result.get("warnings")
    assert result.get("complete", True)
    return result


def test_all_are_listed(results: Played, accounts: Accounts) -> None:
    names = "young stale stale_of_user protected old tasks".split()
    wanted = [one for name in names for one in getattr(accounts, name)]
    assert ids_of(good(results["list"])["sessions"]) == sorted(wanted)
    assert results["list"]["api_generation"] == "current"


def test_one_is_read(results: Played, accounts: Accounts) -> None:
    (one,) = good(results["get"])["sessions"]
    assert one["id"] in accounts.old
    told = [one[name] for name in ("kind", "state", "active", "app_name", "app_version", "owner")]
    assert told == ["webui", "terminated", False, "Planner", "4.2", "admin@ROOT"]
    assert one["age_seconds"] >= 60 * DAY


def test_an_id_that_does_not_exist_is_in_no_list(results: Played) -> None:
    assert good(results["get nothing"])["sessions"] == []


def test_a_user_sees_and_ends_only_what_is_his(results: Played, accounts: Accounts) -> None:
    listed = good(results["list of a user"])["sessions"]
    assert (ids_of(listed), {one["owner"] for one in listed}) == (accounts.stale_of_user, {USER})
    assert results_of(good(results["plan of a user"])) == dict.fromkeys(accounts.stale_of_user, "would_terminate")


def test_the_plan_names_what_is_stale(results: Played, accounts: Accounts) -> None:
    plan = good(results["plan"])
    assert results_of(plan) == dict.fromkeys(accounts.stale + accounts.stale_of_user, "would_terminate")
    assert {one["id"]: one["reason"] for one in plan["kept"]} == {
        **dict.fromkeys(accounts.young, "too_young"),
        **dict.fromkeys(accounts.protected, "protected"),
    }


def test_what_is_stale_is_ended_and_nothing_else(results: Played, accounts: Accounts) -> None:
    end = good(results["end"])
    assert end["changed"]
    assert results_of(end) == dict.fromkeys(accounts.stale + accounts.stale_of_user, "terminated")
    sessions = accounts.work.sessions
    assert {sessions[one].state for one in results_of(end)} == {"terminated"}
    assert {sessions[one].state for one in accounts.young + accounts.protected + accounts.tasks} == {"running"}


def test_nothing_was_sent_twice_or_by_a_plan(accounts: Accounts) -> None:
    ended = [("terminate", one) for one in sorted(accounts.stale + accounts.stale_of_user)]
    assert sorted(accounts.work.changes) == sorted([*ended, *(("delete", one) for one in accounts.old)])


def test_again_there_is_nothing_to_do(results: Played) -> None:
    for task in ("again", "delete again"):
        assert (good(results[task])["changed"], results[task]["sessions"]) == (False, [])


def test_by_id_what_has_ended_or_does_not_exist_is_told(results: Played, accounts: Accounts) -> None:
    told = results_of(good(results["by id"]))
    assert sorted(told.values()) == ["already_ended", "not_found"]
    assert told[NOWHERE] == "not_found"
    assert not results["by id"]["changed"]


def test_the_log_is_read_and_saved_whole(results: Played, folder: Path, name: str) -> None:
    lines = [f"line {number} of Planner of admin@ROOT" for number in range(LINES)]
    assert [line["message"] for line in good(results["logs"])["lines"]] == lines
    saved = (folder / f"{name}.log").read_text(encoding="utf-8").splitlines()
    assert [line.partition(" ")[2].partition(" ")[2] for line in saved] == lines
    assert good(results["download"])["files"][0]["lines"] == LINES


def test_old_records_are_deleted_and_no_others(results: Played, accounts: Accounts) -> None:
    deleted = good(results["delete"])
    assert deleted["changed"]
    assert results_of(deleted) == dict.fromkeys(accounts.old, "deleted")
    left = accounts.young + accounts.stale + accounts.stale_of_user + accounts.protected + accounts.tasks
    assert sorted(accounts.work.sessions) == sorted(left)


@pytest.mark.parametrize("size", MOST_REQUESTS)
def test_the_lookup_finds_all_of_none_one_and_full_pages(
    size: str, name: str, results: Played, servers: dict[str, AppServer]
) -> None:
    assert sorted(good(results["look up"])["msg"][size]) == sorted(servers[name].accounts.by_name[size].sessions)
    sent = [request for request in servers[name].requests if request[0] == f"{size}-admin-key"]
    assert len(sent) <= MOST_REQUESTS[size], sent
