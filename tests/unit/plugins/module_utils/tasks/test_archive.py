# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saving the response and the log of a task before it is deleted."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.tasks.deleting_tasks import (
    R,
    became,
    run,
)


def saved(folder):
    return sorted(path.name for path in folder.iterdir())


def test_response_and_log_are_saved_before_the_task_is_deleted(account, tmp_path):
    account.tasks[0].update({"response": {"password": "hush", "ok": 1}, "logs": ["a", "b --logonToken abc123def"],
                             "logs/download": "a\nb --logonToken abc123def\n"})  # fmt: skip
    result = run(account, task_ids=["old"], archive_dir=str(tmp_path / "made"))
    assert became(result) == {("old", 0): "deleted"}
    assert saved(tmp_path / "made") == ["old.0.log.gz", "old.0.response.gz"]
    assert [(one["part"], one["lines"]) for one in result["files"]] == [("response", 1), ("log", 2)]
    assert [one["redactions"] for one in result["files"]] == [1, 1]
    for one in result["files"]:
        whole = Path(one["path"]).read_bytes()
        assert (one["size"], one["checksum"]) == (len(whole), hashlib.sha1(whole).hexdigest())
    text = gzip.decompress((tmp_path / "made/old.0.log.gz").read_bytes()).decode()
    assert text == "a\nb --logonToken ********\n"
    assert "hush" not in gzip.decompress((tmp_path / "made/old.0.response.gz").read_bytes()).decode()


def test_what_the_service_does_not_have_is_not_saved(account, tmp_path):
    result = run(account, task_ids=["old"], archive_dir=str(tmp_path))
    assert (became(result), result["files"], saved(tmp_path)) == ({("old", 0): "deleted"}, [], [])


UNSAVED = {
    "page": ("/response", (404, b"<html>no</html>")),
    "refused": ("/response", 403),
    "out": ("/logs/download", 503),
    "no text": ("/response", (200, bytearray(b"\x00\x01"))),
    "another log": ("/logs/download", (200, "c\n")),
    "half": ("/logs/download", (200, "a\n")),
    "lost": ("/logs/download", 404),
}


@pytest.mark.parametrize("name", UNSAVED)
def test_what_could_not_be_saved_keeps_its_task_and_stops_no_other(name, account, tmp_path):
    end, answer = UNSAVED[name]
    account.tasks[0].update({"response": {}, "logs": ["a", "b"], "logs/download": "a\nb\n"})
    account.on("GET", f"/old{end}", *[answer] * 9)
    result = run(account, task_ids=["old", "older"], archive_dir=str(tmp_path))
    assert became(result) == {("old", 0): "failed", ("older", 0): "deleted"}
    assert "could not be saved" in result["failure"]
    assert account.changes() == ["DELETE older"]


def test_one_that_changed_while_it_was_saved_is_left_alone(account, tmp_path):
    def begins():
        account.tasks[0].update(state=R)

    account.on("GET", "/old/response", begins)
    result = run(account, task_ids=["old"], archive_dir=str(tmp_path))
    assert (became(result), account.changes()) == ({("old", 0): "failed"}, [])
    assert "It changed while it was saved" in result["failure"]


def test_check_mode_saves_nothing(account, tmp_path):
    run(account, True, task_ids=["old"], archive_dir=str(tmp_path / "made"))
    assert not (tmp_path / "made").exists()
