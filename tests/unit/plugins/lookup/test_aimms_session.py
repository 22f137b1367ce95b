# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup in process: where its options come from, and that no error or warning holds the key."""

from __future__ import annotations

import importlib
import os

import pytest
import yaml

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import KEY, Account

pytest.importorskip("ansible.plugins.lookup", reason="lookups run on controllers only")

PLUGINS = "ansible_collections.aimms.cloud.plugins"
lookup = importlib.import_module(f"{PLUGINS}.lookup.aimms_session")
FRAGMENTS = (("connection", "DOCUMENTATION"), ("connection", "PLUGIN"), ("selection", "DOCUMENTATION"))


@pytest.fixture(name="account")
def an_account(monkeypatch):
    """Sessions of two kinds, and none of the environment's options."""
    for name in [name for name in os.environ if name.startswith("AIMMS_")]:
        monkeypatch.delenv(name)
    with Account() as account:
        account.add("webui", "w1", hours=9)
        account.add("webui", "w2", hours=1)
        account.add("task", "t3", hours=20)
        yield account


@pytest.fixture(name="ask", scope="module")
def an_asker():
    """A function that runs the lookup as a template does: terms, variables, options."""
    constants = importlib.import_module("ansible.constants")
    loader = importlib.import_module("ansible.parsing.dataloader").DataLoader()
    templar = importlib.import_module("ansible.template").Templar(loader=loader)
    options = {**yaml.safe_load(lookup.DOCUMENTATION)["options"]}
    for name, part in (*FRAGMENTS, ("query", "DOCUMENTATION")):
        fragment = importlib.import_module(f"{PLUGINS}.doc_fragments.{name}").ModuleDocFragment
        for option, told in yaml.safe_load(getattr(fragment, part))["options"].items():
            options[option] = {**options.get(option, {}), **told}
    constants.config.initialize_plugin_configuration_definitions("lookup", "aimms_session_of_test", options)

    def ask(*terms, variables=None, **given):
        plugin = lookup.LookupModule(loader=loader, templar=templar)
        plugin._load_name = "aimms_session_of_test"
        return plugin.run(list(terms), variables, **given)

    return ask


@pytest.mark.parametrize(
    ("given", "variables", "address"),
    [
        ({"account": "acme"}, {}, ("acme", None)),
        ({"account": "acme"}, {"aimms_url": "https://inventory.example"}, ("acme", None)),
        ({"url": "https://own.example", "account": ""}, {"aimms_account": "acme"}, (None, "https://own.example")),
        ({}, {"aimms_account": "acme", "aimms_url": ""}, ("acme", None)),
        ({}, {}, ("elsewhere", "https://elsewhere.example")),
    ],
)
def test_the_address_is_of_the_strongest_source(given, variables, address, ask, monkeypatch):
    found = []

    def look(params, *_more):
        found.append((params["account"], params["url"]))
        return {"sessions": []}

    monkeypatch.setattr(lookup, "session_info", look)
    monkeypatch.setenv("AIMMS_URL", "https://elsewhere.example")
    monkeypatch.setenv("AIMMS_ACCOUNT", "elsewhere")
    ask(api_key=KEY, variables=variables, **given)
    assert found == [address]


def test_lists_of_names_are_read_in_any_form(ask, account):
    given = {"url": account.url, "api_key": KEY, "kinds": "['webui', 'task']", "protect_session_ids": [["w1 "], "t3\r"]}
    assert [session["id"] for session in ask(**given)] == ["w2"]
    with pytest.raises(lookup.AnsibleLookupError, match="protect_owners: 'a;b' cannot be a name"):
        ask(url=account.url, api_key=KEY, protect_owners="a;b")


@pytest.fixture(name="said")
def warnings_of_the_lookup(monkeypatch):
    """The warnings, as they are said."""
    said = []
    monkeypatch.setattr(lookup.display, "warning", said.append)
    return said


def failure(ask, *terms, **given):
    """What the error says; nothing may hang on it, as its chain could hold the key."""
    with pytest.raises(lookup.AnsibleLookupError) as caught:
        ask(*terms, **given)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return str(caught.value)


def ids(sessions):
    return [session["id"] for session in sessions]


def test_terms_are_kinds_and_options_select(ask, account, said):
    connection = {"url": account.url, "api_key": KEY}
    assert ids(ask("webui", **connection)) == ["w1", "w2"]
    assert ids(ask(["webui", "task"], older_than="8h", **connection)) == ["t3", "w1"]
    assert ids(ask(kinds=["task"], **connection)) == ["t3"]
    assert ask("task", fields=["id"], **connection) == [{"id": "t3"}]
    assert ids(ask(id="t3", **connection)) == ids(ask(session_id=["t3"], active=True, **connection)) == ["t3"]
    assert ask(id="t3", active="no", **connection) == []
    assert (said, account.changes()) == ([], [])


def test_old_versions_are_those_before_the_newest_in_use(ask, account):
    account.add("webui", "w4", app_version="0.9")
    assert [one["id"] for one in ask(url=account.url, api_key=KEY, keep_versions="1")] == ["w4"]


def test_the_document_is_read_once_by_a_process_and_again_after_an_error(ask, account):
    connection = {"url": account.url, "api_key": KEY}
    for _number in range(3):
        assert ids(ask("task", **connection)) == ["t3"]
    account.sessions.pop(("task", "t3"))
    assert ask("task", **connection) == []
    assert len(account.asked("/openapi.yaml")) == 1
    assert "no filter 'colour'" in failure(ask, "task", server_filters={"colour": "red"}, **connection)
    assert ask("task", **connection) == []
    assert len(account.asked("/openapi.yaml")) == 2


def test_the_connection_comes_from_variables_too_and_empty_ones_count_as_not_set(ask, account, monkeypatch):
    variables = {"aimms_url": account.url, "aimms_api_key": KEY, "aimms_account": "", "aimms_timeout": ""}
    for name in ("AIMMS_TIMEOUT", "AIMMS_API_GENERATION", "AIMMS_CA_PATH"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("AIMMS_RETRIES", "1")
    assert ids(ask("task", variables=variables, ca_path="")) == ["t3"]
    monkeypatch.setenv("AIMMS_API_KEY", KEY)
    assert ids(ask("task", variables={**variables, "aimms_api_key": ""}, api_key="")) == ["t3"]


@pytest.mark.parametrize(
    ("terms", "given", "said"),
    [
        (["webui"], {"kinds": ["task"]}, "Give the kinds as terms or as kinds, not both."),
        (["webui"], {"olderthan": "8h"}, "'olderthan' is not an option of this lookup. Options are account, "),
        (["web"], {}, "kinds: 'web' is not one of webui, task, solve, external, verify."),
        ([], {"age_from": "ended"}, "age_from: 'ended' is not one of created, started."),
        ([], {"fields": ["id", "colour"]}, "fields: 'colour' is not one of id, "),
        ([], {"older_than": "8"}, "older_than: '8' has no unit."),
        ([], {"older_than": None}, "older_than: null is refused"),
        ([], {"apps": []}, "apps: an empty filter is refused"),
        ([], {"limit": "many"}, "limit"),
        ([], {"active": "maybe"}, "active: 'maybe' is neither true nor false."),
        ([], {"active": None}, "active: null is refused"),
        ([], {"id": None}, "session_ids: null is refused"),
        ([], {"id": "a", "session_ids": ["b"]}, "session_ids and id are the same option. Give it once."),
    ],
)
def test_what_cannot_be_meant_is_an_error_before_anything_is_asked(terms, given, said, ask, account):
    assert said in failure(ask, *terms, url=account.url, api_key=KEY, **given)
    assert account.requests == []


def test_a_missing_key_is_explained(ask, account):
    assert failure(ask, url=account.url).startswith("No API key: set the option api_key or the environment variable")


def test_a_key_in_the_place_of_another_option_is_not_repeated(ask, account):
    assert "sort_by: '********' is not a field" in failure(ask, url=account.url, api_key=KEY, sort_by=KEY)


class Vaulted:
    """A vaulted value is no text before ansible-core 2.19."""

    def __str__(self):
        return KEY


KEYS_OF_PEOPLE = {"list": [KEY], "nested": [[KEY]], "tuple": (KEY,), "mapping": {"key": KEY}, "vaulted": Vaulted()}


@pytest.mark.parametrize("key", KEYS_OF_PEOPLE.values(), ids=KEYS_OF_PEOPLE)
@pytest.mark.parametrize("how", ["option", "variable"])
@pytest.mark.parametrize("wrong", [{}, {"apps": []}, {"sort_by": KEY}, {"limit": KEY}, {KEY: 1}], ids=str)
def test_a_key_in_no_form_is_repeated(wrong, how, key, ask, account, said):
    """``query('env', …)`` is a list: the error says what is wrong, not which key."""
    given = {"api_key": key} if how == "option" else {"variables": {"aimms_api_key": key}}
    if isinstance(key, Vaulted) and not wrong:  # the only one that may be a key after all
        wrong = {"older_than": KEY}
    assert KEY not in failure(ask, "task", url=account.url, **given, **wrong)
    assert not any(KEY in text for text in said)


@pytest.mark.parametrize("key", KEYS_OF_PEOPLE.values(), ids=KEYS_OF_PEOPLE)
def test_a_template_that_fails_does_not_repeat_a_key(key, ask, account, monkeypatch):
    def fail(_self, _variables):
        raise lookup.AnsibleError(f"cannot evaluate with ['{KEY}']")

    monkeypatch.setattr(lookup.LookupModule, "_connection_variables", fail)
    assert failure(ask, variables={"aimms_api_key": key}, url=account.url) == "cannot evaluate with ['********']"
    assert failure(ask, api_key=key, url=account.url) == "cannot evaluate with ['********']"


def test_what_the_server_says_comes_without_the_key(ask, account):
    account.on("GET", "/sessions/task", (403, {"message": f"{KEY} may not"}))
    told = failure(ask, "task", variables={"aimms_api_key": KEY}, url=account.url)
    assert "answered 403: ******** may not" in told
    account.sessions["task", "t3"]["message"] = f"started with {KEY}"
    assert ask("task", url=account.url, api_key=KEY)[0]["message"] == "started with ********"


def test_an_error_that_nobody_foresaw_says_nothing_but_its_kind(ask, account, monkeypatch):
    def ask_in_vain(_params, _warn, _connect):
        raise KeyError(KEY)

    monkeypatch.setattr(lookup, "session_info", ask_in_vain)
    assert failure(ask, url=account.url, api_key=KEY) == (
        "Unexpected KeyError in aimms.cloud.aimms_session: please report it."
    )


def test_warnings_are_said_without_the_key(ask, account, said):
    account.on("GET", "/openapi.yaml", (200, {"info": KEY}))
    account.add("webui", "w4", f"lost {KEY}")
    assert ids(ask("webui", url=account.url, api_key=KEY)) == ["w4", "w1", "w2"]
    assert len(said) == 2
    assert "could not be used (it is not an OpenAPI document)" in said[0]
    assert "1 sessions are in the unknown state 'lost ********'" in said[1]


def test_without_requests_it_says_what_to_install(ask, account, monkeypatch):
    monkeypatch.setattr(lookup, "REQUESTS_IMPORT_ERROR", "Traceback")
    assert "The Python library requests is missing on the controller" in failure(ask, url=account.url, api_key=KEY)
