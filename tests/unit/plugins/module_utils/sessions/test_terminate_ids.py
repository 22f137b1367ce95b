# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that write ids in another case than the user, than another answer, or than their tasks. Rules 16 and 24."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.info import session_info
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.terminate import terminate
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.info import task_info
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import Account, ago, results

ID = "14D231B1-2B87-457C-BC83-305BB5DAA4CC"
LOW = ID.lower()


@pytest.fixture(name="account")
def of_two_cases():
    """The path has the id in capitals, the record of its own in small letters."""
    with Account() as account:
        account.add("task", ID, hours=48)
        account.add("task", "other", hours=1)
        account.alone = lambda record: {**record, "id": record["id"].lower()}
        yield account


def info(account, **options):
    defaults = {"limit": None, "sort_by": "created_at", "fields": ["id"], "include_raw": False, "service_uri": None}
    return [one["id"] for one in session_info(account.params(**defaults, **options), [].append)["sessions"]]


def test_it_is_read_and_ended_by_the_id_that_it_was_asked_for(account):
    assert SessionManager.connect(account.params()).get("task", ID).id == ID
    assert results(terminate(account.params(kinds=["task"], session_ids=[ID]), False, [].append)) == {ID: "terminated"}
    assert info(account, kinds=["task"], session_ids=[ID]) == [ID]


@pytest.mark.parametrize("kinds", [None, ["task"], ["task", "solve"]])
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(("given", "written"), [(ID, LOW), (ID.replace("-", ""), LOW.replace("-", ""))])
def test_a_server_that_knows_it_in_small_letters_only_finds_it(account, given, written, check_mode, kinds):
    account.alone = lambda record: record
    account.add("task", written, hours=48)
    account.sessions.pop(("task", ID))
    assert info(account, kinds=kinds, session_ids=[given]) == [written]
    result = terminate(account.params(kinds=kinds, session_ids=[given]), check_mode, [].append)
    assert results(result) == {written: "would_terminate" if check_mode else "terminated"}
    assert account.changes() == ([] if check_mode else [f"PATCH task/{written}/terminate"])
    nothing = terminate(account.params(kinds=kinds, session_ids=["F" * 32]), check_mode, [].append)
    assert (results(nothing), nothing["changed"]) == ({"F" * 32: "not_found"}, False)


def test_an_id_that_is_named_twice_is_one(account):
    result = terminate(account.params(kinds=["task"], session_ids=[LOW, ID]), False, [].append)
    assert results(result) == {ID: "terminated"}
    assert account.changes() == [f"PATCH task/{ID}/terminate"]


def test_an_id_that_is_asked_for_twice_is_one(account):
    assert info(account, kinds=["task"], session_ids=[LOW, ID]) == [ID]


def test_another_name_is_another_session_whatever_its_case(account):
    account.alone = lambda record: {**record, "id": record["id"].upper()}
    with pytest.raises(AnswerError):
        SessionManager.connect(account.params()).get("task", "other")


def test_the_selection_by_ids_finds_it_in_a_list(account):
    filters = {"server_filters": {"state": "running"}}
    assert info(account, kinds=["task"], session_ids=[LOW], **filters) == [ID]
    assert info(account, kinds=["task"], session_ids=["OTHER"], **filters) == []


@pytest.mark.parametrize("session_id", [ID, LOW])
def test_its_task_keeps_it_whatever_the_case(account, session_id):
    account.add_task("k1", session_id, runningAt=ago(0.1))
    result = terminate(account.params(kinds=["task"], older_than="8h"), False, [].append)
    assert {one["id"]: one["reason"] for one in result["kept"]}[ID] == "busy"
    assert account.changes() == []


def test_the_tasks_of_a_session_are_found_whatever_the_case(account):
    account.add_task("K1", LOW)
    account.add_task("K2", "another")
    options = dict.fromkeys(("apps", "states", "created_after", "created_before", "limit", "task_ids"))
    params = account.params(**options, session_ids=[ID], include_response=False, include_log=False, include_raw=False)
    assert [task["id"] for task in task_info(params, [].append)["tasks"]] == ["K1"]


def test_its_task_is_interrupted_whatever_the_case(account):
    account.add_task("k1", LOW, createdAt=ago(40))
    params = account.params(kinds=["task"], session_ids=[ID], interrupt_tasks="solve", grace_period="20s")
    assert results(terminate(params, False, [].append)) == {ID: "interrupted"}


def test_a_list_that_has_it_in_another_case_is_no_evidence_that_it_is_gone(account):
    account.in_lists = lambda record: {**record, "id": record["id"].lower()}
    account.on("GET", f"/task/{ID}", (404, {"message": "no Route matched with those values"}))
    with pytest.raises(AnswerError, match="a list of the service has it"):
        SessionManager.connect(account.params()).get("task", ID)
