# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of a role: where its report is, and what to do next."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.next_steps import next_steps, where
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, RETENTION, TASKS

FILES = {"json": "/r/acme.json", "markdown": "/r/acme.md", "html": "/r/acme.html"}
LIMIT = "Nothing was ended: 3 sessions are selected and the limit is 1. Narrow the selection."
DUE = [{"due_at": "2026-03-02T00:00:00Z"}, {"due_at": "2026-03-01T00:00:00Z"}]
PLAN = {"planned": [{}]}
NOTHING = "Next: nothing. The same run again would change nothing."


def lines(role=CLEANUP, *, changes=False, refused="", failure="", follows=False, **given):
    result, files = given.pop("result", PLAN), given.pop("files", FILES)
    made = {"role": role, "files": files, "changes": changes, "follows": follows}
    made["given"] = {"apply": changes, "notice": None, "report_dir": "r" if files else None, **given}
    return next_steps(made, {"result": result, "refused": refused, "failure": failure, "unannounced": 1})


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({}, f"Next: to end these and no others, set {CLEANUP}_apply=true and {CLEANUP}_plan=r"),
        ({"files": None}, f"Next: to end these sessions, set {CLEANUP}_apply=true"),
        ({"follows": True}, f"Next: to end these sessions, set {CLEANUP}_apply=true"),
        ({"role": RETENTION}, f"Next: to delete these records, set {RETENTION}_apply=true"),
        ({"role": TASKS}, f"Next: to delete these tasks, set {TASKS}_apply=true"),
        ({"apply": True}, "Next: run it without check mode to end them."),
        ({"result": {"planned": []}}, "Next: nothing. There is nothing to do."),
        (
            {"notice": "2d"},
            f"Next: set {CLEANUP}_apply=true to announce these sessions, and to end those that are due.",
        ),
        (
            {"refused": LIMIT},
            "Next: an apply would be refused: 3 sessions are selected and the limit is 1. Narrow the selection.",
        ),
        ({"changes": True}, NOTHING),
        (
            {"changes": True, "result": {**PLAN, "skipped": [{"result": "changed_since"}, {"result": "not_found"}]}},
            "Next: run it again. 1 of them changed meanwhile, and may be old all the same.",
        ),
        ({"changes": True, "follows": True, "result": {**PLAN, "skipped": [{"result": "changed_since"}]}}, NOTHING),
        ({"changes": True, "result": {**PLAN, "skipped": [{"result": "already_ended"}]}}, NOTHING),
        (
            {"changes": True, "result": {**PLAN, "announced": DUE}},
            "Next: run it again after 2026-03-01 00:00 UTC to end what was announced.",
        ),
    ],
)
def test_a_run_ends_with_its_report_and_one_sentence_of_what_to_do(case, said):
    found = lines(**case)
    assert found[1:] == [said]
    assert found[0].startswith("The report is /r/acme.html (.json, .md)" if case.get("files", FILES) else "There is no")


def test_a_failed_run_has_its_own_message():
    assert lines(changes=True, failure="no") == ["The report is /r/acme.html (.json, .md)"]


def test_why_there_is_no_report():
    made = {"role": CLEANUP, "files": None, "given": {"report_dir": None, "dir": "pages"}}
    assert where(made) == f"There is no report, as {CLEANUP}_report_dir is not set"
    assert where(made, "dir") == "There is no report, as check mode writes no files"
    assert where({**made, "files": {"csv": "/r/h.csv"}}) == "The report is /r/h.csv"
