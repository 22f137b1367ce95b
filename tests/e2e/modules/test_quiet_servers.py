# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``quiet_for`` on every dialect, and on servers that filter, page or count logs wrongly, or send times without a zone.

Proves rule 19 for the times of log lines: in doubt a session does not count as quiet.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from deleting_records import CHECK, DAY, HOUR
from emulator.dialects.dialect import DIALECTS
from plays import Ansible, Played, ids_of, info, template, terminate
from quiet_sessions import QUIET, populate
from written_logs import ago, on, reasons

pytestmark = pytest.mark.once

PARTS = "'webui', quiet_for='6h', protect_owners='maria', url=url, api_key=acme_api_key"
QUERY = f"query('aimms.cloud.aimms_session', {PARTS})"


@pytest.fixture(scope="module")
def looked_up(shared_ansible: Ansible, shared_serve: Any) -> Played:
    """Query every dialect, and servers that filter or page logs wrongly."""
    odd: dict[str, tuple[str, dict[str, Any]]] = {name: (name, {}) for name in DIALECTS}
    odd["unfiltered"] = ("current", {"ignore_log_filters": True})
    odd["unfiltered_newest_first"] = ("current-rows", {"ignore_log_filters": True})
    odd["unpaged"] = ("current", {"ignore_log_filters": True, "ignore_paging": True})
    odd["short_total"] = ("legacy", {"ignore_log_filters": True, "wrong_total": -20})

    def start(given: tuple[str, dict[str, Any]]) -> Any:
        server = populate(shared_serve(dialect=given[0]))
        server.set(**given[1])
        return server

    with ThreadPoolExecutor(4) as pool:
        servers = dict(zip(odd, pool.map(start, odd.values())))
    return shared_ansible.play(template(QUERY + " | map(attribute='id') | sort", "look up"), server=servers)


@pytest.mark.parametrize("dialect", [*DIALECTS, "unfiltered", "unfiltered_newest_first"])
def test_only_quiet_sessions_are_selected(dialect: str, looked_up: Played) -> None:
    assert on(looked_up, dialect, "look up")["msg"] == QUIET


@pytest.mark.parametrize("odd", ["unpaged", "short_total"])
def test_noisy_session_is_not_selected_whatever_the_server_tells(odd: str, looked_up: Played) -> None:
    assert not {"busy", "hours", "future", "young"} & set(on(looked_up, odd, "look up")["msg"])


def test_filter_that_lets_nothing_through_is_not_believed(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current")
    for name, age, last in (("quiet", 5, 4), ("busy", 6, 0), ("mute", 7, 6)):  # in both orders a quiet one is first
        server.add_session(id=name, age=age * DAY, last_log_at=ago(last * DAY))
    server.fault("wrong_json", path_contains="begin=", value={"items": [], "total": 0})
    played = ansible.play({**terminate("check", quiet_for="6h", concurrency=1), **CHECK}, server=server)
    assert ids_of(played["check"]["sessions"]) == ["mute", "quiet"]
    assert reasons(played["check"]) == {"busy": "recent_log"}


def test_naive_times_of_lines_have_twelve_hours_to_spare(ansible: Ansible, serve: Any) -> None:
    server = serve(dialect="current-bare")
    for name, age in {"five": 5, "twenty": 20}.items():
        server.add_session(id=name, age=5 * DAY, last_log_at=ago(age * HOUR))
    server.clear_requests()
    played = ansible.play(
        {"name": "naive", "aimms.cloud.aimms_session_info": {"quiet_for": "1h"}},
        info("told", quiet_for="1h", naive_timezone="UTC"),
        server=server,
    )
    assert ids_of(played["naive"]["sessions"]) == ["twenty"]
    assert ids_of(played["told"]["sessions"]) == ["five", "twenty"]
