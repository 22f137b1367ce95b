# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that no role reads: what is meant is told, or refused where more would be done. Proves rule 24."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.guidance.near_misses import (
    misspelt,
    near_misses,
    only_for,
    refuse_environment,
    unread_connection,
    with_keys,
)
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, REPORT, TASKS, read_values

ROLES = Path(__file__).absolute().parents[5] / "roles"
SPECS = {
    path.parents[1].name: yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    for path in ROLES.glob("*/meta/argument_specs.yml")
}
LIKE = {  # a name much as the role's, or a protection: what is written, and what is meant
    "stale_session_protect_owners": "protect_owners",
    "session_cleanup_protect_owners": "protect_owners",
    "aimms_protect_owners": "protect_owners",
    "protect_owners": "protect_owners",
    "Stale_Session_Cleanup_protect_apps": "protect_apps",
    "stale-session-cleanup-protect-session-ids": "protect_session_ids",
    "session_cleanup_protected_owners": "protect_owners",
    "stale_sessions_cleanup_protect_owner": "protect_owners",
    "stale_sessions_cleanup_apply": "apply",
    "STALE_SESSION_CLEANUP_APPLY": "apply",
    "session_cleanup_report_dir": "report_dir",
    "stale_session_cleanups_plan": "plan",
    "stale_sesion_cleanup_maxsessions": "max_sessions",
    "stale_session_cleanup.protect_owners": "protect_owners",  # a key of a variable that is a mapping
    "stale_session_cleanup.older_than": "older_than",
    "aimms.protect-apps": "protect_apps",
}
BARE = {  # the option's own name tells what may be meant
    "max_sessions": "max_sessions",
    "older_than": "older_than",
    "aimms_apply": "apply",
    "ours_protect_session_ids": "protect_session_ids",
    "ours.protect_apps": "protect_apps",
}
TYPED = {  # only as an extra variable
    "apply": "apply",
    "owners": "owners",
    "cleanup_apply": "apply",
    "sessions_owners": "owners",
    "stale_notice": "notice",
    "cleanup.apply": "apply",
}
SPARING = {  # as an extra variable: somebody wants something to be left alone
    "protect": "protect_owners",
    "protected": "protect_owners",
    "protected_owners": "protect_owners",
    "exclude_users": "protect_owners",
    "cleanup_excluded_apps": "protect_apps",
    "except_session": "protect_session_ids",
}
OTHERS = [  # variables of other roles, of Ansible, of the connection, and a user's own
    *(name for spec in SPECS.values() for name in spec),
    *(f"{role}{ending}" for role in SPECS for ending in ("", "_result")),
    *("session_retention_protect_owners", "session_report_owners"),
    *("_stale_session_cleanup_read", "_stale_session_cleanup_plan", "_task_retention_key"),
    *("aimms_api_key", "aimms_account", "aimms_max_time", "aimms_url", "aimms_hosts", "ansible_apply"),
    *(
        "stale_sessions",
        "stale_session_count",
        "exclude",
        "skip_apps",
        "protection",
        "session",
        "groups",
        "my_role_apply",
        "",
    ),
]


def read(role=CLEANUP, **given):
    return read_values(role, SPECS[role], {f"{role}_{name}": value for name, value in given.items()}, False)


@pytest.mark.parametrize(
    ("template", "is_used"),
    [
        ("{{ owners }}", True),
        ("{{owners|map('upper')}}", True),
        (["{{ owners }}@ROOT", "x@Y"], True),
        ({"a": [{"b": "{{ x + owners }}"}]}, True),
        ("{% for one in owners %}{{ one }}@X,{% endfor %}", True),
        ("{{ x\n  if y else owners }}", True),
        ("owners", False),
        ("{{ x }} owners {{ y }}", False),
        ("{{ x.owners }}", False),
        ("{{ x['owners'] }}", False),
        ("{{ owners_of_it }} {{ other_owners }}", False),
        (17, False),
    ],
)
@pytest.mark.parametrize("name", [f"{CLEANUP}_protect_owners", "aimms_url", "other", "session_report_owners"])
def test_what_another_variable_of_the_role_or_the_connection_is_made_of_is_not_for_the_role_itself(
    name, template, is_used
):
    given = {"owners": ["a@B"], name: template}
    assert ("owners" not in only_for(CLEANUP, given)) is (is_used and name not in ("other", "session_report_owners"))
    assert only_for(CLEANUP, {"owners": ["a@B"]}) == ["owners"]


def test_what_is_in_a_mapping_is_looked_at_too_but_for_ansible_s_own():
    own = {name: {"apply": True} for name in ("hostvars", "vars", "groups", "ansible_facts")}
    found = with_keys({**own, "cleanup": {"apply": True, 3: 4}, "apply": [1]})
    assert found == {**own, "cleanup": {"apply": True, 3: 4}, "apply": [1], "cleanup.apply": True, "cleanup.3": 4}


@pytest.mark.parametrize("root", ["stale_session_cleanup", "session_cleanup", "aimms", "aimms_roles"])
def test_also_what_is_deeper_in_a_mapping_of_a_role_but_not_without_end(root):
    value = {"a": {"b": {"c": {"d": {}}}}}
    assert [*with_keys({root: value})] == [root, f"{root}.a", f"{root}.a.b", f"{root}.a.b.c"]
    assert [*with_keys({"profiles": value})] == ["profiles", "profiles.a"]


@pytest.mark.parametrize("name", ["stale_session_cleanup.protect.owners", "aimms.cleanup.protect_owners"])
def test_a_protection_that_is_deeper_in_a_mapping_is_refused(name):
    root = name.partition(".")[0]
    with pytest.raises(OptionError, match=rf"protects nothing.* If the mapping {root} is for something else, rename"):
        told(name)


@pytest.mark.parametrize(
    "value",
    [
        {"changed": True, "failed": False, "policies": [{"name": "old"}], "plan": []},
        {"apply": True, **{f"user{number}": "mail" for number in range(200)}},
    ],
    ids=["a registered result", "a table of data"],
)
def test_what_is_in_a_mapping_that_cannot_be_variables_is_not(value):
    assert with_keys({"session_cleanup": value}) == {"session_cleanup": value}


def told(name, value="7", *, role=CLEANUP, typed=(), **given):
    """The warnings about one variable; the near miss itself is found by its name."""
    found = near_misses(role, SPECS[role], [name, *OTHERS], typed)
    named = {*(name for name, entry in SPECS[role].items() if "default" in entry), *(f"{role}_{one}" for one in given)}
    return misspelt(
        role,
        SPECS[role],
        {one: (meant, value) for one, meant in found.items()},
        read(role, **given),
        named,
        dict.fromkeys(typed, value),
    )


@pytest.mark.parametrize(("name", "option"), {**LIKE, **BARE}.items())
def test_what_may_be_meant_is_found(name, option):
    assert near_misses(CLEANUP, SPECS[CLEANUP], [name, *OTHERS]) == {name: f"{CLEANUP}_{option}"}


@pytest.mark.parametrize("name", LIKE)
def test_a_name_much_as_the_role_s_and_a_protection_are_refused(name):
    protects = ", so it protects nothing" if "protect" in name else ""
    other = f"the mapping {name.partition('.')[0]}" if "." in name else "it"
    said = f"{name}: no role reads this variable{protects}. If {other} is for something else, rename {other}."
    said += f" If it is for the role: Name it {CLEANUP}_{LIKE[name]}."
    with pytest.raises(OptionError) as caught:
        told(name)
    assert str(caught.value) == said.replace(
        "no role reads", f"the role {CLEANUP} does not read" if not protects else "no role reads"
    )


@pytest.mark.parametrize("name", BARE)
def test_a_name_that_may_be_of_something_else_is_a_warning(name):
    said = f"{name}: the role {CLEANUP} does not read this variable. Perhaps {CLEANUP}_{BARE[name]} is meant."
    assert told(name) == [said]
    assert (
        "protect" in name
        or told(name, **{BARE[name]: 3 if name == "max_sessions" else "3h" if name == "older_than" else True}) == []
    )


@pytest.mark.parametrize(("name", "option"), {**BARE, **TYPED, **SPARING}.items())
def test_what_was_typed_for_this_run_is_refused(name, option):
    with pytest.raises(OptionError, match=rf"{name}: .*read.* this variable.* Name it {CLEANUP}_{option}\."):
        told(name, typed=[name])


@pytest.mark.parametrize("name", TYPED)
def test_but_not_where_the_variable_itself_is_given_and_elsewhere_it_is_nothing(name):
    assert told(name) == []
    value = {"apply": True, "notice": "2h"}.get(TYPED[name], ["task"])
    assert told(name, typed=[name], **{TYPED[name]: value}) == []


@pytest.mark.parametrize("name", ["apply", "aimms_apply", "cleanup_apply", "cleanup.apply"])
@pytest.mark.parametrize("value", [False, "no", " False ", 0, ""])
def test_who_asks_for_no_apply_where_the_role_has_one_gets_none(name, value):
    with pytest.raises(OptionError, match=rf"{name}: .* Name it {CLEANUP}_apply\."):
        told(name, value, typed=[name], apply=True)
    assert told(name, value, typed=[name]) == []


@pytest.mark.parametrize(("name", "option"), SPARING.items())
def test_what_is_to_be_left_alone_may_be_given_twice_and_elsewhere_the_name_is_nothing(name, option):
    assert told(name) == told(name, typed=[name], **{option: "7, 8"}) == []


@pytest.mark.parametrize("role", SPECS)
@pytest.mark.parametrize("typed", [False, True])
def test_no_other_variable_is_a_near_miss(role, typed):
    keys = [f"{other}.protect_owners" for other in SPECS if other != role]
    found = near_misses(role, SPECS[role], [*OTHERS, *keys], [*OTHERS, *keys] if typed else ())
    assert found == {}


def test_the_report_has_no_protections_to_misspell():
    assert near_misses(REPORT, SPECS[REPORT], ["aimms_protect_owners", "session_reports_dir"]) == {
        "session_reports_dir": "session_report_dir"
    }


def test_a_protection_of_tasks_that_no_role_reads_is_refused():
    with pytest.raises(OptionError, match=r"it protects nothing\. .* Name it task_retention_protect_task_ids\."):
        told("tasks_protect_task_ids", role=TASKS)


@pytest.mark.parametrize(
    ("name", "value", "given"),
    [
        ("protect_owners", ["svc-*"], {"protect_owners": "a@B, svc-*"}),
        ("protect_owners", "a@B\nsvc-*", {"protect_owners": ["svc-*", "a@B"]}),
        ("protect_owners", [], {}),
        ("protect_owners", None, {}),
        ("max_sessions", "7", {"max_sessions": 7}),
        ("stale_sessions_cleanup_apply", "yes", {"apply": True}),
        ("apply", "no", {}),
        ("stale_sessions_cleanup_plan", "p.json", {"plan": []}),
        ("stale_session_cleanup.max_sessions", 9, {"max_sessions": 7}),  # another run gives another number with -e
    ],
)
def test_a_variable_that_is_passed_on_is_no_near_miss(name, value, given):
    assert told(name, value, typed=[name], **given) == []


@pytest.mark.parametrize("value", [["svc-*", "b@C"], "svc", {}, ["'quoted'"], 3])
def test_a_protection_that_is_passed_on_in_part_is_refused(value):
    with pytest.raises(OptionError, match="protects nothing"):
        told("cleanup_protect_owners", value, protect_owners="svc-*")


def unread(names, typed=(), value="?", account=""):
    """The warnings about variables with this value, where the role would work with the account."""
    place = {"account": account, "address": account and f"https://{account}.aimms.cloud"}
    return unread_connection(CLEANUP, names, typed, place, lambda _name: value)


@pytest.mark.parametrize(
    "name", ["AIMMS_PROTECT_OWNERS", "STALE_SESSION_CLEANUP_PROTECT_OWNERS", "aimms_protect_owners"]
)
def test_a_protection_in_the_environment_is_refused_unless_the_role_has_it(name):
    found = {name: "svc-*, *@OPS"}
    said = (
        f"{name}: no role reads this variable of the environment, so it protects nothing. Give {CLEANUP}_protect_owners"
    )
    for given in ({}, {"protect_owners": "svc-*"}, {"protect_apps": "svc-*, *@OPS"}):
        with pytest.raises(OptionError) as caught:
            refuse_environment(CLEANUP, SPECS[CLEANUP], found, read(**given))
        assert str(caught.value).startswith(said)
    refuse_environment(CLEANUP, SPECS[CLEANUP], found, read(protect_owners=["*@OPS", "svc-*", "a@B"]))
    refuse_environment(REPORT, SPECS[REPORT], found, read(REPORT))  # it ends nothing
    refuse_environment(CLEANUP, SPECS[CLEANUP], {name: "", "PROTECT_OWNERS": "x", "OURS_PROTECT_OWNERS": "x"}, read())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("aimms_uri", "url"),
        ("aimms_host", "url"),
        ("AIMMS_URL", "url"),
        ("aimms-url", "url"),
        ("aimms_accout", "account"),
        ("aimms_apikey", "api_key"),
        ("aimms_api-key", "api_key"),
        ("aimms_key", "api_key"),
        ("aimms_validate_cert", "validate_certs"),
        ("aimms_verify_ssl", "validate_certs"),
        ("aimms_maxtime", "max_time"),
        ("aimms.url", "url"),
        ("aimms.api_key", "api_key"),
        ("aimms_connection.url", "url"),
        ("aimms_cloud.aimms_account", "account"),
        ("aimms.connection.url", "url"),
        ("aimms_server.host", "url"),
        ("aimms_account_name", "account"),
        ("aimms_cloud_url", "url"),
    ],
)
def test_a_variable_that_seems_to_be_of_the_connection_is_told_unless_the_one_that_is_meant_is_given(name, meant):
    said = f"{name}: the role {CLEANUP} does not read this variable."
    assert unread([name]) == [f"{said} Perhaps aimms_{meant} is meant."]
    with pytest.raises(OptionError) as caught:
        unread([name], [name])
    assert str(caught.value) == f"{said} Name it aimms_{meant}."
    given = [name, "aimms_account" if meant == "url" else f"aimms_{meant}"]
    assert unread(given, given) == []


def test_no_other_variable_seems_to_be_of_the_connection():
    others = [
        *OTHERS,
        "aimms_awx.host",
        "aimms_accounts.url",
        "stale.url",
        "aimms_accounts",
        "aimms_awx_accounts",
        "aimms_key_account",
        "aimms_pages",
        "account",
        "url",
    ]
    assert unread(others, others) == []


@pytest.mark.parametrize(
    "name", ["aimms.url", "aimms_connection.account", "aimms_uri", "AIMMS_ACCOUNT", "aimms_tenant"]
)
@pytest.mark.parametrize("value", ["other", "https://other.aimms.cloud", "other.aimms.cloud", "127.0.0.1:8080", 7])
def test_a_variable_that_no_role_reads_is_refused_if_another_account_would_be_worked_with(name, value):
    said = "does not read this variable, and would work with the account acme instead. Name it aimms_"
    with pytest.raises(OptionError, match=rf"{name}: .* {said}"):
        unread([name], value=value, account="acme")
    assert len(unread([name], value=value)) == 1  # there is no account: the module says so
    assert unread([name, "aimms_account"], value=value, account="acme") == []


@pytest.mark.parametrize(
    "value", ["acme", " https://ACME.aimms.cloud/", "acme.aimms.cloud", "acme.aimms.cloud:443", "", None, {}]
)
def test_but_not_with_the_address_of_the_same_account_or_without_one(value):
    assert len(unread(["aimms.url"], value=value, account="acme")) == 1
    assert len(unread(["aimms.api_key"], value="x", account="acme")) == 1


@pytest.mark.parametrize("name", ["account", "url", "aimms_uri", "aimms.account"])
def test_the_account_that_was_typed_is_refused_where_another_one_is_used(name):
    said = "does not read this variable, and would work with the account acme instead. Name it aimms_"
    for given in ([], ["aimms_account"]) if name != "url" else ([],):
        with pytest.raises(OptionError, match=rf"{name}: .* {said}\w+\. If it is for something else, rename it\."):
            unread([name, *given], [name, *given], value="https://other.example", account="acme")
    assert unread(["url", "aimms_account"], ["url"], value="https://chat.example", account="acme") == []
    made_of_it = unread([name, "aimms_url"], [name], value="acme.aimms.cloud", account="acme")
    assert made_of_it == unread([name, "aimms_account"], [name], value="other") == []


@pytest.mark.parametrize("name", ["dry_run", "check_mode", "plan_only"])
def test_who_asks_for_a_plan_and_for_an_apply_gets_neither(name):
    with pytest.raises(OptionError, match=rf"{name}: .* To plan only, add --check, or omit {CLEANUP}_apply\."):
        told(name, typed=[name], apply=True)
    assert told(name, typed=[name]) == told(name, apply=True) == []
    for no in (False, "false", "No", "0", 0, "", None):
        assert told(name, no, typed=[name], apply=True) == []
