# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics as Prometheus' parser reads them: of runs that succeeded, were refused, failed, or only planned."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from cleanup_runs import HOUR, Run, add_stale
from prometheus_client.parser import text_string_to_metric_families

LONG_AGO = 1_234_567_890
ODD = 'we"ird\\one'
ODD_STEM = f"we_ird_one-{sha256(ODD.encode()).hexdigest()[:8]}"
CLEANUP = "aimms_session_cleanup"
LAST = f"{CLEANUP}_last_success_timestamp_seconds"
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Measured:
    """The folder of the metrics files, the runs, and the start time of the first one."""

    folder: Path
    runs: dict[str, Run] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.time)

    def read(self, name: str) -> tuple[str, dict[str, dict[str, float]]]:
        """The account of a file, and its values by metric and label. Each metric must be a gauge with a help text."""
        found: dict[str, dict[str, float]] = {}
        accounts = set()
        for family in text_string_to_metric_families((self.folder / name).read_text()):
            assert (family.type, family.name[:6], bool(family.documentation)) == ("gauge", "aimms_", True)
            assert family.name not in found
            accounts |= {sample.labels.pop("account") for sample in family.samples}
            found[family.name] = {"".join(one.labels.values()): one.value for one in family.samples}
        (account,) = accounts
        return account, found


def one_play(folder: Path, name: str, *, apply: bool, **more: Any) -> dict[str, Any]:
    """A play with the role, on all hosts."""
    role = {
        "role": "aimms.cloud.stale_session_cleanup",
        "stale_session_cleanup_apply": apply,
        "stale_session_cleanup_metrics_file": f"{folder}/{name}",
    }
    python = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return {"hosts": "all", "gather_facts": False, "connection": "local", "vars": python, "roles": [role], **more}


@pytest.fixture(scope="module")
def measured(start_account: Any, run_cleanup: Callable[..., Run], tmp_path_factory: Any) -> Measured:
    made = Measured(tmp_path_factory.mktemp("metrics"))
    good, refused, gone = (start_account() for _number in range(3))
    add_stale(good, 5)
    good.add_session(age=99 * HOUR, owner="svc-x@ROOT")
    add_stale(refused, 2)
    gone.stop()
    made.accounts = {"good": good, "refused": refused}
    for name in ("aimms-refused.prom", "alone.prom"):
        (made.folder / name).write_text(f'# TYPE {LAST} gauge\n{LAST}{{account="{ODD}"}} {LONG_AGO}\n')
    hosts = {
        "good": (good, {"protect_owners": ["svc-*"]}),
        "refused": (refused, {"max_sessions": 1}),
        "gone": (gone, {}),
        "unusable": (good, {"batch_size": 0}),
        ODD: (refused, {"max_sessions": 1}),
    }
    patience = {"aimms_retries": 0, "aimms_max_time": 5}
    made.runs["apply"] = run_cleanup(hosts, plays=[one_play(made.folder, "aimms.prom", apply=True)], extra=patience)
    plays = [
        one_play(made.folder, "checked.prom", apply=True, check_mode=True),
        one_play(made.folder, "alone.prom", apply=False),
    ]
    made.runs["plan"] = run_cleanup({"good": (good, {})}, plays=plays)
    return made


def test_each_account_has_a_file_of_its_own(measured: Measured) -> None:
    names = {"good": "good", "refused": "refused", "gone": "gone", "unusable": "unusable", ODD: ODD_STEM}
    files = {f"aimms-{stem}.prom": host for host, stem in names.items()}
    assert {path.name for path in measured.folder.iterdir()} == {*files, "alone.prom"}
    own = {host: account.url.removeprefix("http://") for host, account in measured.accounts.items()}
    assert measured.read("aimms-good.prom")[0] == own["good"] != "good"
    assert measured.read("aimms-refused.prom")[0] == own["refused"]


def test_the_figures_are_what_the_server_was_left_with(measured: Measured) -> None:
    _account, found = measured.read("aimms-good.prom")
    left = [one["kind"] for one in measured.accounts["good"].state()["sessions"].values() if one["active"]]
    kinds = {kind: left.count(kind) for kind in ("webui", "task", "solve", "external", "verify")}
    assert found["aimms_sessions_running"] == kinds
    assert sum(kinds.values()) == 9
    assert found["aimms_sessions_stale"] == {"": 1}
    assert found["aimms_sessions_stale_kept"]["protected"] == 1
    assert found[f"{CLEANUP}_planned_sessions"] == {"": 5}
    assert found[f"{CLEANUP}_ended_sessions"] == {"interrupt": 2, "force": 3}
    kept = found[f"{CLEANUP}_kept_sessions"]
    assert (kept.pop("too_young"), kept.pop("protected"), set(kept.values())) == (8, 1, {0})
    assert (found[f"{CLEANUP}_failed_sessions"], found[f"{CLEANUP}_skipped_sessions"]) == ({"": 0}, {"": 0})


def test_a_run_that_went_well_tells_when(measured: Measured) -> None:
    _account, found = measured.read("aimms-good.prom")
    assert (found[f"{CLEANUP}_last_run_success"], found[f"{CLEANUP}_last_run_applied"]) == ({"": 1}, {"": 1})
    assert found[LAST] == found[f"{CLEANUP}_last_run_timestamp_seconds"]
    assert int(measured.began) <= found[LAST][""] <= time.time()
    assert 0 < found[f"{CLEANUP}_last_run_duration_seconds"][""] <= time.time() - measured.began
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
    assert found[f"{CLEANUP}_build_info"] == {version: 1}


@pytest.mark.parametrize(("name", "before"), [("refused", LONG_AGO), (ODD_STEM, 0)])
def test_a_refused_run_keeps_the_time_of_the_last_success(measured: Measured, name: str, before: int) -> None:
    _account, found = measured.read(f"aimms-{name}.prom")
    assert found[LAST] == {"": before}
    assert found[f"{CLEANUP}_last_run_success"] == {"": 0}
    assert found[f"{CLEANUP}_last_run_timestamp_seconds"][""] >= int(measured.began)
    assert found["aimms_sessions_stale"] == found[f"{CLEANUP}_planned_sessions"] == {"": 2}
    assert sum(found["aimms_sessions_running"].values()) == 10


@pytest.mark.parametrize(("name", "said"), [("gone", "refused the connection"), ("unusable", "must be at least 1")])
def test_a_run_without_a_plan_tells_that_it_failed_and_no_more(measured: Measured, name: str, said: str) -> None:
    _account, found = measured.read(f"aimms-{name}.prom")
    took = found.pop(f"{CLEANUP}_last_run_duration_seconds", None)
    assert (took is None) is (name == "unusable")
    assert {metric.removeprefix(CLEANUP) for metric in found} == {
        "_build_info",
        "_last_run_timestamp_seconds",
        "_last_run_success",
        "_last_run_applied",
        "_last_success_timestamp_seconds",
    }
    assert (found[f"{CLEANUP}_last_run_success"], found[LAST]) == ({"": 0}, {"": 0})
    assert said in measured.runs["apply"].failure(name)


def test_a_plan_is_no_success_of_a_clean_up_and_check_mode_writes_nothing(measured: Measured) -> None:
    assert measured.runs["plan"].status == "successful"
    _account, found = measured.read("alone.prom")
    assert (found[f"{CLEANUP}_last_run_success"], found[f"{CLEANUP}_last_run_applied"]) == ({"": 1}, {"": 0})
    assert found[LAST] == {"": LONG_AGO}
    assert found[f"{CLEANUP}_planned_sessions"] == found["aimms_sessions_stale"] == {"": 1}
    assert not (measured.folder / "checked.prom").exists()


def test_everybody_may_read_the_file_and_nothing_is_left_beside_it(measured: Measured) -> None:
    assert {path.stat().st_mode & 0o777 for path in measured.folder.glob("aimms-*")} == {0o644}
