# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which generation a document describes, and what follows from it. Proves rule 22: no DELETE on a guess."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.generations import (
    CURRENT,
    LEGACY,
    check_option,
    generation_of,
    refusal_to_delete,
    undocumented,
    unknown,
)
from ansible_collections.aimms.cloud.plugins.module_utils.errors import UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import default_routes, routes_from

BASE = "/pro/session-manager/v1"
LIST, ONE, END = "/sessions/{kind}", "/sessions/{kind}/{id}", "/sessions/{kind}/{id}/terminate"
LOGS, OLD_LOGS = "/sessions/{kind}/{id}/logs", "/sessions/logs/{kind}/{id}"
GET = {"get": {"responses": {}}}
PATCH = {"patch": {"responses": {}}}
BARE = {LIST: GET, ONE: {**GET, "delete": {"responses": {}}}}
OLD = {**BARE, OLD_LOGS: GET}


def routes(paths):
    return routes_from(Document({"openapi": "3.0.0", "servers": [{"url": BASE}], "paths": paths}))


def told(paths):
    return generation_of(routes(paths)).name


def saying(words="", paths=None, **more):
    """A document whose DELETE says this."""
    return {**(paths or OLD), ONE: {**GET, "delete": {"summary": words, **more}}}


LEGACY_DOCUMENTS = {
    "the old log route and nothing else that changes": OLD,
    "its DELETE terminates": saying("Terminate an active session.", BARE),
    "by its description": saying("", BARE, description="Terminates the session."),
    "by its id": saying("", BARE, operationId="terminateSession"),
    "its DELETE ends": saying("Ends a running session.", BARE),
    "it stops": saying("Stop the session", BARE),
    "words beside another route": saying("Terminates it", {**OLD, "/sessions/{kind}/{id}/pause": PATCH}),
    "words beside both log routes": saying("Terminates it", {**OLD, LOGS: GET}),
    "the record is kept": saying("Terminates the session; its record is not deleted."),
    "without deleting": saying("Terminates the session without deleting its record."),
    "literal kinds": {
        "/sessions/webui": GET,
        "/sessions/webui/{id}": {**GET, "delete": {"summary": "Terminate"}},
        "/sessions/task/{id}": {**GET, "delete": {"operationId": "terminateTask"}},
    },
    "a name of the method only": saying("", OLD, operationId="deleteSession"),
    "a title of the method only": saying("Delete Session", OLD),
    "a sentence of the method only": saying("Deletes the session by id.", OLD, description="Delete a task session"),
    "a login beside it": {**OLD, "/login": {"post": {}}},
}
CURRENT_DOCUMENTS = {
    "terminate": {**BARE, END: PATCH},
    "by POST": {**BARE, END: {"post": {}}},
    "by PUT": {**BARE, END: {"put": {}}},
    "with the old log route, deprecated": {**OLD, END: PATCH, LOGS: GET},
    "with a deprecated DELETE": saying("", {**OLD, END: PATCH}, deprecated=True),
    "one kind's only": {**BARE, "/sessions/webui/{id}/terminate": PATCH},
    "whose content cannot be read": {**BARE, END: {"patch": {"$ref": "#/nowhere"}}},
    "in capitals": {**BARE, "/sessions/{kind}/{id}/Terminate/": PATCH},
    "the method in capitals": {**OLD, END: {"PATCH": {}}},
}
UNKNOWN_DOCUMENTS = {
    "nothing at all": BARE,
    "no DELETE": {LIST: GET, ONE: GET, OLD_LOGS: GET},
    "it deletes the record": saying("Delete the record"),
    "it deletes ended ones": saying("Delete session that has ended", OLD),
    "it deletes for good": saying("Delete session", OLD, description="Deletes the session permanently."),
    "it removes": saying("Removes a session"),
    "it destroys": saying("Terminates the session and destroys its record"),
    "it purges": saying("Terminate.", description="The history is purged."),
    "not only": saying("Terminates, deletes nothing else"),
    "stop": {**OLD, "/sessions/{kind}/{id}/stop": {"post": {}}},
    "end": {**OLD, "/sessions/{kind}/{id}/end": {"put": {}}},
    "kill somewhere else": {**OLD, "/kill/{id}": {"post": {}}},
    "cancel by GET": {**OLD, "/sessions/{kind}/{id}/cancel": GET},
    "a change of a session": {**OLD, ONE: {**GET, "delete": {}, "patch": {}}},
    "a change whose content is null": {**OLD, ONE: {**GET, "delete": {}, "put": None}},
    "a change in capitals": {**OLD, ONE: {**GET, "delete": {}, "PUT": {}}},
    "many at once": {**OLD, "/sessions": {"delete": {}}},
    "an action": {**OLD, "/sessions/{kind}/{id}:terminate": PATCH},
    "terminate by GET": {**OLD, END: GET},
    "terminate that cannot be read": {**OLD, END: {"$ref": "./terminate.yaml"}},
    "a route that cannot be read": {**OLD, "/sessions/{kind}/{id}/x": {"$ref": "./x.yaml"}},
    "terminate without a kind": {**OLD, "/sessions/{id}/terminate": PATCH},
    "terminate first": {**OLD, "/sessions/terminate/{kind}/{id}": PATCH},
    "terminate elsewhere": {**OLD, "/terminate/sessions/{kind}/{id}": PATCH},
    "terminate of an unknown kind": {**OLD, "/sessions/batch/{id}/terminate": PATCH},
    "the new log route beside the old one": {**OLD, LOGS: GET},
    "the new log route only": {**BARE, LOGS: GET},
    "one kind's DELETE deletes": {
        "/sessions/webui": GET,
        "/sessions/webui/{id}": {"delete": {"summary": "Terminate"}},
        "/sessions/task/{id}": {"delete": {"summary": "Delete the record"}},
        OLD_LOGS: GET,
    },
}
DOCUMENTS = [
    (name, paths, generation)
    for generation, found in (
        ("legacy", LEGACY_DOCUMENTS),
        ("current", CURRENT_DOCUMENTS),
        ("unknown", UNKNOWN_DOCUMENTS),
    )
    for name, paths in found.items()
]


@pytest.mark.parametrize(("name", "paths", "generation"), DOCUMENTS, ids=[name for name, _paths, _one in DOCUMENTS])
def test_each_generation_needs_evidence(name, paths, generation):
    assert told(paths) == generation


@pytest.mark.parametrize("paths", UNKNOWN_DOCUMENTS.values(), ids=UNKNOWN_DOCUMENTS)
def test_the_unknown_refuses_and_names_what_the_document_offers(paths):
    found = generation_of(routes(paths))
    assert "does not tell how a session is ended. To change sessions it offers" in found.refusal
    assert refusal_to_delete(found, routes(paths)) == found.refusal


def test_what_is_offered_is_named_with_its_method_but_not_without_end():
    many = {f"/sessions/{{kind}}/{{id}}/stop{number}": {"post": {}} for number in range(30)}
    assert (
        f"offers DELETE {BASE}{ONE}, POST /sessions/{{kind}}/{{id}}/stop0"
        in generation_of(routes({**OLD, **many})).refusal
    )
    assert " and 25 more." in generation_of(routes({**OLD, **many})).refusal
    assert "it offers nothing." in generation_of(routes({LIST: GET})).refusal


@pytest.mark.parametrize("found", [LEGACY, CURRENT])
def test_the_option_is_refused_only_where_the_document_contradicts_it(found):
    check_option("auto", found)
    check_option(found.name, found)
    check_option(found.name, unknown("why."))
    other = {"legacy": "current", "current": "legacy"}[found.name]
    with pytest.raises(
        UnsupportedError, match=f"api_generation is {other}, but .* describes the {found.name} one.*destroy"
    ):
        check_option(other, found)


def test_without_a_document_sessions_are_ended_by_what_cannot_destroy():
    made = {wanted: undocumented(wanted) for wanted in ("auto", "legacy", "current")}
    assert {one.end for one in made.values()} == {"terminate"}
    assert [one.name for one in made.values()] == ["unknown", "legacy", "current"]
    assert not any(one.documented or one.refusal for one in made.values())
    assert [one.deletes for one in made.values()] == [False, False, True]
    assert len(made["legacy"].kinds) == 2


def test_a_record_is_deleted_only_on_the_current_generation():
    current = routes(CURRENT_DOCUMENTS["terminate"])
    assert refusal_to_delete(CURRENT, current) == ""
    assert refusal_to_delete(undocumented("current"), default_routes()) == ""
    assert refusal_to_delete(LEGACY, routes(OLD)) == "DELETE ends a session there, and no record is ever deleted"
    for wanted in ("auto", "legacy"):
        assert "DELETE might end sessions" in refusal_to_delete(undocumented(wanted), default_routes())
    assert refusal_to_delete(unknown("why."), current) == "why."


def test_where_the_document_says_that_delete_ends_nothing_is_deleted_by_it():
    both = saying("Terminates a session (deprecated).", {**OLD, END: PATCH})
    assert told(both) == "current"
    assert "says that DELETE ends a session" in refusal_to_delete(CURRENT, routes(both))
