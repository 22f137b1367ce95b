# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which parameters a server lists sessions in some states only: none that leaves a doubt is used. Proves rule 20."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import routes_from
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.state_filter import state_filter

STATES = ["queued", "Running", "closing", "finished", "Terminated"]
ACTIVE, ENDED = STATES[:3], STATES[3:]
ONE = {"type": "string", "enum": ["Running", "Terminated"]}


def several(*states, **schema):
    return {"type": "array", "items": {"type": "string", "enum": list(states or STATES)}, **schema}


def found(*parameters, **components):
    """What is found in the document of a list with these query parameters."""
    kind = {"name": "kind", "in": "path", "schema": {"type": "string", "enum": ["webui"]}}
    listed = {"get": {"parameters": [kind, *({"in": "query", **one} for one in parameters)]}}
    tree = {"openapi": "3.0.3", "paths": {"/sessions/{kind}": listed}, "components": components}
    return state_filter(routes_from(Document(tree)).route("list", "webui").filters)


def repeated(name, values):
    return tuple((name, value) for value in values)


@pytest.mark.parametrize(
    "name",
    "state states status statuses sessionState session_status SessionStates state_in statusIn STATE state[]".split(),
)
def test_names_of_the_filter(name):
    told = found({"name": "owner", "schema": {"type": "string"}}, {"name": name, "schema": several()})
    assert (told.active, told.ended) == (repeated(name, ACTIVE), (repeated(name, ENDED),))


@pytest.mark.parametrize(
    "name",
    "state_not_in not_state exclude_states stateNot state_contain_ci previousState order_state state_ne phase stat "
    "estate state_before desiredState sort".split(),
)
def test_other_names_are_left_alone(name):
    assert found({"name": name, "schema": several()}) is None


@pytest.mark.parametrize(
    ("how", "comma"),
    [
        ({}, False),
        ({"style": "form"}, False),
        ({"explode": True}, False),
        ({"explode": False}, True),
        ({"style": "form", "explode": False}, True),
        ({"style": "spaceDelimited"}, None),
        ({"style": "spaceDelimited", "explode": False}, None),
        ({"style": "pipeDelimited", "explode": False}, None),
        ({"style": "deepObject"}, None),
        ({"explode": "no"}, None),
        ({"explode": None}, None),
    ],
)
def test_how_several_are_sent(how, comma):
    told = found({"name": "state", "schema": several(), **how})
    joined = ((("state", ",".join(ACTIVE)),), ((("state", ",".join(ENDED)),),))
    apart = (repeated("state", ACTIVE), (repeated("state", ENDED),))
    assert (told and (told.active, told.ended)) == (None if comma is None else joined if comma else apart)


@pytest.mark.parametrize(
    ("form", "comma"), [(None, True), ("csv", True), ("multi", False), ("ssv", None), ("pipes", None), (7, None)]
)
def test_how_several_are_sent_in_openapi_2(form, comma):
    told = found({"name": "state", **several(), **({} if form is None else {"collectionFormat": form})})
    sent = {True: (("state", ",".join(ACTIVE)),), False: repeated("state", ACTIVE), None: None}
    assert (told and told.active) == sent[comma]


def test_one_value_at_a_time():
    told = found({"name": "state", "schema": ONE})
    assert (told.active, told.ended) == ((("state", "Running"),), ((("state", "Terminated"),),))
    told = found({"name": "state", "schema": {"type": "string", "enum": ["running", "finished", "terminated"]}})
    assert told.ended == ((("state", "finished"),), (("state", "terminated"),))


@pytest.mark.parametrize(
    "states",
    [
        ["running", "queued", "terminated"],
        ["running", "finished", "terminated", "failed", "crashed", "completed"],
    ],
    ids=["several active ones", "too many ended ones"],
)
def test_one_value_at_a_time_must_do(states):
    assert found({"name": "state", "schema": {"type": "string", "enum": states}}) is None
    assert found({"name": "state", "schema": several(*states)})


@pytest.mark.parametrize(
    "schema",
    [
        several("running", "terminated", "hibernating"),
        several("running", "terminated", "all"),
        several("running", "terminated", ""),
        several("running", "terminated", 3),
        several("running", "terminated", ["queued"]),
        several("running", "queued"),
        several("terminated", "finished"),
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"enum": "running,terminated"}},
        {"type": "array"},
        {"type": "string"},
        {"type": "string", "enum": ["running", "terminated", "any"]},
        {"enum": ["running", "terminated"]},
    ],
    ids=str,
)
def test_values_that_are_not_all_known_here(schema):
    assert found({"name": "state", "schema": schema}) is None


def test_a_filter_in_json_or_elsewhere_is_left_alone():
    assert found({"name": "state", "content": {"application/json": {"schema": several()}}}) is None
    inside = {"type": "object", "properties": {"state": ONE}}
    assert found({"name": "filter", "content": {"application/json": {"schema": inside}}}) is None
    assert found({"name": "state", "in": "header", "schema": several()}) is None


def test_a_property_of_an_object_is_sent_by_its_own_name_and_no_list():
    schema = {"type": "object", "properties": {"state": ONE}}
    assert found({"name": "filter", "schema": schema}).active == (("state", "Running"),)
    assert found({"name": "filter", "style": "deepObject", "schema": schema}) is None
    assert found({"name": "filter", "schema": {"type": "object", "properties": {"state": several()}}}) is None


def test_values_by_reference():
    items = {"$ref": "#/components/schemas/State"}
    schema = {"type": "array", "items": items}
    told = found({"name": "state", "schema": schema}, schemas={"State": {"type": "string", "enum": STATES}})
    assert told.active == repeated("state", ACTIVE)


def test_the_first_filter_without_a_doubt():
    told = found(
        {"name": "state", "schema": {"type": "string"}},
        {"name": "status", "schema": several("on", "off")},
        {"name": "states", "schema": several()},
    )
    assert told.active == repeated("states", ACTIVE)
