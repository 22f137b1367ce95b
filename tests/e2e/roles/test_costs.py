# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sessions used, what a cleanup stopped and what waits, in report, page, CSV and metrics."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cleanup_runs import HOUR, Run, ended

pytestmark = pytest.mark.once

TELLS = {"gb_hour": "6.0", "run_time": "7200.00"}


class Story:
    """A report, and then a cleanup. Of two stale sessions one tells what it used; an ended one does too."""

    def __init__(self, start: Callable[..., Any], report: Callable[..., Run], clean: Callable[..., Run], folder: Path):
        self.folder, self.account = folder, start()
        self.account.add_session(id="webui-tells", age=30 * HOUR, owner="ann@EMEA", app_name="Net", overrides=TELLS)
        self.account.add_session(id="webui-silent", age=30 * HOUR, overrides={"gb_hour": None})
        self.account.add_session(id="solve-waits", kind="solve", state="queued", age=2 * HOUR)
        done = {"kind": "solve", "state": "finished", "created_at": "2026-01-15T12:00:00Z", "overrides": {"gb_hour": 1}}
        self.account.add_session(id="solve-done", app_name="Net", **done)
        self.report = report(self.account, dir=str(folder / "pages"), apps=["Net"])
        given = {"report_dir": str(folder), "metrics_file": str(folder / "m.prom"), "apply": True, "max_percent": 100}
        self.clean = clean(self.account, **given)

    def read(self, name: str) -> str:
        """A file that was written. Its name begins with the account's, here its address."""
        place, _separator, ending = name.rpartition("*")
        account = self.account.url.partition("://")[2].replace(":", "-")
        return (self.folder / f"{place}{account}{ending}").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def story(
    start_account: Callable[..., Any],
    run_report: Callable[..., Run],
    run_cleanup: Callable[..., Run],
    tmp_path_factory: pytest.TempPathFactory,
) -> Story:
    return Story(start_account, run_report, run_cleanup, tmp_path_factory.mktemp("costs"))


def test_the_report_has_the_sums_of_all_that_is_listed_and_of_how_many(story: Story) -> None:
    costs = json.loads(story.read("pages/*.json"))["costs"]
    assert (costs["gb_hours"], costs["sessions"], costs["of"]) == (7, 2, 12)
    assert costs["by_app"] == [{"name": "Net", "gb_hours": 7, "sessions": 2}]
    assert {"name": "2026-01", "gb_hours": 1, "sessions": 1} in costs["by_month"]
    assert story.report.result()["costs"] == costs
    assert "7.00 GbHour, known for 2 of 12 sessions" in story.read("pages/*.html")


def test_the_sums_are_a_csv_file_too(story: Story) -> None:
    rows = list(csv.DictReader(story.read("pages/*+costs.csv").splitlines()))
    assert rows[:2] == [
        {"group": "all", "name": "", "gb_hours": "7", "sessions": "2"},
        {"group": "app", "name": "Net", "gb_hours": "7", "sessions": "2"},
    ]
    assert {row["group"] for row in rows} == {"all", "app", "owner", "environment", "month"}


def test_a_clean_up_tells_what_it_stopped_in_an_hour_by_the_services_own_figures(story: Story) -> None:
    assert {"webui-tells", "webui-silent"} <= ended(story.account)
    report = json.loads(story.read("*.json"))
    assert report["stopped"] == {"gb_hours_per_hour": 3, "sessions": 1, "of": 2}
    assert "3.00 GbHour per hour freed (known for 1 of 2)" in story.clean.stdout
    assert "GbHour per hour, of 1 sessions" in story.read("*.html")


def test_the_metrics_have_what_was_stopped_and_what_waits(story: Story) -> None:
    samples = dict(
        line.rsplit(" ", 1) for line in (story.folder / "m.prom").read_text().splitlines() if not line.startswith("#")
    )
    found = {name.partition("{")[0]: float(value) for name, value in samples.items()}
    assert found["aimms_session_cleanup_stopped_gbhours_per_hour"] == 3
    assert found["aimms_session_cleanup_stopped_gbhours_sessions"] == 1
    assert found["aimms_sessions_queued"] == 1
    assert 2 * HOUR <= found["aimms_sessions_queued_longest_wait_seconds"] < 3 * HOUR
