# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures that are pushed: what arrives at a gateway, what does not, and that a run never fails by it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from cleanup_runs import Run, add_stale, ended
from gateway import Gateway

pytestmark = pytest.mark.once

PASSWORD = "canary/pass word+0123456789"
TASKS = Path(__file__).resolve().parents[3] / "roles/stale_session_cleanup/tasks/main.yml"


class Story:
    """One run over accounts that differ in where they push to."""

    def __init__(self, start: Callable[..., Any], run: Callable[..., Run], folder: Path) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        self.folder, self.plain, self.tls = folder, Gateway(), Gateway(authority)
        user = {"metrics_user": "me", "metrics_password": PASSWORD}
        own: dict[str, dict[str, Any]] = {
            "plain": {**user, "metrics_file": str(folder / "m-{host}.prom")},
            "denied": user,
            "moved": user,
            "trusted": {**user, "metrics_ca_path": str(folder / "ca.pem")},
            "untrusted": user,
            "unchecked": {"metrics_validate_certs": "no"},
            "broken": {"batch_size": 0},
        }
        self.account = start()
        self.stale = add_stale(self.account, 2)
        hosts = {}
        for name, given in own.items():
            gateway = self.tls if name in ("trusted", "untrusted", "unchecked") else self.plain
            hosts[name] = (self.account, {"metrics_url": f"{gateway.url}/{name}/account/{{account}}", **given})
        hosts["gone"] = (self.account, {"metrics_url": "http://127.0.0.1:1/{host}"})
        self.run = run(hosts, apply=True, max_percent=100, cmdline="-vvv")
        self.hosts = set(hosts)

    def push(self, host: str) -> Any:
        """The result of the step that pushes."""
        return self.run.steps("Publish the results", host)[0]["res"]


@pytest.fixture(scope="module")
def story(start_account: Any, run_cleanup: Callable[..., Run], tmp_path_factory: Any) -> Iterator[Story]:
    made = Story(start_account, run_cleanup, tmp_path_factory.mktemp("push"))
    yield made
    for gateway in (made.plain, made.tls):
        gateway.close()


def test_what_arrives_is_what_the_file_has_as_one_put(story: Story) -> None:
    ((method, path, headers, body),) = [one for one in story.plain.requests if one[1].startswith("/plain/")]
    assert (method, path) == ("PUT", f"/plain/account/{story.account.url.removeprefix('http://').replace(':', '%3A')}")
    assert body == (story.folder / "m-plain.prom").read_text(encoding="utf-8")
    assert "aimms_session_cleanup_last_run_success" in body
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert headers["Authorization"] == f"Basic {base64.b64encode(f'me:{PASSWORD}'.encode()).decode()}"


def test_a_certificate_is_checked_unless_that_is_switched_off(story: Story) -> None:
    assert story.tls.paths() == ["trusted", "unchecked"]
    assert "certificate" in story.push("untrusted")["warnings"][0].lower()
    assert not any("warnings" in story.push(name) for name in ("plain", "trusted", "unchecked", "broken"))


def test_a_redirect_is_not_followed_and_a_refusal_not_repeated(story: Story) -> None:
    assert story.plain.paths() == ["broken", "denied", "moved", "plain"]
    for name, said in (("denied", "401"), ("moved", "307"), ("gone", "refused")):
        assert said in story.push(name)["warnings"][0]


def test_no_run_fails_by_it_and_a_run_that_failed_is_told(story: Story) -> None:
    assert {host for host in story.hosts if story.run.failure(host)} == {"broken"}
    assert set(story.stale) <= ended(story.account)
    (body,) = [one[3] for one in story.plain.requests if one[1].startswith("/broken/")]
    assert "last_run_success{" in body
    assert " 0\n" in body.partition("last_run_success{")[2]
    assert "last_success" not in body  # nothing is known of the runs before


def test_neither_key_nor_password_is_where_it_does_not_belong(story: Story) -> None:
    sent = json.dumps([*story.plain.requests, *story.tls.requests])
    assert story.account.admin_key not in sent
    printed = json.dumps([story.run.events, story.run.artifact]) + story.run.stdout
    for form in (PASSWORD, base64.b64encode(f"me:{PASSWORD}".encode()).decode(), json.dumps(PASSWORD)[1:-1]):
        assert form not in printed


def test_what_never_answers_cannot_hold_up_the_run() -> None:
    """Ansible ends the step then; what that makes of it is in the unit tests of the step."""
    always = yaml.safe_load(TASKS.read_text(encoding="utf-8"))[0]["always"]
    (task,) = [one for one in always if one["name"] == "Publish the results"]
    assert task["timeout"] <= 60
