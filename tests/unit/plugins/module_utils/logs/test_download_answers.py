# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a download may answer, by what the route for lines tells: only the log counts as saved.

A record is deleted when its log was saved and verified, or when the service never had one. Proves rule 33 for logs.
"""

from __future__ import annotations

import codecs
import gzip

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.download import download
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.delete import delete
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import with_saved_log
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, results

LINES = [(f"2026-01-31T08:{number // 60:02}:{number % 60:02}Z", f"step {number} done") for number in range(1000)]
LOG = "".join(f"{at} {text}\n" for at, text in LINES)
BY_LINES = LOG.replace("T08:", " 08:").replace("T", " ").replace("Z ", ".000 ")
ERROR = {"errorId": "e-17", "errorCode": 1064, "message": "The log store is not available"}


def full(_lines=tuple(LINES)):
    return {"lines": [{"timestamp": at, "message": text} for at, text in _lines], "total": len(_lines)}


DOWNLOADS = {
    "the log": (200, LOG),
    "the log in gzip": (200, bytearray(gzip.compress(LOG.encode()))),
    "half of a gzip file": (200, bytearray(gzip.compress(LOG.encode())[:-100])),
    "the log in UTF-16": (200, bytearray(codecs.BOM_UTF16_LE + LOG.encode("utf-16-le"))),
    "UTF-16 without a mark": (200, bytearray(LOG.encode("utf-16-le"))),
    "nothing": (200, ""),
    "three lines": (200, LOG[:90]),
    "an error as JSON": (200, ERROR),
    "null": (200, "null"),
    "an empty list": (200, []),
    "another log": (200, LOG.replace("step", "other")),
    "500": 500,
    "404": 404,
}
PAGES = {
    "the lines": lambda account: None,
    "no total": lambda account: account.on("GET", "/s1/logs", *[lambda: _untold(account)] * 40),
    "an empty list": lambda account: account.on("GET", "/s1/logs", *[(200, [])] * 40),
    "null": lambda account: account.on("GET", "/s1/logs", *[(200, None)] * 40),
    "an error as JSON": lambda account: account.on("GET", "/s1/logs", *[(200, ERROR)] * 40),
    "403": lambda account: account.on("GET", "/s1/logs", *[403] * 40),
    "404": lambda account: account.on("GET", "/s1/logs", *[404] * 40),
}
WHOLE = {"the log", "the log in gzip", "the log in UTF-16"}
SHOWN = {"the lines", "no total"}


def _untold(account):
    """The answer of the route for lines, without the total."""
    query = account.requests[-1].query
    start = int(query.get("offset", 0))
    return 200, {"lines": full()["lines"][start : start + min(int(query.get("limit", 20)), account.page)]}


def saved(account, folder):
    """The result of saving the logs of all records of the account, and what may be deleted then."""
    records = list(account.sessions.values())
    try:
        result = download(account.params(sessions=records, dest=f"{folder}/"), False, [].append)
    except PartlyFailedError as error:
        result = error.result
    ready = with_saved_log({"role": "session_retention"}, records, result)
    assert len(ready["sessions"]) + len(ready["unsaved"]) == len(records)
    return result, [one["id"] for one in ready["sessions"]]


def deleted(account, ids):
    """What the server has left after the role's next step, which deletes these records."""
    records = [account.sessions["task", session_id] for session_id in ids]
    if records:
        result = delete(account.params(sessions=records), False, [].append)
        assert results(result) == dict.fromkeys(ids, "deleted")
    return sorted(session_id for _kind, session_id in account.sessions)


def test_there_are_cells_enough():
    assert len(DOWNLOADS) * len(PAGES) >= 40


@pytest.mark.parametrize("pages", PAGES)
@pytest.mark.parametrize("answer", DOWNLOADS)
def test_a_record_goes_only_if_its_log_is_on_the_disk_as_the_service_has_it(answer, pages, tmp_path):
    with Account(page=500) as account:
        account.add("task", "s1", "completed")
        account.logs["task", "s1"] = list(LINES)
        account.on("GET", "/download", *[DOWNLOADS[answer]] * 9)
        PAGES[pages](account)
        result, ready = saved(account, tmp_path)
        assert deleted(account, ready) == ([] if ready else ["s1"])
        assert account.changes() == (["DELETE task/s1"] if ready else [])
    contents = [path.read_text("utf-8", "replace") for path in tmp_path.iterdir()]
    whole = [text for text in contents if text in (LOG, BY_LINES)]
    nothing_there = pages == "an empty list" and answer == "nothing"
    assert ready == (["s1"] if (whole and pages in SHOWN) or nothing_there else [])
    if pages in SHOWN and answer not in (
        "404",
        "another log",
    ):  # lines that only one route has: neither is the whole log
        assert len(whole) == len(contents) == 1
    if ready:
        assert result["files"][0]["verified"]
    assert not [text for text in contents if "errorId" in text and pages in SHOWN]


def test_a_log_of_three_lines_that_is_one_of_three_lines_is_saved_with_one_request_more(tmp_path):
    with Account() as account:
        account.add("task", "s1", "completed")
        account.logs["task", "s1"] = LINES[:3]
        assert saved(account, tmp_path)[1] == ["s1"]
        assert [one.path.rpartition("/")[2] for one in account.requests] == ["openapi.yaml", "s1", "logs", "download"]
        assert len(account.asked("/logs")) == 1


def test_a_log_that_grows_while_it_is_saved_is_the_log(tmp_path):
    with Account() as account:
        account.add("task", "s1")
        account.logs["task", "s1"] = LINES[:3]
        account.on("GET", "/download", lambda: account.logs["task", "s1"].extend(LINES[3:]))
        result, ready = saved(account, tmp_path)
    assert (ready, result["files"][0]["lines"]) == (["s1"], 1000)


# No log


@pytest.mark.parametrize(
    ("state", "told", "gone"),
    [
        ("terminated", {"started_at": None}, ["s1"]),
        ("cancelled", {"started_at": "", "queue_time": 90, "run_time": 0, "gb_hours": 0.0}, ["s1"]),
        ("terminated", {"started_at": "2026-01-31T08:00:00Z"}, []),
        ("terminated", {}, []),  # no server that tells no start at all shows that there was none
        ("terminated", {"started_at": None, "run_time": "612.24"}, []),
        ("terminated", {"started_at": None, "peak_memory": "3 Gi"}, []),
        ("failed", {"started_at": None, "gbHour": 3.5}, []),
        *((state, {"started_at": None}, []) for state in ("completed", "Finished", "crashed", "INTERRUPTED", "odd")),
    ],
)
def test_a_session_that_never_began_and_has_no_log_is_archived_with_none(state, told, gone, tmp_path):
    with Account() as account:
        del account.add("task", "s1", state)["started_at"]
        account.sessions["task", "s1"].update(told)
        account.on("GET", "/logs", *[404] * 9)
        account.on("GET", "/download", *[404] * 9)
        result, ready = saved(account, tmp_path)
    assert (ready, result["files"], list(tmp_path.iterdir())) == (gone, [], [])
    assert [one["session_id"] for one in result["without_log"]] == gone
    assert len(result["not_saved"]) == 1 - len(gone)


@pytest.mark.parametrize("way", ["/logs", "/download"])
def test_a_404_of_somebody_else_is_no_word_about_a_log(way, tmp_path):
    with Account() as account:
        account.add("task", "s1", "terminated", started_at=None)
        for route in ("/logs", "/download"):
            account.on("GET", route, *[(404, b"<html>no such page</html>") if route == way else 404] * 9)
        result, ready = saved(account, tmp_path)
    assert (ready, result["without_log"], len(result["not_saved"])) == ([], [], 1)


# Somebody else's log


@pytest.mark.parametrize(
    "change",
    [{"owner": "mallory@ROOT"}, {"app_name": "Other"}, {"created_at": "2020-01-01T00:00:00Z"}],
    ids=lambda change: next(iter(change)),
)
def test_by_record_the_log_of_another_session_with_that_id_is_not_saved(change, tmp_path):
    with Account() as account:
        record = dict(account.add("task", "s1"))
        account.logs["task", "s1"] = LINES[:3]
        account.sessions["task", "s1"].update(change)
        with pytest.raises(PartlyFailedError, match="It is not the session of the record: ") as caught:
            download(account.params(sessions=[record], dest=f"{tmp_path}/"), False, [].append)
        assert account.asked("/download") == []
    assert (caught.value.result["files"], list(tmp_path.iterdir())) == ([], [])
    assert [one["result"] for one in caught.value.result["not_saved"]] == ["changed_since"]


def test_by_record_a_session_that_is_gone_has_no_log(tmp_path):
    with Account() as account:
        record = dict(account.add("task", "s1"))
        account.sessions.clear()
        with pytest.raises(PartlyFailedError, match="the server no longer has one with its id") as caught:
            download(account.params(sessions=[record], dest=f"{tmp_path}/"), False, [].append)
        assert [one["result"] for one in caught.value.result["not_saved"]] == ["not_found"]


# No text


def test_what_is_no_text_is_saved_as_it_is_only_where_nothing_is_to_be_redacted(tmp_path):
    with Account() as account:
        account.add("task", "s1")
        account.logs["task", "s1"] = [("2026", "a\0b --token abc")]
        params = account.params(kind="task", session_ids=["s1"], dest=f"{tmp_path}/one.log")
        with pytest.raises(PartlyFailedError, match=r"The log holds NUL bytes.*set redact: false"):
            download(params, False, [].append)
        assert list(tmp_path.iterdir()) == []
        download({**params, "redact": False}, False, [].append)
    assert (tmp_path / "one.log").read_bytes() == b"2026 a\0b --token abc\n"
