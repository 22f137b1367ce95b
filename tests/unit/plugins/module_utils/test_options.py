# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The selection options and the breakers, checked at the door. Proves rules 15, 17 and 18."""

from __future__ import annotations

from datetime import timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.decoding import name_list
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import ACTIVE_STATES, ENDED_STATES
from ansible_collections.aimms.cloud.plugins.module_utils.options import (
    SELECTION,
    breakers_from,
    criteria_from,
    names_from,
    narrowed_by,
    read_names,
    refuse_nulls,
)
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Breakers, Criteria

LISTS = sorted(name for name, option in SELECTION.items() if option["type"] == "list")
PROTECTIONS = [name for name in LISTS if name.startswith("protect_")]
FILTERS = [name for name in LISTS if name not in PROTECTIONS]
TEXTS = ["older_than", "newer_than", "naive_timezone", "age_from"]


def test_nothing_given_asks_nothing():
    assert criteria_from({}) == Criteria()
    assert criteria_from({name: option.get("default") for name, option in SELECTION.items()}) == Criteria()


def test_every_option_arrives():
    assert criteria_from(
        {
            "kinds": ["webui", "task"],
            "session_ids": ["a", "b"],
            "states": ["Running", " QUEUED "],
            "apps": ["Plan*"],
            "app_versions": ["1.*", 2],
            "owners": ["*@ROOT"],
            "older_than": "8h",
            "newer_than": "P2D",
            "age_from": "started",
            "protect_session_ids": ["c*"],
            "protect_apps": ["d"],
            "protect_owners": ["boss@*"],
            "naive_timezone": "Europe/Amsterdam",
            "server_filters": {"state": "running", "app_in": ["x", 7], "mine": True},
        }
    ) == Criteria(
        kinds=("webui", "task"),
        session_ids=("a", "b"),
        states=("running", "queued"),
        apps=("Plan*",),
        app_versions=("1.*", "2"),
        owners=("*@ROOT",),
        older_than=8 * 3600,
        newer_than=2 * 86400,
        age_from="started",
        protect_session_ids=("c*",),
        protect_apps=("d",),
        protect_owners=("boss@*",),
        zone=ZoneInfo("Europe/Amsterdam"),
        server_filters=(("state", "running"), ("app_in", "x"), ("app_in", "7"), ("mine", "true")),
    )


@pytest.mark.parametrize("name", FILTERS)
def test_an_empty_filter_is_refused_and_never_means_all(name):
    with pytest.raises(OptionError, match=rf"^{name}: an empty filter is refused; it never means 'all'"):
        criteria_from({name: []})


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_entry_is_refused_in_filters_and_protections(name):
    for entry in ("", " ", "\n", None):
        with pytest.raises(OptionError, match=rf"^{name}: an empty filter is refused"):
            criteria_from({name: ["running", entry]})


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_text_is_refused(name, value):
    with pytest.raises(OptionError, match=rf"^{name}: an empty filter is refused"):
        criteria_from({name: value})


@pytest.mark.parametrize("name", PROTECTIONS)
def test_an_empty_list_of_protections_protects_nothing(name):
    assert criteria_from({name: []}) == Criteria()


def test_nulls_that_were_given_are_refused_by_name():
    with pytest.raises(OptionError, match=r"^older_than, owners: null is refused"):
        refuse_nulls(["owners", "ca_path", "older_than"])
    refuse_nulls(["ca_path", "limit"])
    refuse_nulls([])


@pytest.mark.parametrize("name", ["older_than", "newer_than"])
def test_a_bare_number_is_no_duration(name):
    with pytest.raises(OptionError, match=rf"^{name}: '8' has no unit"):
        criteria_from({name: "8"})


def test_zero_is_a_duration_and_not_nothing():
    assert criteria_from({"older_than": "0s"}).older_than == 0


@pytest.mark.parametrize(
    "everything",
    [
        {"older_than": "0s"},
        {"older_than": "PT0S", "quiet_for": "0h", "ended_before": "0d"},
        {"apps": "*"},
        {"apps": ["Planner", "**"], "owners": ["*@*"]},
        {"owners": [["?*"]]},
        {"states": sorted(ACTIVE_STATES)},
        {"states": ", ".join(sorted(ENDED_STATES)).upper()},
    ],
    ids=str,
)
def test_what_leaves_nothing_out_does_not_narrow(everything):
    assert narrowed_by(everything, [*SELECTION, "ended_before", "max_active"]) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("older_than", "1s"),
        ("ended_before", "1d"),
        ("apps", ["Plan*"]),
        ("apps", ["?"]),
        ("owners", "*@ROOT"),
        ("states", ["running"]),
        ("max_active", 0),
    ],
)
def test_what_leaves_something_out_narrows(name, value):
    assert narrowed_by({"quiet_for": "0s", name: value}, ["quiet_for", name]) == [name]


def test_a_list_is_read_from_whatever_it_is_given_as():
    read = read_names(
        {**SELECTION, "sessions": {"type": "list", "elements": "dict"}},
        {
            "owners": " svc-*,\nadmin@* ",
            "apps": '["a"]',
            "kinds": [],
            "states": None,
            "sessions": [{}],
            "older_than": "a,b",
        },
    )
    assert read == {"owners": ["svc-*", "admin@*"], "apps": ["a"]}
    assert criteria_from({"protect_owners": [["a@*"], "b"], "kinds": "webui\r\ntask"}) == Criteria(
        protect_owners=("a@*", "b"), kinds=("webui", "task")
    )
    with pytest.raises(OptionError, match=r"^protect_owners: 'a;b' cannot be a name: only commas and line ends"):
        criteria_from({"protect_owners": ["a;b"]})


@pytest.mark.parametrize(
    "session_id", ["..", "../x", "a/b", "a%2fb", "a b", "a\nb/", "-a", "é", "", "A" * 129, "a?x", True, None]
)
def test_an_id_that_cannot_stand_in_a_path_is_refused(session_id):
    with pytest.raises(OptionError, match=r"cannot be a session id|an empty filter|cannot be a name"):
        criteria_from({"session_ids": ["good", session_id]})
    with pytest.raises(OptionError, match="cannot be a session id"):
        checked_id(session_id)


def test_a_bad_id_is_repeated_short_and_in_ascii():
    with pytest.raises(OptionError) as refused:
        checked_id("é\x1b[31m" + "x" * 500)
    assert str(refused.value).isascii()
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("state", ["runing", "*", "active", "running queued", 7])
def test_an_unknown_state_is_refused_with_those_that_are_known(state):
    with pytest.raises(OptionError, match=r"^states: '.*' is not a state\. Known are .*launching.*running"):
        criteria_from({"states": ["running", state]})


@pytest.mark.parametrize("name", ["UTC", "utc"])
def test_utc_is_a_zone_everywhere(name):
    assert criteria_from({"naive_timezone": name}).zone is timezone.utc


@pytest.mark.parametrize(
    "name",
    ["Mars/Olympus", "CEST+2", "+02:00", "Europe", "../../etc/passwd", "/etc/localtime", "a\x00b", "x" * 5000, "é"],
)
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(OptionError, match=r"^naive_timezone: "):
        criteria_from({"naive_timezone": name})


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"a": ""},
        {"a": " "},
        {"a": None},
        {"a": []},
        {"a": {}},
        {"a": {"b": 1}},
        {"a": [""]},
        {"a": [None]},
        {"a": [{"b": 1}]},
        {"a": [["b"]]},
    ],
)
def test_server_filters_that_say_nothing_or_are_nested_are_refused(filters):
    with pytest.raises(OptionError, match=r"^server_filters"):
        criteria_from({"server_filters": filters})


@pytest.mark.parametrize("name", ["max_active", "max_sessions", "max_percent", "max_per_owner"])
def test_a_negative_limit_is_refused(name):
    with pytest.raises(OptionError, match=rf"^{name}: must not be negative"):
        breakers_from({name: -1})


def test_zero_means_zero_and_not_unlimited():
    assert breakers_from({"max_sessions": 0, "max_percent": 0, "max_per_owner": 0}) == Breakers(0, 0, 0)


@pytest.mark.parametrize(("percent", "limit"), [(None, None), (100, None), (150, None), (99, 99), (1, 1)])
def test_a_hundred_percent_is_no_limit(percent, limit):
    assert breakers_from({"max_sessions": 50, "max_percent": percent}) == Breakers(50, limit, None)


def read(names_of, value, option):
    try:
        return names_of(value, option)
    except OptionError as error:
        return str(error)


@given(
    st.lists(st.from_regex(r"[A-Za-z0-9]{1,6}|null|true|[ -~\u00a0-\u0130]{0,6}", fullmatch=True), max_size=3),
    st.sampled_from([*LISTS, "stale_session_cleanup_protect_owners"]),
)
def test_plain_names_are_read_as_all_others_are(value, option):
    """A list of letters and digits is taken as it is, without the code that reads all others."""
    assert read(names_from, value, option) == read(name_list.names_from, value, option)
