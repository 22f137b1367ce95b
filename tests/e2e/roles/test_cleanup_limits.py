# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of the cleanup: breakers, protection and refused filters; also survey answers.

Every case is a host in one run; those where nothing may be ended share an account. Proves rules 17, 18 and 24.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cleanup_runs import Run, add_stale, ended, ids

PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"
BREAKERS = {
    "sessions": ({"max_sessions": 3}, "4 sessions are selected and stale_session_cleanup_max_sessions is 3."),
    "none": ({"max_sessions": 0}, "4 sessions are selected and stale_session_cleanup_max_sessions is 0."),
    "percent": (
        {"max_percent": 30},
        "4 of 12 active sessions are selected and stale_session_cleanup_max_percent is 30.",
    ),
    "owner": (
        {"max_per_owner": "1"},
        "2 sessions of user0@ROOT are selected and stale_session_cleanup_max_per_owner is 1.",
    ),
    "half": ({"kinds": ["task"]}, "2 of 2 active sessions are selected and stale_session_cleanup_max_percent is 50."),
}
REFUSED = {
    "empty": ({"owners": []}, "owners: an empty filter is refused"),
    "null": ({"apps": None}, "is refused"),
    "kind": ({"kinds": "webui,desktop"}, "desktop"),
    "unit": ({"older_than": "8"}, "'8' has no unit"),
    "batch": ({"batch_size": 0}, "batch_size: must be at least 1"),
    "word": ({"apply": "perhaps"}, "stale_session_cleanup_apply"),
    "quiet": ({"quiet_for": None}, "quiet_for: "),
    "grace": ({"grace_period": "5"}, "'5' has no unit"),
    "mode": ({"interrupt_tasks": "softly"}, "softly"),
    "begin": ({"age_from": "ended"}, "ended"),
    "place": ({"archive_logs": True, "archive_dir": " "}, "stale_session_cleanup_archive_dir: is needed"),
}
SURVEY = {
    "apply": "yes",
    "kinds": "webui, task",
    "older_than": "",
    "age_from": "",
    "quiet_for": "",
    "plan": "",
    "interrupt_tasks": "",
    "grace_period": "",
    "interrupt_fallback": "yes",
    "archive_logs": "no",
    "archive_dir": "",
    "owners": "anna@*\nbert@*",
    "apps": "",
    "protect_owners": "",
    "protect_apps": "",
    "protect_session_ids": "",
    "max_active": "",
    "max_sessions": "50",
    "max_percent": "50",
    "max_per_owner": "",
    "report_dir": "",
    "batch_size": "1",
    "fail_on_stale": "no",
}


class Case:
    """A host: its account, the variables of its run, and the sessions to end."""

    def __init__(self, account: Any, meant: list[str], **given: Any) -> None:
        self.account, self.meant, self.given = account, set(meant), given


@pytest.fixture(scope="module")
def cases(start_account: Any) -> dict[str, Case]:
    held = start_account()
    add_stale(held, 3)
    add_stale(held, 1, kind="task")
    given = {name: given for table in (BREAKERS, REFUSED) for name, (given, _message) in table.items()}
    made = {name: Case(held, [], **own) for name, own in given.items()}
    made |= {"protected": _protected(start_account()), "selected": _selected(start_account())}
    counted = start_account()
    made["counted"] = Case(counted, add_stale(counted, 4)[-2:], max_active="10")
    asked = start_account()
    add_stale(asked, 2)
    made["asked"] = Case(asked, add_stale(asked, 2, owner="anna@PLANNING"), **SURVEY)
    made["dated"] = _dated(start_account())
    made["published"] = _published(start_account())
    return made


def _protected(account: Any) -> Case:
    add_stale(account, 2, owner="boss@ROOT")
    add_stale(account, 2, app_name="Planning, weekly")
    named = add_stale(account, 1)
    return Case(
        account,
        add_stale(account, 2, app_name="Planning"),
        owners=["*@ROOT"],
        protect_owners="nobody@X, BOSS@*",
        protect_apps=["Planning? *"],
        protect_session_ids=named,
    )


def _dated(account: Any) -> Case:
    """Two versions of an app, and times without a zone that are of Amsterdam."""
    add_stale(account, 1, app_version="2.0")
    meant = add_stale(account, 1, app_version="1.7")
    return Case(account, meant, app_versions="1.*", naive_timezone="Europe/Amsterdam")


def _published(account: Any) -> Case:
    """A new version of one app is in use; the only one of another is kept, and so is what nobody can put in order."""
    for app, version in (("Crew", "24.1.10"), ("Crew", "24.1.9"), ("Network", "1.0"), ("Odd", "prod"), ("Odd", "test")):
        add_stale(account, 1, app_name=app, app_version=version)
    meant = add_stale(account, 2, app_name="Crew", app_version="22.1.0")
    return Case(account, meant, keep_versions="2", older_than="0s")


def _selected(account: Any) -> Case:
    for other in ({"owner": "bert@ROOT"}, {"app_name": "Other"}, {"kind": "task"}):
        add_stale(account, 1, **{"kind": "webui", "owner": "anna@ROOT", "app_name": "Crew", **other})
    meant = add_stale(account, 2, kind="webui", owner="anna@ROOT", app_name="Crew")
    return Case(account, meant, kinds=["webui"], owners=["anna@*"], apps=["cr?w"])


@pytest.fixture(scope="module")
def reports(tmp_path_factory: Any) -> Path:
    return Path(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="module")
def run(cases: dict[str, Case], reports: Path, run_cleanup: Callable[..., Run]) -> Run:
    common = {"apply": True, "report_dir": str(reports)}
    hosts = {name: (case.account, {**common, **case.given}) for name, case in cases.items()}
    play = yaml.safe_load((PLAYBOOKS / "cleanup_stale_sessions.yml").read_text())[0]
    plays = [{**play, "hosts": "all:!asked"}, {**play, "hosts": "asked", "vars": {**play["vars"], "awx_job_id": 1}}]
    return run_cleanup(hosts, plays=plays)


@pytest.mark.parametrize("name", BREAKERS)
def test_a_breaker_stops_everything_after_the_plan_was_reported(
    cases: dict[str, Case], run: Run, reports: Path, name: str
) -> None:
    account, figures = cases[name].account, BREAKERS[name][1]
    assert figures in run.failure(name)
    assert re.search(rf"set {figures.split(' and ')[1].split(' ')[0]}=\d+ to allow it\.$", run.failure(name))
    assert account.changes() == []
    assert ended(account) == set()
    planned = run.result(name)["planned"]
    assert len(planned) == (2 if name == "half" else 4)
    written = json.loads((reports / f"{name}.json").read_text())
    assert written["refused"] == run.failure(name)
    assert ids(written["planned"]) == ids(planned)
    page = (reports / f"{name}.md").read_text()
    assert figures.split(" is ")[0].replace("_", "") in page.replace("\\", "").replace("_", "")
    assert all(key in page for key in ids(planned))


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused(cases: dict[str, Case], run: Run, name: str) -> None:
    assert REFUSED[name][1] in run.failure(name)
    assert cases[name].account.changes() == []


def test_protection_beats_everything(cases: dict[str, Case], run: Run) -> None:
    case = cases["protected"]
    assert run.failure("protected") == ""
    result = run.result("protected")
    assert ended(case.account) == ids(result["terminated"]) == case.meant
    assert sorted(kept["owner"] for kept in result["kept"] if kept["reason"] == "protected") == [
        "boss@ROOT",
        "boss@ROOT",
        "user0@ROOT",
        "user0@ROOT",
        "user1@ROOT",
    ]


@pytest.mark.parametrize("name", ["selected", "counted", "dated", "published"])
def test_only_what_is_selected_is_ended(cases: dict[str, Case], run: Run, name: str) -> None:
    assert run.failure(name) == ""
    assert ended(cases[name].account) == cases[name].meant


def test_survey_answers_come_as_text(cases: dict[str, Case], run: Run) -> None:
    assert run.failure("asked") == ""
    assert ended(cases["asked"].account) == cases["asked"].meant
    assert len(run.steps("End the sessions of batch", "asked")) == 2
    assert run.result("asked")["report"] is None


def test_pipelines_can_fail_on_stale_sessions(start_account: Any, run_cleanup: Callable[..., Run]) -> None:
    account = start_account()
    add_stale(account, 4)
    hosts = {"stale": (account, {}), "clean": (account, {"older_than": "30d"}), "other": (account, {})}
    run = run_cleanup(hosts, fail_on_stale=True, cmdline="-e aimms_hosts=stale,clean")
    assert run.failure("stale") == "4 sessions are stale."
    assert len(run.result("stale")["planned"]) == 4
    assert run.failure("clean") == ""
    assert run.steps("", "other") == []
    assert account.changes() == []


def test_a_plan_that_an_apply_would_refuse_succeeds_and_names_the_limit(
    start_account: Any, run_cleanup: Callable[..., Run], tmp_path: Path
) -> None:
    account = start_account()
    add_stale(account, 4)
    run = run_cleanup({"acme": (account, {})}, max_sessions=3, report_dir=str(tmp_path))
    assert run.status == "successful", run.stdout
    assert len(run.result("acme")["planned"]) == 4
    shown = run.lines("acme")
    assert shown[-1] == (
        "Next: an apply would be refused: 4 sessions are selected and stale_session_cleanup_max_sessions is 3. "
        "Narrow the selection or, if this is meant, set stale_session_cleanup_max_sessions=4 to allow it."
    )
    assert "It was a plan: nothing was changed. An apply would be refused." in (tmp_path / "acme.html").read_text()
    assert "4 sessions are selected" in json.loads((tmp_path / "acme.json").read_text())["refused"]
    assert account.changes() == []
