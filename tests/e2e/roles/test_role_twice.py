# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role twice in one play: the result of the first run never passes for that of the second one, which failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cleanup_runs import CLEANUP, REPORT, RETENTION, Run, add_stale, ended

ROLES = {"cleanup": CLEANUP, "retention": RETENTION, "report": REPORT}
FAILURES: dict[str, dict[str, Any]] = {
    "refused": {"aimms_url": "http://127.0.0.1:9", "aimms_retries": 0},  # nothing listens there
    "misspelt": {"cleanup_protect_owners": "svc-*", "aimms_nothing": "{{ nothing }}"},
    "unreadable": {"aimms_timeout": "{{ nothing }}"},
}
"""Variables that fail the second run, by host."""
PAIRS = [(name, failure) for name in ROLES for failure in FAILURES if (name, failure) != ("report", "misspelt")]
"""The report has no protections."""


def play_of(name: str, role: str, failure: str) -> dict[str, Any]:
    run = {"ansible.builtin.include_role": {"name": f"aimms.cloud.{role}"}}
    shown = {"name": "Show the fact", "ansible.builtin.debug": {"msg": f"{{{{ {role}_result }}}}"}}
    again = {"block": [{**run, "vars": FAILURES[failure]}], "rescue": [{**shown, "name": "Show the fact after"}]}
    keywords = {"gather_facts": False, "connection": "local"}
    python = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", f"{role}_apply": True}
    if role == REPORT:
        del python[f"{role}_apply"]
    return {"name": name, "hosts": name, **keywords, "vars": python, "tasks": [run, shown, again]}


@pytest.fixture(scope="module")
def account(start_account: Callable[..., Any]) -> Any:
    made = start_account(generation="current")
    add_stale(made, 1)
    return made


@pytest.fixture(scope="module")
def run(account: Any, run_cleanup: Callable[..., Run], tmp_path_factory: Any) -> Run:
    archive = {f"{RETENTION}_archive_dir": str(tmp_path_factory.mktemp("logs"))}
    plays = [play_of(f"{name}-{failure}", ROLES[name], failure) for name, failure in PAIRS]
    return run_cleanup({play["name"]: (account, {}) for play in plays}, plays=plays, extra=archive)


@pytest.mark.parametrize(("name", "failure"), PAIRS)
def test_after_a_failed_run_the_fact_is_empty(run: Run, name: str, failure: str) -> None:
    before, after = (step["res"]["msg"] for step in run.steps("Show the fact", f"{name}-{failure}"))
    assert "report" in before
    assert after == {}


def test_the_first_run_was_one(run: Run, account: Any) -> None:
    (first,) = (step["res"]["msg"] for step in run.steps("Show the fact", "cleanup-refused")[:1])
    assert len(first["terminated"]) == 1
    assert len(ended(account)) == 1


def test_a_misspelt_protection_and_what_to_write_instead_are_told(run: Run) -> None:
    said = [step["res"] for step in run.steps("Read the variables", "cleanup-misspelt") if step["failed"]]
    (told,) = (one["msg"] for one in said)
    assert told.startswith("cleanup_protect_owners: no role reads this variable, so it protects nothing.")
    assert told.endswith("Name it stale_session_cleanup_protect_owners.")
    assert "place" not in said[0]
