# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that cannot be ended, failing servers, and names with special characters.

Every case is a host with an account of its own in one run. Proves rules 12, 16, 26 and 28.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cleanup_runs import HOUR, Run, add_stale, ended, ids

NAMES = {"owner": "{{ 6 * 7 }}@ROOT", "app_name": "a|b <script>{% raw %}"}


@pytest.fixture(scope="module")
def accounts(start_account: Any) -> dict[str, Any]:
    made = {name: start_account() for name in ("partly", "out", "replaced", "key", "names")}
    made["out"].add_session(count=8)
    add_stale(made["out"], 12, kind="webui")
    add_stale(made["names"], 4, **NAMES)
    add_stale(made["partly"], 4, kind="webui")
    for name in ("replaced", "key"):
        add_stale(made[name], 4)
    made["partly"].fault("status", status=403, method="PATCH", path_contains=_third(made["partly"]))
    made["out"].fault("status", status=503, method="GET", path_contains="/sessions/webui/")  # not the listing
    made["replaced"].set(reown_on_get=1)
    made["key"].set(expired_keys=True)
    return made


def _third(account: Any) -> str:
    """The third of the stale sessions, the oldest first."""
    sessions = sorted(account.state()["sessions"].values(), key=lambda session: session["created_at"])
    return str(sessions[2]["id"])


@pytest.fixture(scope="module")
def reports(tmp_path_factory: Any) -> Path:
    return Path(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="module")
def run(accounts: dict[str, Any], reports: Path, run_cleanup: Callable[..., Run]) -> Run:
    own = {"partly": {"batch_size": 1}, "out": {"batch_size": 3}}
    hosts = {name: (account, own.get(name, {})) for name, account in accounts.items()}
    return run_cleanup(hosts, apply=True, report_dir=str(reports), cmdline="-vvvvv")


def test_one_session_that_fails_does_not_stop_the_others(accounts: dict[str, Any], run: Run, reports: Path) -> None:
    account, result = accounts["partly"], run.result("partly")
    failing = _third(account)
    assert run.failure("partly").startswith(f"1 of 4 planned sessions could not be ended: {failing}. ")
    assert "403" in run.failure("partly")
    assert ids(result["failed"]) == {failing}
    assert ended(account) == ids(result["terminated"]) == ids(result["planned"]) - {failing}
    assert len(run.steps("End the sessions of batch", "partly")) == 4
    (told,) = run.steps("Tell what failed", "partly")
    assert (told["failed"], told["res"]["msg"][:13]) == (True, "1 of 1 failed")
    assert ids(json.loads((reports / "partly.json").read_text())["failed"]) == {failing}
    listed = (reports / "partly.md").read_text().split("## Failed")[1].split("## ")[0]
    assert failing in listed
    assert "403" in listed


def test_when_the_server_is_out_the_later_batches_are_not_tried(accounts: dict[str, Any], run: Run) -> None:
    account, result = accounts["out"], run.result("out")
    assert "12 of 12 planned sessions could not be ended" in run.failure("out")
    assert ids(result["failed"]) == ids(result["planned"])
    assert len(result["failed"]) == 12
    assert [session["result"] for session in result["failed"]] == ["failed"] * 6 + ["not_tried"] * 6
    assert len(run.steps("End the sessions of batch", "out")) == 2
    assert ended(account) == set()
    assert account.changes() == []


def test_a_session_that_changed_hands_after_the_plan_is_left_alone(accounts: dict[str, Any], run: Run) -> None:
    result = run.result("replaced")
    assert run.failure("replaced").startswith(
        "None of the 4 planned sessions is there as planned (changed since): nothing"
    )
    assert accounts["replaced"].changes() == []
    assert ids(result["skipped"]) == ids(result["planned"])
    assert {session["result"] for session in result["skipped"]} == {"changed_since"}


def test_a_wrong_key_fails_at_the_plan_and_no_key_is_told(accounts: dict[str, Any], run: Run, reports: Path) -> None:
    assert "The API key is wrong or has expired" in run.failure("key")
    assert accounts["key"].changes() == []
    written = "".join(path.read_text() for path in reports.iterdir())
    for account in accounts.values():
        assert account.admin_key not in run.stdout + json.dumps(run.events) + written


def test_names_are_read_neither_as_templates_nor_as_markup(accounts: dict[str, Any], run: Run, reports: Path) -> None:
    assert run.failure("names") == ""
    written = json.loads((reports / "names.json").read_text())
    assert ids(written["terminated"]) == ended(accounts["names"])
    assert {(one["owner"], one["app_name"]) for one in written["terminated"]} == {tuple(NAMES.values())}
    page = (reports / "names.md").read_text()
    assert "{{ 6 \\* 7 }}@ROOT" in page  # no markup: it is shown as it is
    assert "a\\|b &lt;script>{% raw %}" in page
    published = run.artifact["stale_session_cleanup_result"]["terminated"]
    assert {one["owner"] for one in published if one["host"] == "names"} == {NAMES["owner"]}
    assert any("{{ 6 * 7 }}@ROOT" in line for line in run.lines("names"))


def test_the_example_as_a_rehearsal(start_account: Any, run_cleanup: Callable[..., Run]) -> None:
    """Check mode may also be set in the play."""
    account = start_account()
    add_stale(account, 1, owner="svc-nightly@ROOT", age=90 * HOUR)
    stale = add_stale(account, 2, age=90 * HOUR)
    add_stale(account, 1)
    role = Path(__file__).resolve().parents[3] / "roles/stale_session_cleanup"
    (play,) = yaml.safe_load((role / "README.md").read_text().split("```yaml\n")[1].split("```")[0])
    assert yaml.safe_load(
        yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["examples"]
    ) == [play]
    run = run_cleanup({"acme": (account, {})}, plays=[{**play, "check_mode": True}])
    assert run.status == "successful", run.stdout
    assert ids(run.result("acme")["planned"]) == set(stale)
    assert (run.result("acme")["terminated"], run.result("acme")["failed"]) == ([], [])
    assert run.result("acme")["report"] is None
    assert run.steps("batch |", "acme") == []
    assert account.changes() == []


def test_without_an_inventory_the_account_of_the_environment_is_cleaned(
    start_account: Any, run_cleanup: Callable[..., Run]
) -> None:
    """An extra variable of an earlier job in a workflow does not override the result of this run."""
    account = start_account()
    stale = add_stale(account, 2)
    run = run_cleanup(account, apply=True, extra={"stale_session_cleanup_result": {"planned": [], "failed": ["all"]}})
    assert run.status == "successful", run.stdout
    assert ended(account) == ids(run.result()["terminated"]) == set(stale)
    assert run.artifact["stale_session_cleanup_result"] == run.result()
