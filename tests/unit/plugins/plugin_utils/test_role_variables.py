# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of the roles in every spelling of people: read in one way, or refused. Proves rules 18 and 24."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_list import names_from
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import (
    CLEANUP,
    REPORT,
    RETENTION,
    TASKS,
    account_address,
    account_name,
    file_stem,
    foreign_defaults,
    limits_of,
    plan_notes,
    planned_records,
    planned_seats,
    read_values,
    selection_of,
    truth,
)
from ansible_collections.aimms.cloud.tests.ways_to_write import REFUSED, WAYS

ROLES = Path(__file__).absolute().parents[4] / "roles"
SPECS = {
    role: yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    for role in (CLEANUP, RETENTION, REPORT, TASKS)
}
LISTS = [(role, name) for role, spec in SPECS.items() for name, entry in spec.items() if entry["type"] == "list"]


def read(role=CLEANUP, in_awx=False, **given):
    return read_values(role, SPECS[role], {f"{role}_{name}": value for name, value in given.items()}, in_awx)


TRUE = [True, 1, 1.0, "1", "y", "Y", "yes", "YES", "t", "T", "true", "true ", "True\n", " on", "On"]
FALSE = [False, 0, 0.0, "0", "n", "N", "no", "f", "F", "false", "False\r\n", "off", "oFF"]


@pytest.mark.parametrize(("value", "meant"), [*((one, True) for one in TRUE), *((one, False) for one in FALSE)])
def test_true_and_false_are_understood_in_every_spelling_of_ansible(value, meant):
    assert truth(value, "x") is meant


@pytest.mark.parametrize("value", TRUE + FALSE)
def test_ansible_reads_each_of_them_alike(value):
    from ansible.module_utils.parsing.convert_bool import boolean

    assert truth(value, "x") is boolean(value)


@pytest.mark.parametrize("value", ["", "maybe", "2", 2, -1, "1.0", "truee", "{{ x }}", [], [True], {}, None, "ja"])
def test_what_is_neither_true_nor_false_is_refused(value):
    with pytest.raises(OptionError, match="is neither true nor false"):
        truth(value, "x")


@pytest.mark.parametrize(("role", "name"), LISTS)
def test_every_list_is_read_by_the_same_reader(role, name):
    short = name[len(role) + 1 :]
    values = ["html", "json"] if short == "formats" else ["webui", "task"]
    for written in (values, ",".join(values), f" {values[0]} ,\r\n{values[1]}\n", [values], str(values)):
        assert read(role, **{short: written, **_needed(role)})[short] == values
    with pytest.raises(OptionError, match=name):
        read(role, **{short: {"a": "b"}, **_needed(role)})
    with pytest.raises(OptionError, match=name):
        read(role, **{short: ["'x'"], **_needed(role)})


@pytest.mark.parametrize("label", [label for label in WAYS if label not in REFUSED])
@pytest.mark.parametrize("role", [CLEANUP, RETENTION])
def test_a_protection_reaches_the_module_as_the_module_itself_would_read_it(role, label):
    way = WAYS[label]
    handed = selection_of(role, read(role, **{way.option: way.value, **_needed(role)}))[way.option]
    assert names_from(handed, way.option) == names_from(way.value, way.option) == tuple(handed)


@pytest.mark.parametrize("label", [label for label, way in REFUSED.items() if way.value != ""])
@pytest.mark.parametrize("role", [CLEANUP, RETENTION])
def test_a_protection_that_cannot_be_read_is_refused_before_the_first_request(role, label):
    with pytest.raises(OptionError, match=f"{role}_{REFUSED[label].option}"):
        read(role, **{REFUSED[label].option: REFUSED[label].value, **_needed(role)})


def _needed(role):
    return {"archive_dir": "logs"} if role == RETENTION else {}


def test_what_is_not_given_has_the_documented_default():
    for role, spec in SPECS.items():
        values = read(role)
        assert values == {
            name[len(role) + 1 :]: entry.get("default") for name, entry in spec.items() if name != f"{role}_plan"
        }


FREE = set(  # what neither selects nor guards, or has a default
    "apply age_from task_activity notice_file policies_file interrupt_tasks grace_period interrupt_fallback older_than "
    "archive naive_timezone max_sessions max_tasks max_percent archive_logs archive_dir report_dir metrics_file "
    "batch_size fail_on_stale key_warning publish_page ended_before dir formats stale_after cleanup "
    "metrics_url metrics_user metrics_validate_certs metrics_ca_path".split()
)


@pytest.mark.parametrize(
    ("role", "name"),
    [(role, name[len(role) + 1 :]) for role in SPECS for name in SPECS[role] if not name.endswith("_plan")],
)
def test_an_empty_text_counts_as_not_given_but_where_more_would_end(role, name):
    entry = SPECS[role][f"{role}_{name}"]
    default = entry.get("default")
    assert read(role, in_awx=True, **{name: " "})[name] == default
    if (name in FREE) and not (role == TASKS and name == "older_than"):
        assert read(role, **{name: " "})[name] == default
    else:
        with pytest.raises(OptionError, match=f"{role}_{name}: an empty text is refused"):
            read(role, **{name: " "})


@pytest.mark.parametrize("name", ["apps", "protect_owners", "quiet_for", "max_active", "max_sessions", "archive_logs"])
def test_null_is_refused_but_for_an_unanswered_question_of_awx(name):
    with pytest.raises(OptionError, match=f"{CLEANUP}_{name}: null is refused"):
        read(**{name: None})
    assert read(in_awx=True, **{name: None})[name] == SPECS[CLEANUP][f"{CLEANUP}_{name}"].get("default")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"owners": []}, "owners: an empty filter is refused"),
        ({"older": "2d", "colour": "x"}, "colour, stale_session_cleanup_older: the role has no such variable. It has"),
        ({"max_session": 2}, "no such variable. Perhaps stale_session_cleanup_max_sessions is meant."),
        ({"older_than": "8"}, "'8' has no unit"),
        ({"older_than": ["8h"]}, "is not a text"),
        ({"report_dir": True}, "is not a text"),
        ({"metrics_file": False}, "is not a text"),
        ({"grace_period": 5}, "'5' has no unit"),
        ({"batch_size": 0}, "must be at least 1, not 0."),
        ({"batch_size": "many"}, "is not a whole number"),
        ({"max_sessions": 1.5}, "is not a whole number"),
        ({"max_per_owner": True}, "is not a whole number"),
        ({"max_active": "-1"}, "must not be negative"),
        ({"max_seats": "-1"}, "must not be negative"),
        ({"max_seats": 5, "max_active": 9}, "neither with other kinds nor with stale_session_cleanup_max_active"),
        (
            {"max_seats": 5, "kinds": "webui,task"},
            "stale_session_cleanup_max_seats: it counts people with WebUI sessions",
        ),
        ({"max_seats": 5, "kinds": ["solve"]}, "neither with other kinds"),
        ({"archive_logs": "y"}, "stale_session_cleanup_archive_dir: is needed"),
    ],
)
def test_what_cannot_be_meant_is_refused(given, said):
    with pytest.raises(OptionError) as caught:
        read(**given)
    assert said in str(caught.value)


@pytest.mark.parametrize(("written", "read_as"), [("3", 3), (" 3\n", 3), (3.0, 3), (0, 0), ("0", 0)])
def test_numbers_may_come_as_text_and_nought_is_one(written, read_as):
    assert read(max_sessions=written)["max_sessions"] == read_as
    assert limits_of(CLEANUP, read(max_active=written))["max_active"] == read_as


def test_the_selection_has_only_what_is_given_and_every_protection():
    values = read(owners="anna@*", protect_apps=["A"], app_versions=["1.*"], naive_timezone="UTC", max_per_owner="2")
    assert selection_of(CLEANUP, values) == {
        "older_than": "24h",
        "age_from": "created",
        "owners": ["anna@*"],
        "app_versions": ["1.*"],
        "protect_apps": ["A"],
        "naive_timezone": "UTC",
        "task_activity": "auto",
        "interrupt_tasks": "solve",
        "grace_period": "60s",
        "interrupt_fallback": True,
    }
    assert limits_of(CLEANUP, values) == {"max_sessions": 50, "max_percent": 50, "max_per_owner": 2}


@pytest.mark.parametrize("role", [CLEANUP, RETENTION])
@pytest.mark.parametrize("name", ["keep_versions", "max_per_owner"])
def test_what_is_decided_for_all_together_is_asked_of_the_whole_plan_only(role, name):
    values = read(role, **{name: "2"})
    assert limits_of(role, values)[name] == 2
    assert name not in selection_of(role, values)


def test_with_an_earlier_plan_what_selects_does_not_hold_and_protections_and_limits_do():
    values = read(owners="anna@*", protect_apps=["A"], quiet_for="1h", max_active=3)
    found = selection_of(CLEANUP, values, [])
    gently = {"task_activity", "interrupt_tasks", "grace_period", "interrupt_fallback"}
    assert set(found) == {"protect_apps", "quiet_for", "kinds", *gently}
    assert found["kinds"] == ["webui", "task", "solve", "external", "verify"]
    assert limits_of(CLEANUP, values, []) == {"max_sessions": 50, "max_percent": 50, "sessions": []}


@pytest.mark.parametrize("given", [{}, {"kinds": "webui"}, {"kinds": ["webui"]}])
def test_seats_are_those_of_webui_sessions_and_hold_with_an_earlier_plan_too(given):
    values = read(max_seats="4", **given)
    for records in (None, []):
        assert selection_of(CLEANUP, values, records)["kinds"] == ["webui"]
        assert limits_of(CLEANUP, values, records)["max_seats"] == 4
    assert "kinds" not in selection_of(CLEANUP, read())


@pytest.mark.parametrize(
    ("plan", "seats"),
    [
        ([], None),
        ({"planned": []}, None),
        ({"seats": None}, None),
        ({"seats": [4]}, None),
        ({"seats": {"max": 4, "accounts": None}}, 4),
        ({"seats": {"max": 4, "people": []}}, 4),
        ({"seats": {"max": "4"}}, 4),
        ({"seats": {"max": 0}}, 0),
        ({"seats": {"max": 9, "accounts": [{"host": "y", "max": 5}, {"host": "x", "max": 4}]}}, 4),
        ({"seats": {"max": 9, "accounts": [{"host": "y", "max": 9}]}}, None),
        ({"seats": {"max": 9, "accounts": []}}, None),
    ],
)
def test_the_seats_of_an_earlier_plan_are_those_of_the_host(plan, seats):
    assert planned_seats(plan, "x") == seats


@pytest.mark.parametrize("most", ["many", True, {}])
def test_seats_of_an_earlier_plan_that_cannot_be_read_are_refused(most):
    with pytest.raises(OptionError, match="seats"):
        planned_seats({"seats": {"max": most}}, "x")


def test_a_plan_gives_each_host_its_own_sessions():
    records = [{"id": "a"}, {"id": "b", "host": "x"}, {"id": "c", "host": "y"}]
    for plan in (records, {"planned": records}):
        assert [one["id"] for one in planned_records(plan, "x", "plan")] == ["a", "b"]


@pytest.mark.parametrize("plan", [None, {}, {"planned": None}, ["a"], "x", 3, {"sessions": []}])
def test_what_is_no_plan_is_refused(plan):
    with pytest.raises(OptionError, match="is no plan"):
        planned_records(plan, "x", "plan")


@pytest.mark.parametrize(
    ("given", "ambient", "name"),
    [
        ({"account": "acme"}, {}, "acme"),
        ({"url": "https://acme.aimms.cloud/"}, {}, "acme.aimms.cloud"),
        ({"url": "http://127.0.0.1:8080/x"}, {}, "127.0.0.1:8080"),
        ({"account": "acme"}, {"AIMMS_URL": "https://other.aimms.cloud"}, "acme"),
        ({}, {"AIMMS_ACCOUNT": "acme"}, "acme"),
        ({}, {"AIMMS_ACCOUNT": "acme", "AIMMS_URL": "https://u:p@other"}, "other"),
        ({}, {}, ""),
    ],
)
def test_the_name_of_the_account_is_its_own(given, ambient, name):
    assert account_name(given, ambient) == name


@pytest.mark.parametrize(
    ("given", "ambient", "address"),
    [
        ({"account": "Acme"}, {"AIMMS_URL": "https://brew"}, "https://acme.aimms.cloud"),
        ({"url": "https://ACME.aimms.cloud:443/"}, {"AIMMS_ACCOUNT": "brew"}, "https://acme.aimms.cloud"),
        ({"url": " https://gateway:8443/acme/ "}, {}, "https://gateway:8443/acme"),
        ({}, {"AIMMS_URL": "https://gateway/brew"}, "https://gateway/brew"),
        ({}, {"AIMMS_ACCOUNT": "acme"}, "https://acme.aimms.cloud"),
        ({}, {}, ""),
    ],
)
def test_what_tells_an_account_from_all_others_is_its_whole_address(given, ambient, address):
    assert account_address(given, ambient) == address


def test_two_hosts_never_share_a_file():
    hosts = ["acme", "a/b", "a_b", "a:b", "..", "__", "é", "è", "x" * 150, "x" * 151, "index", "Index", "localhost"]
    stems = [file_stem(host) for host in hosts]
    assert len(set(stems)) == len(hosts)
    assert (stems[0], stems[-1]) == ("acme", "localhost")
    assert all("/" not in stem and stem.strip(".") and stem.lower() != "index" for stem in stems)


GROUP, TERMINATE = "group/aimms.cloud.aimms", "aimms.cloud.aimms_session_terminate"


@pytest.mark.parametrize(
    "defaults",
    [
        {TERMINATE: {"protect_owners": ["svc-*"]}},
        {"ansible.legacy.aimms_session_delete": {"protect_apps": ["A"]}},
        {TERMINATE: "{{ ours }}"},
        {"aimms.cloud.aimms_session_log_download": {"url": "https://other"}},
        {GROUP: {"protect_owners": ["svc-*"]}},
        {GROUP: {"api_key": "k"}},
    ],
)
def test_defaults_of_the_play_that_the_role_would_replace_are_refused(defaults):
    with pytest.raises(OptionError, match="module_defaults of the play") as caught:
        foreign_defaults(CLEANUP, SPECS[CLEANUP], [{}, defaults], {})
    assert "'k'" not in str(caught.value)


def test_the_variable_to_use_instead_of_a_default_of_the_group_is_one_of_the_role():
    options = {"protect_owners": ["a"], "max_active": 3, "wait": True}
    for role, said in (
        (CLEANUP, "Set stale_session_cleanup_max_active, stale_session_cleanup_protect_owners instead"),
        (RETENTION, "Set session_retention_protect_owners instead"),
        (REPORT, "Set the variables of the role instead"),
    ):
        with pytest.raises(OptionError) as caught:
            foreign_defaults(role, SPECS[role], [{GROUP: options}], {})
        assert f"have max_active, protect_owners, wait for {GROUP}" in str(caught.value)
        assert said in str(caught.value)


def test_the_role_for_tasks_refuses_the_defaults_of_its_own_module_only():
    assert foreign_defaults(TASKS, SPECS[TASKS], [{TERMINATE: {"protect_owners": ["a"]}}], {}) == {}
    with pytest.raises(OptionError, match="the role task_retention would not see it"):
        foreign_defaults(TASKS, SPECS[TASKS], [{"aimms.cloud.aimms_task_delete": {"protect_owners": ["a"]}}], {})


def test_the_role_for_tasks_applies_only_with_a_place_for_what_it_saves():
    for given in ({"apply": True}, {"apply": True, "archive_dir": ""}):
        with pytest.raises(OptionError, match="task_retention_archive_dir: is needed"):
            read(TASKS, **given)
    assert read(TASKS, apply=True, archive="no")["archive"] is False
    assert selection_of(TASKS, read(TASKS, protect_task_ids="a, b", states="failed")) == {
        "ended_before": "90d",
        "states": ["failed"],
        "protect_task_ids": ["a", "b"],
    }
    assert limits_of(TASKS, read(TASKS, max_per_owner="3")) == {
        "max_tasks": 500,
        "max_percent": 100,
        "max_per_owner": 3,
    }


def test_a_connection_in_the_defaults_of_the_group_counts():
    defaults = [{GROUP: {"account": "acme", "api_key": "k"}, "ansible.builtin.copy": {"mode": "0600"}, TERMINATE: {}}]
    assert foreign_defaults(CLEANUP, SPECS[CLEANUP], defaults, {"api_key": "mine"}) == {"account": "acme"}


URL = "https://acme.aimms.cloud"
MADE = "at 2026-01-01T01:00:00Z."


@pytest.mark.parametrize(
    ("plan", "record", "notes"),
    [
        ([], {"url": URL}, [f"The plan was made 0 days and 0 hours ago, {MADE}", f"It is for {URL}."]),
        (
            [],
            {},
            [f"The plan was made 0 days and 0 hours ago, {MADE}", "It does not say for which account it was made."],
        ),
        ({"applied": True, "terminated": []}, {"age_seconds": None, "url": URL}, [f"It is for {URL}.", "applied"]),
        ({"terminated": [{}]}, {"age_seconds": None, "url": URL}, [f"It is for {URL}.", "applied"]),
        ({"applied": True, "refused": "x"}, {"age_seconds": None, "url": URL}, [f"It is for {URL}."]),
        ({"applied": False, "refused": ""}, None, []),
    ],
)
def test_what_there_is_to_say_about_an_earlier_plan(plan, record, notes):
    records = [] if record is None else [{"created_at": "2026-01-01T00:00:00Z", "age_seconds": 3600, **record}]
    applied = "It has been applied before: what ended then is skipped."
    assert plan_notes(plan, records, 1767229200) == [applied if note == "applied" else note for note in notes]


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (-5, "0 days and 0 hours"),
        (3599, "0 days and 0 hours"),
        (3600, "0 days and 1 hours"),
        (90000, "1 days and 1 hours"),
    ],
)
def test_how_old_a_plan_is(seconds, age):
    records = [{"created_at": "2026-01-01T00:00:00Z", "age_seconds": 3600, "url": URL}]
    assert plan_notes([], records, 1767229200 + seconds)[0] == f"The plan was made {age} ago, {MADE}"
