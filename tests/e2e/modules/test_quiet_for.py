# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``quiet_for`` in every module: a recent log line, or a log that cannot be read, keeps a session.

Proves rules 16 and 21 for ``quiet_for``.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from deleting_records import CHECK, DAY, HOUR, delete
from plays import Ansible, Played, ids_of, info, results_of, terminate
from quiet_sessions import QUIET, populate
from written_logs import ago, log_requests, once_asked, reasons, warnings_of

pytestmark = pytest.mark.once

# Every module


@pytest.fixture(scope="module")
def servers(shared_serve: Any) -> dict[str, Any]:
    """One server to list and end sessions, one to delete records."""
    made = {"live": populate(shared_serve(generation="current")), "over": shared_serve(generation="current")}
    populate(made["over"], state="terminated")
    for server in made.values():
        server.clear_requests()
    return made


@pytest.fixture(scope="module")
def played(shared_ansible: Ansible, servers: dict[str, Any]) -> dict[str, Played]:
    """Every module with ``quiet_for`` as the only criterion, with others, by id, and from a plan."""
    quiet = {"quiet_for": "6h", "protect_owners": ["maria"]}
    ids = {"session_ids": ["s1", "busy", "young", "gone"], "kinds": ["webui"]}
    live = shared_ansible.play(
        info("info", **quiet),
        {**info("all"), "register": "all"},
        {**terminate("check", **quiet), **CHECK},
        {**terminate("with age", **quiet, older_than="6d"), **CHECK},
        {**terminate("by id", **ids, **quiet), **CHECK},
        {**terminate("planned", sessions="{{ all.sessions }}", **quiet), **CHECK},
        terminate("run", **quiet),
        server=servers["live"],
    )
    over = shared_ansible.play(
        {**delete("by id", **ids, **quiet), **CHECK}, delete("run", **quiet), server=servers["over"]
    )
    return {"live": live, "over": over}


NOISY = dict.fromkeys(("busy", "hours", "future", "young", "empty"), "recent_log")
NO_LINE = "The logs of 1 sessions have no line, so they are kept."


def test_info_returns_the_quiet_ones(played: dict[str, Played]) -> None:
    assert ids_of(played["live"]["info"]["sessions"]) == QUIET
    assert warnings_of(played["live"]["info"]) == NO_LINE


def test_quiet_for_alone_selects_and_a_recent_line_keeps(played: dict[str, Played], servers: dict[str, Any]) -> None:
    for task, result in {"check": "would_terminate", "planned": "would_terminate", "run": "terminated"}.items():
        assert results_of(played["live"][task]) == dict.fromkeys(QUIET, result)
        assert reasons(played["live"][task]) == {**NOISY, "other": "protected"}
    assert results_of(played["over"]["run"]) == dict.fromkeys(QUIET, "deleted")
    assert reasons(played["over"]["run"]) == {**NOISY, "other": "protected"}
    state = servers["live"].state()["sessions"].values()
    assert ids_of([one for one in state if not one["active"]]) == QUIET
    assert sorted(servers["over"].state()["sessions"]) == ["busy", "empty", "future", "hours", "other", "young"]


def test_reason_tells_when_the_last_line_was_written(played: dict[str, Played]) -> None:
    said = {entry["id"]: entry["msg"] for entry in played["live"]["run"]["kept"]}
    day = time.strftime("%Y-%m-%dT", time.gmtime(time.time() + DAY))
    assert said["future"].startswith(f"The last line of its log is from {day}")
    assert said["hours"].startswith("The last line of its log is from 20")
    assert said["empty"] == "Its log has no line, which does not show that it has been quiet."
    assert (said["young"], said["other"]) == ("", "")


def test_quiet_for_does_not_replace_the_age(played: dict[str, Played]) -> None:
    assert played["live"]["with age"]["sessions"] == []
    assert reasons(played["live"]["with age"])["s1"] == "too_young"


def test_named_sessions_must_be_quiet_too(played: dict[str, Played]) -> None:
    assert results_of(played["live"]["by id"]) == {"gone": "not_found", "s1": "would_terminate"}
    assert results_of(played["over"]["by id"]) == {"gone": "not_found", "s1": "would_delete"}
    for server in ("live", "over"):
        assert reasons(played[server]["by id"]) == {"busy": "recent_log", "young": "recent_log"}


# Requests


def test_one_request_tells_for_each_candidate_and_two_for_a_quiet_one(ansible: Ansible, serve: Any) -> None:
    servers = {name: serve(dialect=name) for name in ("current", "current-rows", "current-page0", "legacy")}
    for server in servers.values():
        for number in range(30):
            last = 60 if number % 3 == 0 else 2 * DAY
            server.add_session(id=f"s{number:02}", age=5 * DAY, log_count=300, last_log_at=ago(last))
        server.add_session(id="young", age=HOUR)
        server.add_session(id="other", age=5 * DAY, owner="maria@ROOT")
        server.clear_requests()
    played = ansible.play(info(quiet_for="6h", protect_owners=["maria"], kinds=["webui"]), server=servers)
    for name, server in servers.items():  # of a server whose times are numbers without a unit each log is read whole
        paths = [entry["path"].split("/") for entry in log_requests(server.requests())]
        asked = Counter(path[-1 if name == "legacy" else -2] for path in paths)
        assert played.on(name)["info"]["count"] == 20
        assert not {"young", "other"} & set(asked)
        # To prove the filter, the newest line of one log is looked for: all its pages are read for that.
        assert 50 <= sum(asked.values()) <= 50 + 7


# Logs that cannot be read


def test_log_that_cannot_be_read_keeps_its_session(ansible: Ansible, serve: Any) -> None:
    broken, partly = populate(serve(generation="current")), populate(serve(generation="current"))
    broken.set(logs_status=500)
    partly.fault("html", path_contains="/s1/logs")
    partly.fault("reset", path_contains="/s2/logs")
    for server in (broken, partly):
        server.clear_requests()
    for server in (broken, partly):
        server.add_session(id="calm", age=5 * DAY, last_log_at=ago(2 * DAY))
    quiet = {"quiet_for": "6h", "session_ids": ["s1", "s2", "calm"]}
    played = ansible.play(info("info", **quiet), terminate("run", **quiet), server={"broken": broken, "partly": partly})
    for name, unread in {"broken": ["calm", "s1", "s2"], "partly": ["s1", "s2"]}.items():
        run, seen = played.on(name)["run"], played.on(name)["info"]
        kept = {entry["id"]: entry for entry in run["kept"] if entry["reason"] == "recent_log"}
        assert sorted(kept) == unread
        assert all(entry["msg"].startswith("Its log could not be read: GET ") for entry in kept.values())
        assert f"The logs of {len(unread)} sessions could not be read, so they are kept." in warnings_of(run)
        assert f"The logs of {len(unread)} sessions could not be read, so they are kept." in warnings_of(seen)
        assert ids_of(seen["sessions"]) == sorted({"calm", *QUIET} - set(unread))
        assert not run["failed"]
    assert broken.changes() == []
    assert [entry["path"].split("/")[-2] for entry in partly.changes()] == ["calm"]


# Between plan and ending


def test_session_that_writes_while_others_are_ended_is_left_alone(
    ansible: Ansible, shared_ansible: Ansible, serve: Any
) -> None:
    live, over = (populate(serve(generation="current"), state=state) for state in ("running", "terminated"))
    writers = []
    for server, method in ((live, "PATCH"), (over, "DELETE")):
        server.update_session("s1", age=6 * DAY)
        server.fault("timeout", method=method, path_contains="/s1", count=1, seconds=6)
        write = partial(server.update_session, "s2", append_logs=[{"message": "at work again"}])
        writers.append(once_asked(server, write, method=method))
    both, rest = {"session_ids": ["s1", "s2"]}, {"quiet_for": "6h", "concurrency": 1}
    plan = {**info("all", **both), "register": "all"}
    with ThreadPoolExecutor(2) as pool:
        ended = pool.submit(ansible.play, terminate("run", **both, **rest), server=live)
        planned = {"sessions": "{{ all.sessions }}", **rest}
        deleted = pool.submit(shared_ansible.play, plan, delete("run", **planned), server=over)
    for writer in writers:
        writer.join()
    assert results_of(ended.result()["run"]) == {"s1": "terminated", "s2": "changed_since"}
    assert results_of(deleted.result()["run"]) == {"s1": "deleted", "s2": "changed_since"}
    for server in (live, over):
        assert not [entry for entry in server.changes() if "/s2" in entry["path"]]
