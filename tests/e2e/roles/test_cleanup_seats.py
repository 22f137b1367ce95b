# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seats: all sessions of a person are ended or none, of no more people than needed, also by an earlier plan.

Every case is a host in both jobs. Proves rules 17, 21 and 24.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cleanup_runs import HOUR, Run, ended

pytestmark = pytest.mark.once
PEOPLE = {  # the ages of their sessions in hours; by the youngest one, Bob was active the longest ago
    "ann@ROOT": (90, 30),
    "bob@ROOT": (50, 45, 40),
    "cy@ROOT": (35,),
    "dee@ROOT": (80, 2),
    "vip@ROOT": (99,),
    "me@ROOT": (1,),
}
OPTIONS = {"max_seats": "4", "protect_owners": "vip@*", "max_percent": 90, "older_than": "8h"}


def filled(account: Any) -> Any:
    """An account with these people, and a task session that takes no seat."""
    for key, one in account.state()["sessions"].items():
        if one["active"]:
            account.remove_session(key)
    account.sessions_of = {
        owner: [account.add_session(kind="webui", owner=owner, age=age * HOUR, quiet=age * HOUR)["id"] for age in ages]
        for owner, ages in PEOPLE.items()
    }
    account.add_session(kind="task", owner="tom@ROOT", age=99 * HOUR)
    return account


def owners_ended(account: Any) -> dict[str, bool]:
    """The people of whom a session has ended, and whether all have."""
    gone = ended(account)
    touched = {owner: [key in gone for key in ids] for owner, ids in account.sessions_of.items()}
    return {owner: all(each) for owner, each in touched.items() if any(each)}


@pytest.fixture(scope="module")
def story(start_account: Any, run_cleanup: Callable[..., Run], tmp_path_factory: Any) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("seats")
    accounts = {host: filled(start_account(seed=seed)) for seed, host in enumerate(("now", "later", "batch", "limit"))}
    own: dict[str, dict[str, Any]] = {host: {**OPTIONS, "report_dir": str(folder)} for host in accounts}
    own["now"] |= {"apply": True, "metrics_file": str(folder / "{host}.prom")}
    own["batch"] |= {"apply": True, "batch_size": 1, "max_seats": 0}
    own["limit"] |= {"apply": True, "max_sessions": 3}
    told: dict[str, Any] = {"folder": folder, "accounts": accounts}
    told["plan"] = run_cleanup({host: (accounts[host], given) for host, given in own.items()})
    accounts["later"].sessions_of["bob@ROOT"] += [accounts["later"].add_session(kind="webui", owner="BOB@root")["id"]]
    told["between"] = {host: len(account.changes()) for host, account in accounts.items()}
    result = {"stale_session_cleanup_result": told["plan"].artifact["stale_session_cleanup_result"]}
    second = {"later": (accounts["later"], {"plan": "{{ stale_session_cleanup_result }}", "max_percent": 100})}
    second["now"] = (accounts["now"], {**OPTIONS})
    told["apply"] = run_cleanup(second, extra=result, apply=True)
    return told


def test_the_longest_inactive_are_ended_wholly_and_no_more_than_needed(story: dict[str, Any]) -> None:
    account, seats = story["accounts"]["now"], story["plan"].result("now")["seats"]
    assert owners_ended(account) == {"bob@ROOT": True, "cy@ROOT": True}
    assert [seats[name] for name in ("active", "max", "to_free", "freed")] == [6, 4, 2, 2]
    assert [(one["owner"], one["result"]) for one in seats["people"]] == [("bob@ROOT", "freed"), ("cy@ROOT", "freed")]
    assert len(account.changes()) == 4


def test_who_watches_is_told_before_and_after(story: dict[str, Any]) -> None:
    shown = story["plan"].lines("now")
    assert "6 people for 4 seats: 2 to free, 2 of them by this plan" in shown
    assert any(line.startswith("bob@ROOT ") and " 3 sessions, active until 20" in line for line in shown)
    assert "2 of 2 seats freed" in story["plan"].lines("now")
    folder: Path = story["folder"]
    assert "2 were freed." in (folder / "now.md").read_text()
    assert "bob@ROOT: seat freed" in (folder / "now.html").read_text()
    assert json.loads((folder / "now.json").read_text())["seats"]["freed"] == 2
    assert "aimms_session_cleanup_max_seats" in (folder / "now.prom").read_text()


def test_a_second_run_changes_nothing(story: dict[str, Any]) -> None:
    seats = story["apply"].result("now")["seats"]
    assert (seats["active"], seats["to_free"], seats["people"]) == (4, 0, [])
    assert len(story["accounts"]["now"].changes()) == story["between"]["now"]


def test_a_plan_that_is_applied_later_leaves_who_has_come_back(story: dict[str, Any]) -> None:
    account = story["accounts"]["later"]
    assert story["between"]["later"] == 0
    assert owners_ended(account) == {"cy@ROOT": True}
    seats = story["apply"].result("later")["seats"]
    assert {one["owner"]: one["result"] for one in seats["people"]} == {"bob@ROOT": "kept", "cy@ROOT": "freed"}
    assert (seats["max"], seats["freed"]) == (4, 1)
    assert {one["reason"] for one in story["apply"].result("later")["kept"]} == {"max_seats"}


def test_no_person_is_parted_by_batches_and_nobody_with_a_young_or_protected_session_is_chosen(
    story: dict[str, Any],
) -> None:
    assert owners_ended(story["accounts"]["batch"]) == {"ann@ROOT": True, "bob@ROOT": True, "cy@ROOT": True}
    steps = story["plan"].steps("End the sessions of batch", "batch")
    assert [len(step["res"]["sessions"]) for step in steps] == [3, 1, 2]


def test_over_a_limit_nothing_is_ended_and_the_refusal_says_who(story: dict[str, Any]) -> None:
    assert "4 sessions are selected and stale_session_cleanup_max_sessions is 3." in story["plan"].failure("limit")
    assert owners_ended(story["accounts"]["limit"]) == {}
    people = story["plan"].result("limit")["seats"]["people"]
    assert {one["owner"]: one["result"] for one in people} == {"bob@ROOT": "not_tried", "cy@ROOT": "not_tried"}


def test_the_artifact_has_the_seats_of_all(story: dict[str, Any]) -> None:
    seats = story["plan"].artifact["stale_session_cleanup_result"]["seats"]
    assert {one["host"]: one["max"] for one in seats["accounts"]} == {"now": 4, "later": 4, "batch": 0, "limit": 4}
    assert {one["host"] for one in seats["people"]} == {"now", "later", "batch", "limit"}
