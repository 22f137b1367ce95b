# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""aimms_session_log_download from its arguments to the JSON it prints, and the files that it leaves."""

from __future__ import annotations

import stat

import pytest

LOG = "2026-01-31T08:15:00Z Started with --logonToken ********\n2026-01-31T08:20:00Z Solved\n"


def test_a_log_is_saved_without_secrets_for_its_owner_only_and_once(run, account, tmp_path):
    saved = tmp_path / "w1.log"
    result, failed = run(kind="webui", session_ids=["w1"], dest=str(saved))
    assert (failed, result["changed"]) == (False, True)
    assert (saved.read_text(), stat.S_IMODE(saved.stat().st_mode)) == (LOG, 0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["w1.log"]
    again, failed = run(kind="webui", session_ids=["w1"], dest=str(saved))
    assert (failed, again["changed"], account.changes()) == (False, False, [])


def test_check_mode_writes_no_file(run, tmp_path):
    result, failed = run(check_mode=True, kind="webui", session_ids=["w1"], dest=f"{tmp_path}/new/")
    assert (failed, result["changed"]) == (False, True)
    assert list(tmp_path.iterdir()) == []


def test_one_that_cannot_be_saved_is_a_failure_with_those_that_were(run, tmp_path):
    result, failed = run(kind="webui", session_ids=["nobody", "w1"], dest=f"{tmp_path}/")
    assert (failed, result["changed"]) == (True, True)
    assert (tmp_path / "webui-w1.log").read_text() == LOG


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "webui", "session_ids": ["w1"], "dest": ""}, "dest: name a file or a folder"),
        ({}, "one of the following is required: session_ids, sessions"),
        ({"session_ids": ["w1"], "sessions": []}, "parameters are mutually exclusive: session_ids|sessions"),
        (
            {"kind": "web", "session_ids": ["w1"]},
            "value of kind must be one of: webui, task, solve, external, verify, got: web",
        ),
        ({"kind": "webui", "session_ids": ["w1"], "mode": "rw"}, "mode: "),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(options, said, run, account, tmp_path):
    result, failed = run(**{"dest": f"{tmp_path}/", **options})
    assert failed
    assert said in result["msg"]
    assert (account.requests, list(tmp_path.iterdir())) == ([], [])
