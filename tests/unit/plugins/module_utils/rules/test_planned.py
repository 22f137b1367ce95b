# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records and ids that come back from a user: read, or refused with the reason. Proves rules 15 and 16."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session, checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.rules.planned import planned_at, session_of
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant

RECORD = {
    "id": "s-1",
    "kind": "task",
    "state": "running",
    "app_name": "Planner",
    "app_version": "1.2",
    "owner": "jdoe@ROOT",
    "created_at": "1970-01-01T00:16:40Z",
}
NEEDED = ("id", "kind", "app_name", "owner", "created_at")
NO_SESSION = "sessions: the record of s-1 has a kind or created_at of no session."


def refusal(function, value):
    with pytest.raises(OptionError) as caught:
        function(value)
    return str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_that_was_returned_is_the_session_again(kind):
    expected = Session("s-1", kind, "running", "Planner", "1.2", "jdoe@ROOT", Instant(1000.0))
    assert session_of({**RECORD, "kind": kind, "age_seconds": 5, "result": "would_terminate"}) == expected


def test_what_does_not_identify_a_session_may_be_missing_and_what_was_unknown_stays_so():
    record = {"id": "s-1", "kind": "webui", "app_name": None, "owner": None, "created_at": None}
    assert session_of(record) == session_of({**record, "state": None}) == Session("s-1", "webui")
    assert session_of({**record, "state": 5}).state == "5"


@pytest.mark.parametrize("name", NEEDED)
def test_a_record_without_a_field_of_its_identity_is_refused_by_its_name(name):
    told = refusal(session_of, {field: value for field, value in RECORD.items() if field != name})
    assert told == f"sessions: a record has no {name}. Each needs {', '.join(NEEDED)}, as aimms_session_info gives."


def test_the_first_field_that_is_missing_is_named():
    assert refusal(session_of, {}).startswith("sessions: a record has no id. ")


@pytest.mark.parametrize(
    "wrong", [{"kind": "worker"}, {"kind": "Task"}, {"kind": None}, {"created_at": "yesterday"}, {"created_at": ""}]
)
def test_a_kind_or_a_time_of_no_session_is_refused(wrong):
    assert refusal(session_of, {**RECORD, **wrong}) == NO_SESSION


@pytest.mark.parametrize("session_id", ["../s-1", "", None, 5, ["s-1"], "s 1"])
def test_an_id_that_cannot_be_one_is_refused_and_shown(session_id):
    expected = f"'{session_id}' cannot be a session id: letters, digits, '.', '_' and '-' only, 128 at most."
    assert refusal(checked_id, session_id) == expected
    assert refusal(session_of, {**RECORD, "id": session_id}) == expected
    assert refusal(session_of, {**RECORD, "id": session_id, "kind": "worker"}) == expected


def test_a_good_id_is_returned_and_a_bad_one_is_shown_in_ascii_up_to_128_characters():
    assert checked_id("s-1") == "s-1"
    assert refusal(checked_id, "é").startswith("'\\xe9' cannot be")
    assert refusal(checked_id, "ü" * 128).startswith("'\\xfc\\xfc")
    assert refusal(checked_id, "ü" * 129).startswith("'(129 characters)' cannot be")


def test_the_record_of_the_server_is_held_only_where_it_is_wanted():
    record = {"id": "s-1", "state": "running"}
    held = Session.from_record(record, "webui")
    assert held is not None
    assert held.raw == record
    let_go = Session.from_record(record, "webui", raw=False)
    assert let_go == held
    assert dict(let_go.raw) == {}


def test_of_a_session_only_the_wanted_fields_are_returned():
    assert session_of(RECORD).as_dict(None, fields=["owner", "id"]) == {"owner": "jdoe@ROOT", "id": "s-1"}


def test_a_version_that_became_a_number_on_the_way_is_a_text_again():
    numbers = session_of({**RECORD, "kind": "webui", "app_version": 4.2, "app_name": 4711})
    assert (numbers.app_version, numbers.app_name) == ("4.2", "4711")
    assert session_of({**RECORD, "kind": "webui", "app_version": None}).app_version is None


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], None),
        ([{"created_at": None, "age_seconds": 5}, {"created_at": "2026-01-01T00:00:00Z"}], None),
        ([{"created_at": "2026-01-01T00:00:00Z", "age_seconds": age} for age in (-1, 10**11, "5", 1.5, None)], None),
        ([{"created_at": "2026-01-01T00:00:00Z", "age_seconds": 0}], 1767225600),
        ([{"created_at": "2026-01-01T00:00:00Z", "age_seconds": 10**11 - 1}], 101767225599),
        ([{"created_at": "2026-01-01T00:00:00Z", "age_seconds": age} for age in (90, 60)], 1767225660),
    ],
)
def test_a_plan_is_as_old_as_its_records_tell(records, expected):
    assert planned_at(records) == expected


def test_secrets_in_what_the_server_says_are_masked():
    record = {"id": "s1", "state": "failed", "message": "start --logonToken\tabc123def", "app": "token: abc123def"}
    record["description"] = "Cookie: sid=abc123def"
    shown = Session.from_record(record, "task").as_dict(None, raw=True)
    assert shown["message"] == "start --logonToken\t********"
    assert shown["description"] == "Cookie: sid=********"
    masked = {name: shown[name] for name in ("message", "description")}
    assert shown["raw"] == {**record, **masked, "app": "token: ********"}
    for name, text in masked.items():
        assert Session.from_record({"id": "s1", name: record[name]}, "task").as_dict(None)[name] == text
    assert Session.from_record(record, "task").as_dict(None, fields=["id"]) == {"id": "s1"}
    assert record["message"] == "start --logonToken\tabc123def"


def test_an_age_is_told_only_where_it_is_wanted():
    assert Session("a", "webui", created_at=Instant(0.0)).as_dict(10.0, fields=["id"]) == {"id": "a"}
    assert Session("a", "webui", created_at=Instant(0.0)).as_dict(10.0, fields=["age_seconds"]) == {"age_seconds": 10}


def test_an_owner_that_another_read_does_not_tell_stays():
    assert Session("a", "webui", owner="jdoe").completed(Session("a", "webui")).owner == "jdoe"
    assert Session("a", "webui", owner="jdoe").completed(Session("a", "webui", owner="jdoe@ROOT")).owner == "jdoe@ROOT"


def test_the_latest_of_several_ends_counts():
    record = {"id": "a", "ended_at": "2026-01-01T00:00:00Z", "endedAt": "2026-01-02T00:00:00Z"}
    early, late = Session.from_record(record, "webui"), Session.from_record(dict(reversed(record.items())), "webui")
    assert early.ended_at.iso() == late.ended_at.iso() == "2026-01-02T00:00:00Z"
