# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that servers give to the fields of a session, and the words for its states. Proves rules 10 and 16."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import words
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS, Session, valid_id
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant

CREATED = "2025-07-24T12:00:00Z"
NOON = Instant(1753358400.0)

NAMES = {
    "kind": "kind type category sessionType",
    "state": """state status phase stage sessionState stateName status_name status.state status.phase
        lifecycle lifecycleState lifecycle.status lifecycle-stage lifecycle.phase""",
    "app_name": """appName applicationName projectName app application project appId applicationId app.title
        application_title modelName model""",
    "app_version": """appVersion applicationVersion app.release application-release projectVersion projectRelease
        model.version modelRelease version release""",
    "owner": """owner user ownerName userName owner.user owner.user.name owner.login userLogin login createdBy
        started_by launchedBy submittedBy requested-by who who.login who.name who.user creator userEmail owner.email
        userId ownerId""",
    "message": "message msg statusMessage state_message errorMessage reason error",
}
ENVIRONMENTS = """environment env ownerEnvironment userEnvironment owner.env user_env owner.environment.name
    user.environment.name who.environment who.env environmentName env_name"""
TIMES = {
    "created_at": "created createdAt creationTime createTime submittedAt registered_at opened",
    "started_at": "started startTime runningAt beginTime began_at begun running.since launchedAt",
    "ended_at": """ended endTime finishedAt finish_time completedAt completionTime terminatedAt termination.time
        stoppedAt closedAt""",
}
RUN_TOGETHER = {
    "appname": "app_name",
    "appversion": "app_version",
    "sessionstate": "state",
    "sessionstatus": "state",
    "username": "owner",
}
TIMES_RUN_TOGETHER = {
    "createdat": "created_at",
    "creationtime": "created_at",
    "startedat": "started_at",
    "starttime": "started_at",
    "endedat": "ended_at",
    "endtime": "ended_at",
}


def record(name, value):
    """A record with one field; a name with dots is a field in an object in it."""
    for part in reversed(name.split(".")):
        value = {part: value}
    return value


def read(found):
    return Session.from_record({"id": "s-1", **found}, "webui")


def each(names):
    return [(field, name) for field, known in names.items() for name in known.split()]


@pytest.mark.parametrize(("field", "name"), each(NAMES) + [(field, name) for name, field in RUN_TOGETHER.items()])
def test_a_field_is_known_by_any_of_its_names(field, name):
    assert getattr(read(record(name, "solve")), field) == "solve"


@pytest.mark.parametrize(("field", "name"), each(TIMES) + [(field, name) for name, field in TIMES_RUN_TOGETHER.items()])
def test_a_time_is_known_by_any_of_its_names(field, name):
    session = read(record(name, CREATED))
    times = {known: getattr(session, known) for known in TIMES}
    assert times == {**dict.fromkeys(TIMES), field: NOON}


@pytest.mark.parametrize("name", [*ENVIRONMENTS.split(), "userenvironment"])
def test_the_environment_of_the_owner_is_known_by_any_of_its_names(name):
    assert read({"createdBy": "ann", **record(name, "ROOT")}).owner == "ann@ROOT"


@pytest.mark.parametrize("name", "id uuid guid identifier session sid key name sessionId sessionid session_key".split())
def test_an_id_is_known_by_any_of_its_names(name):
    assert Session.from_record({name: "s-2"}, "webui").id == "s-2"


@pytest.mark.parametrize(
    "word",
    """session sessions date time timestamp datetime at on utc ms iso epoch seconds millis metadata meta attributes
    info details times timestamps properties current data""".split(),
)
def test_words_that_tell_nothing_do_not_hide_a_name(word):
    assert read({f"created_{word}": CREATED}).created_at == NOON
    assert read({word: {"state": "Running"}}).state == "running"


def test_a_version_may_come_as_a_number():
    assert [read({"appVersion": 7}).app_version, read({"appVersion": 1.5}).app_version] == ["7", "1.5"]


def test_of_two_fields_with_the_same_words_the_first_with_a_value_counts():
    assert read({"app_name": "Planner", "appName": "Other"}).app_name == "Planner"
    assert read({"session": {"id": "s-2"}}).id == "s-1"


def test_of_several_times_the_best_name_counts_but_of_ends_the_latest():
    early, late = "2025-07-24T11:00:00Z", "2025-07-24T13:00:00Z"
    for first, second in ((early, late), (late, early)):
        told = read({"created": first, "submittedAt": second, "ended": first, "closedAt": second})
        assert (told.created_at.iso(), told.ended_at.iso()) == (first, late)
        active = read({"lastActivity": first, "lastHeartbeat": second}).active_at
        assert active.iso() == first
    assert read({"ended": late, "closedAt": late.rstrip("Z")}).ended_at.assumed_utc is False


def test_a_record_is_read_two_objects_deep_and_no_deeper():
    assert read({"app": {"info": {"name": "Planner"}}}).app_name == "Planner"
    assert read({"data": {"session": {"state": "running"}}}).state == "running"
    assert read({"data": {"session": {"info": {"state": "running"}}}}).state == ""


def test_a_name_of_more_than_a_hundred_characters_is_none():
    longest = "created" + "_at" * 31
    assert len(longest) == 100
    assert read({longest: CREATED}).created_at == NOON
    assert read({longest + "_": CREATED}).created_at is None
    assert read({"data": {longest: CREATED}}).created_at is None


def test_a_record_may_be_nested_without_end():
    nested = {}
    for _depth in range(50_000):
        nested = {"data": nested}
    assert read(nested).id == "s-1"


def test_what_a_server_does_not_tell_is_null_or_empty():
    bare = Session("s-1", "webui")
    assert bare == read({})
    told = bare.as_dict(NOON.seconds)
    assert {name: told[name] for name in FIELDS if told[name] is not None} == {
        "id": "s-1",
        "kind": "webui",
        "state": "",
        "active": False,
        "message": "",
    }
    assert bare.as_dict(None, raw=True)["raw"] == {}


def test_an_age_is_in_whole_seconds():
    age = read({"createdAt": CREATED}).as_dict(NOON.seconds + 90.7)["age_seconds"]
    assert (age, type(age)) == (90, int)


def test_the_raw_record_that_is_given_out_is_a_copy():
    session = read({"state": "running"})
    session.as_dict(None, raw=True)["raw"].clear()
    assert session.raw == {"id": "s-1", "state": "running"}


def test_a_session_can_neither_be_changed_nor_shows_its_raw_record():
    session = read({"note": "something of the server's"})
    with pytest.raises(FrozenInstanceError):
        session.state = "terminated"
    assert "note" not in repr(session)


def test_the_key_of_a_session_is_its_id():
    assert read({}).key == "s-1"


def test_whether_an_id_is_valid_is_plainly_true_or_false():
    assert [valid_id("s-1"), valid_id("../s-1"), valid_id(None)] == [True, False, False]


@pytest.mark.parametrize("name", ["sessionCreatedAt", "created_at", "CREATED", "created-date", "times.created"])
def test_names_that_mean_the_same_have_the_same_words(name):
    assert words(name) == ("created",)
