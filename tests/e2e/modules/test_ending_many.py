# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many sessions at once: the number of requests, and a server with a rate limit.

Proves rules 7, 16, 23 and 28.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from plays import Ansible, results_of, terminate

pytestmark = pytest.mark.once

HOUR = 3600
MANY = {"older_than": "1h", "concurrency": 16, "max_sessions": 500, "kinds": ["webui"]}
LIST = "/sessions/webui"


def crowd(serve: Any, count: int, **options: Any) -> Any:
    """A server with ``count`` sessions, all older than an hour."""
    server = serve(generation="current", **options)
    server.add_session(kind="webui", count=count, age=2 * HOUR, owner="chen@PLANNING", app_name="Crew")
    server.clear_requests()
    return server


def asked(server: Any) -> Counter[str]:
    """The numbers of requests: lists, reads, changes, other."""
    kinds: Counter[str] = Counter()
    for entry in server.requests():
        path = entry["path"]
        kinds["change" if entry["method"] != "GET" else "list" if path.endswith(LIST) else path.split("/")[-2]] += 1
    return kinds


def test_two_requests_a_session_and_lists_on_few_connections(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 150, latency_ms=5)
    played = ansible.play(terminate("end", **MANY), server=server)
    assert Counter(results_of(played["end"]).values()) == {"terminated": 150}
    kinds = asked(server)
    alone = 2  # whether the first one has ended already, and whether a list that shows ends tells the truth
    assert (kinds["webui"], kinds["change"]) == (150 + alone, 150)
    assert kinds["list"] <= 2 * 3
    assert len({entry["connection"] for entry in server.requests()}) <= 16 + 8 + 1


def test_a_slow_end_is_looked_for_in_few_lists(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 150, end_delay=2)
    played = ansible.play(terminate("end", **MANY), server=server)
    assert Counter(results_of(played["end"]).values()) == {"terminated": 150}
    kinds = asked(server)
    assert kinds["change"] == 150
    assert kinds["list"] <= 10 * 3
    assert kinds["webui"] <= 150 + 20


def test_when_the_list_fails_each_session_is_read(ansible: Ansible, serve: Any) -> None:
    server = crowd(serve, 30)
    server.fault("503", method="GET", path_contains=f"{LIST}?", skip=1, retry_after="0")
    played = ansible.play(terminate("end", **MANY), server=server)
    assert Counter(results_of(played["end"]).values()) == {"terminated": 30}
    kinds = asked(server)
    assert (kinds["webui"], kinds["change"]) == (60, 30)
    assert kinds["list"] <= 1 + 3


def seconds_of(ansible: Ansible, server: Any) -> float:
    """How long it takes to end 100 sessions."""
    begun = time.monotonic()
    played = ansible.play(terminate("end", **MANY), server=server)
    assert Counter(results_of(played["end"]).values()) == {"terminated": 100}
    return time.monotonic() - begun


@pytest.mark.parametrize("told", [True, False], ids=["after so long", "without a word"])
def test_no_session_fails_because_the_service_limits_the_rate(told: bool, ansible: Ansible, serve: Any) -> None:
    freely = seconds_of(ansible, crowd(serve, 100))
    for limit in (40, 20, 10):  # a busy machine may not come to the first one, or keep the play waiting
        server = crowd(serve, 100)
        server.set(rate_limit=limit, rate_retry_after=told)
        seconds = seconds_of(ansible, server)
        refused = [entry for entry in server.requests() if entry["status"] == 429]
        assert Counter(entry["path"] for entry in server.changes() if entry["acted"]).most_common(1)[0][1] == 1
        longest = 3 * 200 / limit + 3 * freely
        if refused and seconds < longest:
            break
    assert 0 < len(refused) <= 0.35 * 200
    assert seconds < longest


def test_a_service_that_puts_everything_off_is_left(ansible: Ansible, serve: Any) -> None:
    """429 is no answer and no outage: it is tried again until max_time, but at most twice a second."""
    server, max_time = crowd(serve, 24), 4
    server.fault("429", path_contains=f"{LIST}/", retry_after="0")
    few = {**MANY, "concurrency": 4, "max_time": max_time, "timeout": max_time}
    played = ansible.play(terminate("end", **few), server=server)
    tries = Counter(entry["path"] for entry in server.requests() if LIST + "/" in entry["path"])
    assert max(tries.values()) <= 2 * max_time + 1
    assert len(tries) <= 5 + 4 - 1
    assert played["end"]["failed"]
    assert set(results_of(played["end"]).values()) == {"failed", "not_tried"}
    assert server.changes() == []
