"""Every dialect: the server does what its document says."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from emulator.dialects.dialect import DIALECTS, Dialect
from emulator.process import EmulatorProcess
from plain_client import MANAGER, Answer, ask, sessions

ALL = sorted(DIALECTS)
PLACES = ("kind", "id", "service")


@pytest.fixture(scope="module")
def shared() -> Iterator[EmulatorProcess]:
    """One emulator; each test sets its dialect."""
    with EmulatorProcess(sessions=200) as running:
        yield running


def _speaking(emulator: EmulatorProcess, name: str) -> tuple[EmulatorProcess, Dialect]:
    emulator.set(dialect=name, page_cap=None)
    return emulator, DIALECTS[name]


def _document(emulator: Any) -> Any:
    return yaml.safe_load(ask(emulator, "GET", f"{MANAGER}/openapi.yaml").body)


def _filters(document: Any) -> dict[str, Any]:
    """The query parameters of the list of WebUI sessions."""
    operations = {item["get"]["operationId"]: item["get"] for item in document["paths"].values() if "get" in item}
    found = operations.get("listSessions") or operations["listSessions-webui"]
    resolved = [_resolve(document, entry) for entry in found["parameters"]]
    return {entry["name"]: entry for entry in resolved if entry["in"] == "query"}


def _resolve(document: Any, node: Any) -> Any:
    if "$ref" not in node:
        return node
    for part in node["$ref"].removeprefix("#/").split("/"):
        document = document[part]
    return document


def _problems(document: Any, schema: Any, value: Any, at: str = "$") -> list[str]:
    """The mismatches of a JSON value and a schema: types, missing and unknown properties."""
    schema = _resolve(document, schema)
    if value is None:
        return [] if schema.get("nullable") else [f"{at} is null"]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}
    if not isinstance(value, kinds[schema["type"]]):
        return [f"{at} is not of type {schema['type']}"]
    found: list[str] = []
    if isinstance(value, dict):
        properties = schema["properties"]
        found += [f"{at}.{name} is unknown or missing" for name in set(value) ^ set(properties)]
        for name in set(value) & set(properties):
            found += _problems(document, properties[name], value[name], f"{at}.{name}")
    if isinstance(value, list):
        for item in value:
            found += _problems(document, schema["items"], item, f"{at}[]")
    return found


def _at(body: Any, path: str) -> Any:
    for part in path.split(".") if path else []:
        body = body[part]
    return body


def _next(dialect: Dialect, answer: Answer, query: dict[str, Any], seen: int, limit: int) -> dict[str, Any] | None:
    """The query of the next page, or None."""
    if dialect.next_via == "header":
        link = answer.headers.get("link", "")
        return dict(parse_qsl(urlsplit(link.partition(">")[0].lstrip("<")).query)) if link else None
    if dialect.next_via == "body":
        following = _at(answer.json(), dialect.next_path)
        if following is None:
            return None
        return (
            dict(parse_qsl(urlsplit(following).query))
            if dialect.next_is_url
            else {**query, dialect.parameter_name("cursor"): following}
        )
    if len(_at(answer.json(), dialect.items)) < limit or dialect.paging == "none":
        return None
    where = seen if dialect.paging == "offset" else seen // limit + dialect.first_page
    return {**query, dialect.parameter_name(dialect.paging): str(where)}


def _walk(emulator: Any, dialect: Dialect, limit: int) -> list[Any]:
    """All WebUI sessions, page by page."""
    query: dict[str, Any] | None = {} if dialect.paging == "none" else {dialect.parameter_name("limit"): limit}
    found: list[Any] = []
    while query is not None:
        answer = sessions(emulator, "webui", query=query)
        assert answer.status == 200, answer.body
        found += _at(answer.json(), dialect.items)
        query = _next(dialect, answer, query, len(found), limit)
    return found


@pytest.mark.parametrize("name", ALL)
def test_pages_join_to_the_whole(shared: EmulatorProcess, name: str) -> None:
    emulator, dialect = _speaking(shared, name)
    truth = {key for key, item in emulator.state()["sessions"].items() if item["kind"] == "webui"}
    found = [_at(record, dialect.fields["id"]) for record in _walk(emulator, dialect, 7)]
    assert len(found) == len(truth)
    assert set(found) == truth
    if dialect.total:
        assert _at(sessions(emulator, "webui").json(), dialect.total) == len(truth)


@pytest.mark.parametrize("name", ALL)
def test_answers_fit_the_document(shared: EmulatorProcess, name: str) -> None:
    emulator, dialect = _speaking(shared, name)
    document = _document(emulator)
    schemas = document["components"]["schemas"]
    page = sessions(emulator, "task").json()
    assert _problems(document, schemas["SessionList"], page) == []
    session_id = _at(_at(page, dialect.items)[0], dialect.fields["id"])
    path = f"{MANAGER}/sessions/task/{session_id}"
    assert _problems(document, schemas["Session"], ask(emulator, "GET", path).json()) == []
    logs = f"{MANAGER}/sessions/logs/task/{session_id}" if dialect.generation == "legacy" else f"{path}/logs"
    assert _problems(document, schemas["LogList"], ask(emulator, "GET", logs).json()) == []
    for answer in (sessions(emulator, "task", key="wrong"), ask(emulator, "GET", f"{MANAGER}/sessions/task/none")):
        assert _problems(document, schemas["Error"], answer.json()) == []


@pytest.mark.parametrize("name", ALL)
def test_query_parameters_are_those_of_the_document(shared: EmulatorProcess, name: str) -> None:
    emulator, dialect = _speaking(shared, name)
    parameters = _filters(_document(emulator))
    samples = {"integer": "3", "string": "x"}
    for parameter in parameters.values():
        schema = parameter["schema"]
        sample = schema.get("default") if "pattern" in schema else schema.get("enum", [samples[schema["type"]]])[0]
        if schema.get("format") == "date-time" or "YYYY" in schema.get("description", ""):
            sample = "2025-07-24T12:00:00"
        expected = 400 if parameter["name"] == dialect.parameter_name("cursor") and dialect.paging == "cursor" else 200
        assert sessions(emulator, "webui", query={parameter["name"]: sample}).status == expected, parameter["name"]
    for unknown in ("colour", "Limit", "offset_"):
        assert sessions(emulator, "webui", query={unknown: "1"}).status == (400 if dialect.strict else 200)


@pytest.mark.parametrize("name", ALL)
def test_limits_are_those_of_the_document(shared: EmulatorProcess, name: str) -> None:
    emulator, dialect = _speaking(shared, name)
    emulator.set(page_cap=30)
    if dialect.paging == "none":
        assert dialect.parameter_name("limit") not in _filters(_document(emulator))
        return
    limit = dialect.parameter_name("limit")
    schema = _filters(_document(emulator))[limit]["schema"]
    assert len(_at(sessions(emulator, "webui").json(), dialect.items)) == schema["default"]
    answer = sessions(emulator, "webui", query={limit: 31})
    assert answer.status == (400 if dialect.over_cap == "reject" else 200)
    assert ("maximum" in schema) is (dialect.over_cap == "reject")
    if answer.status == 200:
        assert len(_at(answer.json(), dialect.items)) == 30
    for bad in (0, -1, "x", ""):
        assert sessions(emulator, "webui", query={limit: bad}).status == 400


@pytest.mark.parametrize("name", ALL)
def test_operations_are_those_of_the_document(shared: EmulatorProcess, name: str) -> None:
    emulator, dialect = _speaking(shared, name)
    document = _document(emulator)
    for path, item in document["paths"].items():
        target = MANAGER + path.format(
            **{dialect.parameter_name(place): "webui" if place == "kind" else "x" for place in PLACES}
        )
        for method in ("GET", "PATCH", "DELETE", "PUT", "POST"):
            answer = ask(emulator, method, target)
            assert (answer.status != 405) is (method.lower() in item), (method, path)
            assert answer.status != 405 or method not in answer.headers["allow"]
    assert any(path.endswith("/terminate") for path in document["paths"]) is (not name.startswith("legacy"))


def test_time_filters_speak_the_time_of_the_dialect(start: Any) -> None:
    emulator = start(sessions=0)
    old, new = emulator.add_session(age=7200), emulator.add_session(age=600)
    for dialect in DIALECTS.values():
        emulator.set(dialect=dialect.name)
        moment = time.time() - 3600
        border: Any = {"epoch": int(moment), "epoch_ms": int(moment * 1000)}.get(
            dialect.time, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
        )
        for parameter, expected in (("created_after", new["id"]), ("created_before", old["id"])):
            page = sessions(emulator, "webui", query={dialect.parameter_name(parameter): border}).json()
            assert [_at(row, dialect.fields["id"]) for row in _at(page, dialect.items)] == [expected], dialect.name


@pytest.mark.parametrize(("form", "shown"), [
    ("z", "2025-07-24T12:21:11Z"), ("z_ms", "2025-07-24T12:21:11.306Z"), ("offset", "2025-07-24T14:21:11+02:00"),
    ("offset_ms", "2025-07-24T14:21:11.306+02:00"), ("epoch", 1753359671), ("epoch_ms", 1753359671306),
    ("naive", "2025-07-24T12:21:11"), ("naive_us", "2025-07-24 12:21:11.306000"),
])  # fmt: skip
def test_one_time_in_every_form(shared: EmulatorProcess, form: str, shown: Any) -> None:
    name = next(dialect.name for dialect in DIALECTS.values() if dialect.time == form)
    emulator, dialect = _speaking(shared, name)
    session = emulator.add_session(created_at="2025-07-24T12:21:11.306Z")
    record = ask(emulator, "GET", f"{MANAGER}/sessions/webui/{session['id']}").json()
    assert _at(record, dialect.fields["created_at"]) == shown


@pytest.mark.parametrize("form", ["yaml", "json", "missing", "broken", "html"])
def test_the_document_can_be_served_in_every_way(start: Any, form: str) -> None:
    answer = ask(start(document=form), "GET", f"{MANAGER}/openapi.yaml")
    assert answer.status == (404 if form == "missing" else 200)
    if form == "json":
        assert json.loads(answer.body)["openapi"] == "3.0.3"
    if form == "yaml":
        assert yaml.safe_load(answer.body)["openapi"] == "3.0.3"
    if form == "broken":
        with pytest.raises(yaml.YAMLError):
            yaml.safe_load(answer.body)


def test_paging_can_be_ignored_and_totals_wrong(start: Any) -> None:
    emulator = start(sessions=200)
    first = sessions(emulator, "webui").json()
    emulator.set(ignore_paging=True, wrong_total=5)
    second = sessions(emulator, "webui", query={"offset": 20}).json()
    assert second["items"] == first["items"]
    assert second["total"] == first["total"] + 5


@pytest.mark.parametrize("name", ["current-cursor", "current-link"])
def test_a_cursor_stays_in_place_when_sessions_go(start: Any, name: str) -> None:
    emulator, dialect = start(dialect=name, sessions=150), DIALECTS[name]
    whole = [_at(record, dialect.fields["id"]) for record in _walk(emulator, dialect, 100)]
    first = sessions(emulator, "webui", query={dialect.parameter_name("limit"): 10})
    for session_id in whole[3:10]:
        emulator.remove_session(session_id)
    query = _next(dialect, first, {dialect.parameter_name("limit"): "10"}, 10, 10) or {}
    second = sessions(emulator, "webui", query=query).json()
    assert [_at(record, dialect.fields["id"]) for record in _at(second, dialect.items)] == whole[10:20]
