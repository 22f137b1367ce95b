# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles warn of a key that is no administrator's or expires soon, and never suffer from not being told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cleanup_runs import Run, add_stale, ended

pytestmark = pytest.mark.once

ONE_KEY = dict.fromkeys(("second", "tasks", "session"))
QUESTIONS = ["api-key", "info", "current"]
ASKED = {"key_warning": "14d", "apply": True}


class Story:
    """One run over accounts that tell all, little, nothing, or are not asked."""

    def __init__(self, start: Callable[..., Any], run: Callable[..., Run], folder: Path) -> None:
        self.folder = folder
        self.accounts = {name: start() for name in ("soon", "user", "dead", "several", "refused", "off")}
        self.stale = {name: add_stale(account, 2, owner="jdoe@ROOT") for name, account in self.accounts.items()}
        self.accounts["soon"].set(keys={**ONE_KEY, "admin": {"days": 10.5}})
        self.accounts["user"].set(keys={"user": {"days": 300.5}})
        self.accounts["dead"].fault("timeout", path_contains="user-manager", seconds=60)
        self.accounts["several"].set(keys={"second": {"days": 100}})
        self.accounts["refused"].set(keys={"admin": {"scopes": ["session"]}})
        hosts: dict[str, Any] = {name: (account, ASKED) for name, account in self.accounts.items()}
        user = self.accounts["user"]
        hosts["user"] = (SimpleNamespace(url=user.url, admin_key=user.user_key), ASKED)
        hosts["off"] = (self.accounts["off"], {**ASKED, "key_warning": False})
        given = {"metrics_file": str(folder / "{host}.prom"), "report_dir": str(folder)}
        self.run = run(hosts, max_percent=100, **given)

    def key(self, host: str) -> Any:
        """What the module told."""
        return self.run.steps("Ask whose the key is", host)[0]["res"]

    def warnings(self, host: str) -> list[str]:
        """What the module warned of; the role tells all of it."""
        told = [text for step in self.run.steps("", host) for text in step["res"].get("warnings", ())]
        found: list[str] = self.key(host).get("remarks", [])
        assert set(found) <= set(told)
        return found

    def questions(self, host: str) -> list[str]:
        """The ends of the paths of all questions on users and keys."""
        paths = [request["path"] for request in self.accounts[host].requests()]
        return [path.rpartition("/")[2] for path in paths if "/user" in path]


@pytest.fixture(scope="module")
def story(
    start_account: Callable[..., Any], run_cleanup: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory
) -> Story:
    return Story(start_account, run_cleanup, tmp_path_factory.mktemp("reports"))


def test_whatever_is_told_of_the_key_the_sessions_are_ended(story: Story) -> None:
    for name, account in story.accounts.items():
        assert story.run.failure(name) == ""
        assert set(story.stale[name]) <= ended(account)


def test_a_key_that_expires_soon_is_a_warning_a_figure_and_in_the_reports(story: Story) -> None:
    [warning] = story.warnings("soon")
    assert warning.startswith("The API key expires in 10 days, at")
    metrics = (story.folder / "soon.prom").read_text(encoding="utf-8")
    assert "# TYPE aimms_key_expiry_timestamp_seconds gauge" in metrics
    told = json.loads((story.folder / "soon.json").read_text(encoding="utf-8"))["key"]
    assert (told["user"], told["administrator"], told["expires_in_days"]) == ("admin", True, 10)
    page = (story.folder / "soon.html").read_text(encoding="utf-8")
    assert "The API key belongs to admin@ROOT, an administrator" in page


def test_a_users_key_is_a_warning(story: Story) -> None:
    [warning] = story.warnings("user")
    assert "jdoe@ROOT, who is not an administrator" in warning


def test_a_service_that_does_not_answer_is_asked_once_and_forgotten(story: Story) -> None:
    assert story.questions("dead") == ["api-key"]
    assert story.warnings("dead") == []
    assert len(story.key("dead")["not_told"]) == 3
    assert "key_expiry" not in (story.folder / "dead.prom").read_text(encoding="utf-8")


def test_three_questions_at_most_and_none_if_switched_off(story: Story) -> None:
    assert {name: story.questions(name) for name in ("soon", "user", "several", "refused", "off")} == {
        **dict.fromkeys(("soon", "user", "several", "refused"), QUESTIONS),
        "off": [],
    }
    assert story.warnings("several") == []
    assert story.warnings("refused") == []
