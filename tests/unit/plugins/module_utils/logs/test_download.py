# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saving logs, from the options to the files. One log that cannot be saved does not stop the others."""

from __future__ import annotations

import gzip
import hashlib
import socket

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, PartlyFailedError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.download import download
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import KEY, Account

TEXT = "2026-01-31T08:00:00Z up\n2026-01-31T08:01:00Z --logonToken abc123def\n"
SAVED = TEXT.replace("abc123def", "********")


@pytest.fixture(name="account")
def an_account():
    """Two sessions with a log each."""
    with Account() as account:
        for name in ("t1", "t2"):
            account.add("task", name)
            account.logs["task", name] = [tuple(line.split(" ", 1)) for line in TEXT.splitlines()]
        yield account


def run(account, dest, *ids, check_mode=False, warnings=None, **options):
    """The result for the sessions with these ids, t1 where none is given."""
    given = {"kind": "task", "session_ids": list(ids) or ["t1"], "dest": str(dest), **options}
    return download(account.params(**given), check_mode, (warnings if warnings is not None else []).append)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_log_is_saved_redacted_and_for_its_owner_only(account, tmp_path):
    result = run(account, tmp_path / "one.log")
    assert (tmp_path / "one.log").read_text() == SAVED
    assert (tmp_path / "one.log").stat().st_mode & 0o777 == 0o600
    assert (result["changed"], result["not_saved"]) == (True, [])
    assert result["files"] == [
        {
            "session_id": "t1",
            "kind": "task",
            "path": str(tmp_path / "one.log"),
            "size": len(SAVED),
            "checksum": hashlib.sha1(SAVED.encode()).hexdigest(),
            "lines": 2,
            "redactions": 1,
            "verified": True,
        }
    ]
    assert names(tmp_path) == ["one.log"]


def test_a_second_run_changes_nothing_but_a_mode(account, tmp_path):
    run(account, tmp_path / "one.log")
    assert run(account, tmp_path / "one.log")["changed"] is False
    assert run(account, tmp_path / "one.log", mode="0640")["changed"] is True
    assert (tmp_path / "one.log").stat().st_mode & 0o777 == 0o640
    assert run(account, tmp_path / "one.log", mode=0o640)["changed"] is False
    account.logs["task", "t1"].append(("2026-01-31T09:00:00Z", "more"))
    assert run(account, tmp_path / "one.log")["changed"] is True
    assert (tmp_path / "one.log").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o444, 0o600, 0o640, 0o644, 0o660, 0o664, 0o700, 0o750, 0o755])
def test_a_mode_that_yaml_has_read_as_octal_is_taken(mode, account, tmp_path):
    run(account, tmp_path / "one.log", mode=mode)
    assert (tmp_path / "one.log").stat().st_mode & 0o7777 == mode


def test_check_mode_tells_the_file_and_makes_none(account, tmp_path):
    result = run(account, tmp_path / "new/logs", "t1", "t2", check_mode=True)
    assert (result["changed"], [entry["lines"] for entry in result["files"]]) == (True, [2, 2])
    assert names(tmp_path) == []


def test_several_logs_go_into_a_folder_that_is_made_compressed_alike_each_time(account, tmp_path):
    for changed in (True, False):
        result = run(account, tmp_path / "new/logs", "t1", "t2", "t1", compress=True, redact=False)
        assert result["changed"] is changed
    assert names(tmp_path / "new/logs") == ["task-t1.log.gz", "task-t2.log.gz"]
    assert gzip.decompress((tmp_path / "new/logs/task-t2.log.gz").read_bytes()).decode() == TEXT


def test_records_of_sessions_are_taken_too(account, tmp_path):
    record = {**account.sessions["task", "t2"], "owner": None}
    result = run(account, tmp_path, session_ids=None, kind=None, sessions=[record])
    assert names(tmp_path) == ["task-t2.log"]
    assert [entry["session_id"] for entry in result["files"]] == ["t2"]


def test_one_that_cannot_be_saved_does_not_stop_the_others(account, tmp_path):
    with pytest.raises(PartlyFailedError, match=r"1 of 2 logs could not be saved\. GET .* answered 404") as caught:
        run(account, tmp_path, "nobody", "t2")
    result = caught.value.result
    assert names(tmp_path) == ["task-t2.log"]
    assert [(entry["session_id"], entry["kind"]) for entry in result["not_saved"]] == [("nobody", "task")]
    assert (result["changed"], len(result["files"])) == (True, 1)


def test_an_empty_log_does_not_replace_one_that_is_not(account, tmp_path):
    run(account, tmp_path / "one.log")
    account.logs.clear()
    with pytest.raises(PartlyFailedError, match=r"The server gives an empty log, so .*one\.log was left as it is"):
        run(account, tmp_path / "one.log")
    assert (tmp_path / "one.log").read_text() == SAVED
    assert run(account, tmp_path / "two.log")["files"][0]["lines"] == 0


def test_a_folder_that_takes_no_file_is_said(account, tmp_path):
    (tmp_path / "task-t1.log").mkdir()
    with pytest.raises(PartlyFailedError, match=r"task-t1\.log cannot be written: Is a directory"):
        run(account, tmp_path)
    assert names(tmp_path) == ["task-t1.log"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"session_ids": []}, "name at least one session. An empty list never means 'all'"),
        ({"session_ids": ["../t1"]}, "cannot be a session id"),
        ({"dest": " "}, "dest: name a file or a folder"),
        ({"mode": "rw-r"}, "mode: 'rw-r' is not an octal mode. Write it as '0640'"),
        ({"mode": "0999"}, "is not an octal mode"),
        ({"mode": True}, "mode: 'True' is not an octal mode"),
        ({"mode": 0o17777}, "is not an octal mode"),
        ({"mode": 644}, r"mode: 644 without quotes is a decimal number, 1204 as a mode\. Write it as '0644'"),
        *(
            ({"mode": mode}, "without quotes")
            for mode in (400, 440, 444, 600, 640, 660, 664, 666, 700, 750, 755, 1600, 2640)
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, account, tmp_path):
    with pytest.raises(OptionError, match=said):
        run(account, **{"dest": tmp_path, **options})
    assert (account.requests, names(tmp_path)) == ([], [])


def test_a_place_that_cannot_hold_the_logs_is_refused(account, tmp_path):
    (tmp_path / "file").write_text("mine")
    for dest, ids, said in (
        (tmp_path / "no/such", ["t1"], "the folder .*no does not exist"),
        (tmp_path / "file", ["t1", "t2"], "file is a file, and 2 logs need a folder"),
        (tmp_path / "file/below", ["t1", "t2"], "below cannot be made: Not a directory"),
        (f"{tmp_path}/file/", ["t1"], "is a file, and 1 logs need a folder"),
    ):
        with pytest.raises(OptionError, match=said):
            run(account, dest, *ids)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        with pytest.raises(OptionError, match="s is neither a file nor a folder"):
            run(account, tmp_path / "s")
    assert ((tmp_path / "file").read_text(), account.requests) == ("mine", [])


@pytest.mark.parametrize("documented", [True, False])
def test_on_a_legacy_server_the_log_is_read_page_by_page(documented, tmp_path):
    with Account(legacy=True, documented=documented, page=2) as account:
        account.add("task", "t1")
        account.logs["task", "t1"] = [(f"2026-01-31T08:0{number}:00Z", f"line {number}") for number in range(5)]
        warnings = []
        run(account, tmp_path / "one.log", warnings=warnings)
    lines = [f"2026-01-31 08:0{number}:00.000 line {number}" for number in range(5)]
    assert (tmp_path / "one.log").read_text().splitlines() == lines
    assert len(warnings) == (0 if documented else 1)


@pytest.mark.parametrize(("documented", "status"), [(True, 404), (True, 405), (False, 403)])
def test_only_without_a_document_does_a_missing_route_mean_to_read_pages(documented, status, tmp_path):
    with Account(documented=documented) as account:
        account.add("task", "t1")
        account.on("GET", "/download", status)
        with pytest.raises(PartlyFailedError, match=f"logs/download answered {status}"):
            run(account, tmp_path / "one.log")
        assert len(account.asked("/t1/logs")) <= 4  # how many entries there are, and whether there are any
    assert names(tmp_path) == []


def test_a_log_whose_pages_are_not_whole_is_not_saved(tmp_path):
    with Account(legacy=True) as account:
        account.add("task", "t1")
        account.on("GET", "/logs/task/t1", (200, {"lines": ["2026-01-31 08:00:00 x"], "total": 5, "hasMore": False}))
        with pytest.raises(PartlyFailedError, match="The log of task session t1 cannot be read whole"):
            run(account, tmp_path / "one.log")
    assert names(tmp_path) == []


def test_a_page_of_html_is_no_log_and_the_key_is_masked_in_one(account, tmp_path):
    account.logs["task", "t1"] = [("your", f"key is {KEY}")]
    account.on("GET", "/download", (200, b"<html>login</html>"))
    with pytest.raises(PartlyFailedError, match="answered 200 with an HTML page"):
        run(account, tmp_path / "one.log")
    assert names(tmp_path) == []
    run(account, tmp_path / "one.log", redact=False)
    assert (tmp_path / "one.log").read_text() == "your key is ********\n"


@pytest.mark.parametrize("redact", [True, False])
def test_the_key_is_masked_wherever_it_stands_in_a_long_log(redact, account, tmp_path):
    line = "x" * 70
    account.logs["task", "t1"] = [("2026-01-31T08:00:00Z", line)] * 5000 + [("2026-01-31T09:00:00Z", KEY)]
    result = run(account, tmp_path / "one.log", redact=redact)
    assert (
        tmp_path / "one.log"
    ).read_text() == f"2026-01-31T08:00:00Z {line}\n" * 5000 + "2026-01-31T09:00:00Z ********\n"
    assert (result["files"][0]["lines"], result["files"][0]["redactions"]) == (5001, 1)
