# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs of servers that do not follow their document.

Each result is correct, or marked as incomplete. Lines are never lost or changed without notice.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from plays import Ansible, Played
from written_logs import lines, numbered, on, read_log, texts, warnings_of, written

pytestmark = pytest.mark.once

COUNT = 230
BEGIN = int(time.time()) - 40_000
LOG = lines(numbered(COUNT), BEGIN)
ALL, END = numbered(COUNT), numbered(5, COUNT - 5)
FILTER = {"begin": LOG[100]["timestamp"], "end": LOG[190]["timestamp"], "contains": "LINE 1"}
BURST = [{"timestamp": written(BEGIN + number // 120), "message": text} for number, text in enumerate(ALL)]
"""More lines in each second than there are on a page."""
SKEWED = [*LOG[:101], {**LOG[101], "timestamp": written(BEGIN + 999)}]
"""The last two lines, alone on their page, are in the wrong order of time."""
ODD: dict[str, tuple[str, dict[str, Any], list[dict[str, str]]]] = {
    "no_filter": ("current", {"ignore_log_filters": True}, LOG),
    "no_filter_newest_first": ("current-rows", {"ignore_log_filters": True}, LOG),
    "no_filter_cursor": ("current-cursor", {"ignore_log_filters": True}, LOG),
    "no_paging": ("current", {"ignore_paging": True}, LOG),
    "no_paging_numbers": ("current-page", {"ignore_paging": True}, LOG),
    "no_paging_cursor": ("current-link", {"ignore_paging": True}, LOG),
    "total_too_large": ("current", {"wrong_total": 7}, LOG),
    "total_a_little_too_small": ("current-page", {"wrong_total": -7}, LOG),
    "total_of_full_pages": ("legacy", {"wrong_total": -30}, LOG),
    "total_of_the_page": ("current-page0", {"wrong_total": -224}, LOG),
    "burst": ("current-page0", {"log_order": "newest"}, BURST),
    "skewed": ("current", {}, SKEWED),
    "missing_document": ("current", {"document": "missing"}, LOG),
    "missing_document_legacy": ("legacy", {"document": "missing"}, LOG),
}
MAY_BE_INCOMPLETE = ("no_paging", "no_paging_numbers", "no_paging_cursor", "total_too_large")


@pytest.fixture(scope="module")
def servers(shared_serve: Any) -> dict[str, Any]:
    """An odd server for each entry above."""

    def start(odd: tuple[str, dict[str, Any], list[dict[str, str]]]) -> Any:
        dialect, settings, log = odd
        server = shared_serve(dialect=dialect)
        server.add_session(id="w1", age=50_000, logs=log)
        server.set(**settings)
        return server

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(ODD, pool.map(start, ODD.values())))


@pytest.fixture(scope="module")
def read(shared_ansible: Ansible, servers: dict[str, Any]) -> Played:
    """Read from each server all lines, the last lines, and the lines that match a filter."""
    return shared_ansible.play(read_log("all"), read_log("end", tail=5), read_log("some", **FILTER), server=servers)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("task", ["all", "end", "some"])
def test_what_comes_is_right_or_said_to_be_incomplete(odd: str, task: str, read: Played) -> None:
    result = on(read, odd, task)
    whole = [line["message"] for line in ODD[odd][2]]
    times = {line["message"]: line["timestamp"] for line in ODD[odd][2]}
    fitting = [text for text in whole if FILTER["begin"] <= times[text] <= FILTER["end"] and "line 1" in text]
    right = texts(result) == {"all": whole, "end": whole[-5:], "some": fitting}[task]
    assert right if odd not in MAY_BE_INCOMPLETE else right or not result["complete"]
    assert bool(warnings_of(result).count("not all that were asked for")) is not result["complete"]


@pytest.mark.parametrize("odd", ["no_paging", "no_paging_numbers", "no_paging_cursor"])
def test_server_that_repeats_a_page_gives_an_incomplete_log(odd: str, read: Played) -> None:
    assert [on(read, odd, task)["complete"] for task in ("all", "end")] == [False, False]
    assert "brought nothing" in warnings_of(on(read, odd, "all"))


def test_document_is_missed_but_not_needed(read: Played) -> None:
    for odd in ("missing_document", "missing_document_legacy"):
        assert all(on(read, odd, task)["complete"] for task in ("all", "end", "some"))
        assert "OpenAPI document could not be used" in warnings_of(on(read, odd, "all"))
