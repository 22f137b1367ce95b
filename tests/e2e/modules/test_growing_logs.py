# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs that grow while they are read, failing pages, and invalid text.

Each result is correct, or marked as incomplete. Lines are never lost or changed without notice.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import pytest
from plays import Ansible, Played
from written_logs import lines, log_requests, numbered, on, once_asked, read_log, runs, texts, warnings_of

pytestmark = pytest.mark.once

COUNT = 230
BEGIN = int(time.time()) - 40_000
LOG = lines(numbered(COUNT), BEGIN)
GROWING = {
    "oldest-offset": ("current", "oldest", 3),
    "newest-offset": ("current", "newest", 3),
    "newest-number": ("current-rows", "newest", 3),
    "newest-untold": ("legacy-bare", "newest", 3),
    "newest-cursor": ("current-cursor", "newest", 3),
    "flood-offset": ("current", "newest", 150),
    "flood-untold": ("legacy-bare", "newest", 150),
}


@pytest.fixture(scope="module")
def grown(shared_ansible: Ansible, shared_serve: Any) -> Played:
    """Read logs that grow after their first page was read."""
    servers, threads = {}, []
    for name, (dialect, order, more) in GROWING.items():
        server = servers[name] = shared_serve(dialect=dialect, latency_ms=250)
        server.add_session(id="w1", age=50_000, logs=LOG)
        server.set(log_order=order)
        new = {"append_logs": [{"message": text} for text in numbered(more, COUNT)]}
        threads.append(once_asked(server, partial(server.update_session, "w1", **new), "logs"))
    played = shared_ansible.play(read_log("all"), server=servers)
    for thread in threads:
        thread.join()
    return played


@pytest.mark.parametrize("name", GROWING)
def test_lines_written_meanwhile_hide_and_repeat_none(name: str, grown: Played) -> None:
    result = on(grown, name, "all")
    if result["complete"]:
        assert texts(result) == numbered(result["count"])
        assert result["count"] >= COUNT
    else:
        assert name == "flood-untold"
        assert "written faster than they could be read" in warnings_of(result)


def test_page_that_fails_is_asked_for_again_or_the_whole_fails(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current")
    server.add_session(id="w1", age=50_000, logs=LOG)
    server.fault("reset", path_contains="offset=100", count=1)
    server.fault("truncate", path_contains="offset=200", count=1)
    server.fault("html", path_contains="offset=200", skip=1, count=1)
    server.fault("wrong_json", path_contains="offset=200", skip=1, count=1, value={"message": "please wait"})
    server.fault("status", status=500, path_contains="offset=200", skip=1)
    played = ansible.play(*(read_log(name) for name in ("once", "html", "wrong_json", "status")), server=server)
    assert texts(played["once"]) == numbered(COUNT)
    assert [entry["fault"] for entry in log_requests(runs(server)[0])] == [None, "reset", None, "truncate", None]
    for name, text in {"html": "HTML", "wrong_json": "no list of records", "status": "answered 500"}.items():
        assert played[name]["failed"]
        assert text in played[name]["msg"]
        assert "lines" not in played[name]


def test_text_that_is_no_text_is_shown_all_the_same(ansible: Ansible, serve: Any) -> None:
    server = serve(generation="current")
    half = "half a rocket \ud83d at the end"
    server.add_session(id="w1", age=50_000, logs=lines([half, "nul \x00 and \x1b[31mred\x1b[0m", "last"], BEGIN))
    played = ansible.play(read_log("all"), read_log("shown", redact=False), server=server)
    for result in played:
        assert not result["failed"]
        assert result["count"] == 3
        assert texts(result)[2] == "last"
