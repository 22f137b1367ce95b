"""What stands between, lists that tell less, other actors, and services of neither generation."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from emulator.faults.pages import PAGES
from emulator.process import EmulatorError
from plain_client import MANAGER, ask, sessions
from timing import until


def _one(emulator: Any, **values: Any) -> tuple[str, str]:
    made = emulator.add_session(kind="webui", **{"owner": "chen@PLANNING", "app_name": "Crew", **values})
    return made["id"], f"{MANAGER}/sessions/webui/{made['id']}"


def _listed(emulator: Any, one: str) -> Any:
    return next(row for row in sessions(emulator, "webui", query={"limit": 100}).json()["items"] if row["id"] == one)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_in_place_of_the_service(start: Any, name: str) -> None:
    emulator = start(sessions=0)
    one, path = _one(emulator)
    emulator.fault("page", page=name, path="/terminate$", count=1)
    answer = ask(emulator, "PATCH", f"{path}/terminate")
    assert (answer.status, answer.body) == PAGES[name][:2]
    assert emulator.session(one)["active"]
    assert ask(emulator, "PATCH", f"{path}/terminate").status == 204


def test_a_page_after_the_act(start: Any) -> None:
    emulator = start(sessions=0)
    one, path = _one(emulator)
    emulator.fault("page", page="other-303-empty", before=False, method="PATCH")
    answer = ask(emulator, "PATCH", f"{path}/terminate")
    assert (answer.status, answer.headers["location"]) == (303, "/login?next=%2F")
    assert not emulator.session(one)["active"]


def test_an_act_that_comes_late(start: Any) -> None:
    emulator = start(sessions=0)
    one, path = _one(emulator)
    emulator.fault("late", seconds=0.05, page="gateway-504-html", method="PATCH")
    assert ask(emulator, "PATCH", f"{path}/terminate").status == 504
    until(lambda: not emulator.session(one)["active"])


@pytest.mark.parametrize(("body", "text"), [(None, b"chen@PLANNING"), ("empty", b"")])
def test_an_answer_without_length(start: Any, body: str | None, text: bytes) -> None:
    emulator = start(sessions=0)
    _session, path = _one(emulator)
    emulator.fault("no_length", body=body)
    answer = ask(emulator, "GET", path)
    assert (answer.status, "content-length" in answer.headers) == (200, False)
    assert text in answer.body


def test_a_cache(start: Any) -> None:
    emulator = start(sessions=0)
    one, path = _one(emulator)
    emulator.fault("cached", age=3600, method="GET")
    emulator.update_session(one, state="terminated")
    answer = ask(emulator, "GET", path)
    assert (answer.json()["state"], int(answer.headers["age"]) >= 3600, answer.headers["x-cache"]) == (
        "running",
        True,
        "HIT",
    )
    assert _listed(emulator, one)["state"] == "running"
    emulator.clear_faults()
    emulator.fault("cached", told=False)
    emulator.set(dialect="legacy")
    answer = ask(emulator, "GET", f"{MANAGER}/openapi.yaml")
    assert ("terminate:" in answer.body.decode(), "age" in answer.headers) == (True, False)
    assert ask(emulator, "GET", path).json()["state"] == "terminated"


def test_a_cache_that_obeys(start: Any) -> None:
    emulator = start(sessions=0)
    one, path = _one(emulator)
    emulator.fault("cached", obeys=True)
    emulator.update_session(one, state="terminated")
    assert ask(emulator, "GET", path, headers={"Cache-Control": "no-cache"}).json()["state"] == "terminated"
    assert ask(emulator, "GET", path).json()["state"] == "running"


def test_a_node_of_another_generation(start: Any) -> None:
    emulator = start(sessions=0)
    one, path = _one(emulator)
    emulator.fault("node", dialect="legacy", skip=1, count=2)
    assert "owner" in ask(emulator, "GET", path).json()
    assert ask(emulator, "GET", path).json()["state"] == "Running"
    ask(emulator, "DELETE", path)
    assert emulator.session(one)["ended_how"] == "terminate"
    emulator.update_session(one, state="running")
    ask(emulator, "DELETE", path)
    assert emulator.state()["record_destroyed"] == [one]


def test_cookies(start: Any) -> None:
    emulator = start(sessions=0)
    _session, path = _one(emulator)
    emulator.fault("cookie")
    cookie = ask(emulator, "GET", path).headers["set-cookie"].partition(";")[0]
    assert ask(emulator, "PATCH", f"{path}/terminate", headers={"Cookie": cookie}).status == 403
    emulator.clear_faults()
    emulator.fault("cookie", sees="guest")
    assert sessions(emulator, "webui").json()["total"] == 1
    assert ask(emulator, "GET", f"{MANAGER}/sessions/webui", headers={"Cookie": cookie}).json()["total"] == 0


def test_lists_that_tell_less(start: Any) -> None:
    emulator = start(sessions=0)
    one, path = _one(emulator)
    emulator.set(list_omit=["created_at", "environment"], list_names={"owner": "createdBy"}, list_case="upper")
    row = _listed(emulator, one)
    assert ("created_at" in row, "owner" in row, row["createdBy"], row["app_name"]) == (False, False, "CHEN", "CREW")
    assert ask(emulator, "GET", path).json()["owner"] == "chen@PLANNING"
    emulator.set(list_omit=[], list_names={}, list_case="")
    assert _listed(emulator, one) == ask(emulator, "GET", path).json()


@pytest.mark.parametrize("dialect", ["third-stop", "third-put-end", "third-stop-old-logs", "current-old-logs"])
def test_services_of_neither_generation(start: Any, dialect: str) -> None:
    emulator = start(dialect=dialect, sessions=0)
    one, path = _one(emulator)
    paths = yaml.safe_load(ask(emulator, "GET", f"{MANAGER}/openapi.yaml").body)["paths"]
    (end,) = {"/stop": "POST", "/end": "PUT", "/terminate": "PATCH"}.items() & {
        (f"/{route.rpartition('/')[2]}", method.upper()) for route, item in paths.items() for method in item
    }
    assert ("/sessions/logs/{kind}/{id}" in paths) == dialect.endswith("old-logs")
    assert ask(emulator, end[1], path + end[0]).status == 204
    assert emulator.session(one)["ended_how"] == "terminate"
    emulator.update_session(one, state="running")
    ask(emulator, "DELETE", path)
    assert emulator.state()["record_destroyed"] == [one]
    if dialect.endswith("old-logs"):
        other, path = _one(emulator)
        assert ask(emulator, "GET", f"{MANAGER}/sessions/logs/webui/{other}").status == 200


def test_a_document_of_another_dialect(start: Any) -> None:
    emulator = start(sessions=0)
    emulator.set(document_of="legacy")
    assert "24.13.0" in ask(emulator, "GET", f"{MANAGER}/openapi.yaml").body.decode()


@pytest.mark.parametrize(("kind", "state"), [
    ("end", "terminated"), ("ending", "terminating"), ("reuse", "running"), ("reown", "running"), ("remove", None),
    ("start", "running"),
])  # fmt: skip
def test_actors(start: Any, kind: str, state: str | None) -> None:
    emulator = start(sessions=0)
    one, path = _one(emulator, age=7200)
    emulator.actor(kind, path="/sessions/webui[?]", count=1, seconds=None)
    _listed(emulator, one)
    after = ask(emulator, "GET", path)
    assert (after.json()["state"] if after.status == 200 else None) == state
    assert (kind in ("reuse", "reown")) == (
        after.json().get("owner", "chen@PLANNING") != "chen@PLANNING" and bool(state)
    )
    assert len(emulator.state()["sessions"]) == {"start": 2, "remove": 0}.get(kind, 1)
    assert [actor["did"] for actor in emulator.actors()] == [[one]]


def test_an_end_under_way_comes_and_destroys_nothing(start: Any) -> None:
    emulator = start(sessions=0)
    one, path = _one(emulator)
    emulator.actor("ending", when="before", ids=[one], state="stopping", seconds=0.05, count=1)
    assert ask(emulator, "GET", path).json()["state"] == "stopping"
    until(lambda: emulator.session(one)["state"] == "terminated")
    assert emulator.session(one)["ended_by"] == "another"


def test_a_session_that_cannot_be_ended_any_more(start: Any) -> None:
    emulator = start(sessions=0)
    _session, path = _one(emulator, state="finished")
    emulator.set(terminate_error=[405, "Cannot terminate session in state 'Finished' [error 1064]"])
    answer = ask(emulator, "PATCH", f"{path}/terminate")
    assert (answer.status, answer.json()["message"].endswith("[error 1064]")) == (405, True)


@pytest.mark.parametrize(("add", "values"), [
    ("fault", {"kind": "page", "page": "unknown"}), ("fault", {"kind": "cookie", "sees": "all"}),
    ("fault", {"kind": "page", "path": "("}), ("actor", {"kind": "dance"}), ("actor", {"kind": "end", "when": "now"}),
    ("actor", {"kind": "ending", "state": "dead"}), ("set", {"list_case": "odd"}), ("set", {"list_omit": ["colour"]}),
    ("set", {"document_of": "none"}),
])  # fmt: skip
def test_what_is_unknown_is_refused(start: Any, add: str, values: dict[str, Any]) -> None:
    emulator = start(sessions=0)
    with pytest.raises(EmulatorError, match="400"):
        getattr(emulator, add)(**values)


def test_another_account_in_place_of_this_one(start: Any) -> None:
    emulator = start(sessions=5, dialect="legacy")
    emulator.fault("503")
    emulator.actor("end")
    emulator.set(end_delay=9)
    row = {"id": "first", "owner": "jane@corp.example@ROOT", "age": 7200}
    assert [made["id"] for made in emulator.begin(settings={"dialect": "current-rows"}, sessions=[row])] == ["first"]
    state = emulator.state()
    assert (list(state["sessions"]), state["removed"], state["pending"]) == (["first"], [], 0)
    assert (state["settings"]["dialect"], state["settings"]["end_delay"]) == ("current-rows", 0)
    assert (emulator.faults(), emulator.actors(), emulator.requests()) == ([], [], [])
    (shown,) = sessions(emulator, "webui").json()["payload"]["rows"]
    assert shown["who"] == {"login": "jane@corp.example", "env": "ROOT"}
    emulator.begin()
    assert emulator.state(summary=True)["count"] == 0
