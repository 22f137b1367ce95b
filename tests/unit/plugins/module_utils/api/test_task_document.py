# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks are listed in the vendor's way; where that does not work, as the server's own document says."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.api.task_api import TaskApi
from ansible_collections.aimms.cloud.plugins.module_utils.errors import UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import connection

ROOT = "/pro-api/v2"
TASKS = [{"id": f"t{number}", "appName": ("Crew", "Net")[number % 2], "state": "RUNNING"} for number in range(25)]
APPS = [("Crew", None), ("Net", "1.0")]


def named(name, **schema):
    required = schema.pop("required", False)
    return {"name": name, "in": "query", "required": required, "schema": {"type": "integer", **schema}}


SIZE, PAGE = named("page_size", maximum=10), named("page", minimum=1)
SKIP, TAKE = named("skip", minimum=0), named("take", maximum=10)
APP = named("app_name", type="string", required=True)


class Service:
    """A Task API whose document has these parameters. It refuses others, or ignores them if it is ``lenient``."""

    def __init__(self, *parameters, path="/tasks", servers=ROOT, lenient=False, document=None, place="/"):
        self.parameters = {one["name"]: one for one in parameters}
        listed = {"get": {"parameters": [*parameters]}}
        tree = {"openapi": "3.0.3", "servers": [{"url": servers}], "paths": {path: listed, "/tasks/{id}": {"get": {}}}}
        self.document = json.dumps(tree).encode() if document is None else document
        self.lenient, self.asked, self.place = lenient, [], f"{ROOT}{place}"
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                query = dict(parse_qsl(parts.query))
                service.asked.append((parts.path, query))
                status, body = service.answer(parts.path, query)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self):
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_error):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path, query):
        if path == self.place and self.document:
            return 200, self.document
        if path in (f"{ROOT}/", f"{ROOT}/openapi.json"):
            return 404, b"{}"
        missing = [name for name, one in self.parameters.items() if one["required"] and name not in query]
        if not path.startswith(f"{ROOT}/tasks") or missing or (not self.lenient and set(query) - set(self.parameters)):
            return 400, json.dumps({"errorId": "Bad", "errorCode": 400, "message": f"not so: {query}"}).encode()
        rows = [task for task in TASKS if query.get("app_name") in (None, task["appName"])]
        told = {name: int(text) for name, text in query.items() if name in self.parameters and text.isdecimal()}
        size = min(10, told.get("page_size", told.get("take", 10)))
        begin = told.get("skip", told.get("offset", (told.get("page", 1) - 1) * size))
        return 200, json.dumps({"total_tasks": len(rows), "current_batch": rows[begin : begin + size]}).encode()

    def list(self, **given):
        port = self._server.server_port
        listed = TaskApi(HttpClient(connection(f"http://127.0.0.1:{port}"), scope="Tasks")).list(**given)
        return sorted(task.id for task in listed.records), listed.complete


WAYS = {
    "page numbers": (lambda: Service(SIZE, PAGE), {}),
    "another offset": (lambda: Service(SKIP, TAKE), {}),
    "what it does not know is ignored": (lambda: Service(SKIP, TAKE, lenient=True), {}),
    "no size": (lambda: Service(SKIP), {}),
    "each app for itself, under another name": (lambda: Service(APP, SKIP, TAKE), {"apps": APPS}),
    "a server without a path": (lambda: Service(SKIP, TAKE, servers="/"), {}),
    "the whole path": (lambda: Service(SKIP, TAKE, servers="/", path=f"{ROOT}/tasks"), {}),
    "a slash at the end": (lambda: Service(SKIP, TAKE, path="/tasks/"), {}),
    "a document in JSON beside it": (lambda: Service(SKIP, TAKE, place="/openapi.json"), {}),
    "dates are refused": (lambda: Service(SIZE, PAGE), {"after": 1e9}),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_document_shows_the_way_where_the_vendors_is_refused_or_not_whole(way):
    make, given = WAYS[way]
    with make() as service:
        assert service.list(**given) == (sorted(task["id"] for task in TASKS), True)
    assert f"{ROOT}/" in [path for path, _query in service.asked]


def test_where_the_vendors_way_works_no_document_is_read():
    with Service(named("offset"), named("limit", maximum=10)) as service:
        assert service.list() == (sorted(task["id"] for task in TASKS), True)
    assert {path for path, _query in service.asked} == {f"{ROOT}/tasks"}


@pytest.mark.parametrize("document", [b"", b"<html>", b"{}", b'{"openapi": "3.0.3", "paths": {"/jobs": {"get": {}}}}'])
def test_without_a_document_it_is_as_before(document):
    with Service(SKIP, TAKE, document=document) as service, pytest.raises(UnsupportedError, match="not so"):
        service.list()
    with Service(SKIP, TAKE, document=document, lenient=True) as service:
        assert service.list()[1] is False


def test_an_app_that_must_be_named_and_is_not_given_is_asked_for():
    with Service(APP, SKIP, TAKE) as service, pytest.raises(UnsupportedError, match="name the apps"):
        service.list()
