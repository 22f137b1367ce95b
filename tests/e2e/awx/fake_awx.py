# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the AWX API that playbooks/awx_setup.yml uses: objects with defaults, surveys, associations, nodes.

It refuses what ``awx_rules`` refuses, unknown fields and filters, and playbooks that the project does not have.
``requests`` contains all changing requests.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from awx_rules import credential_type_problems, schedule_problems, survey_problems

Item = dict[str, Any]
TOKEN = "a-token-of-awx"
_NAMED: Item = {"name": "", "description": ""}
_LAUNCH: Item = {**_NAMED, "organization": None, "inventory": None, "extra_vars": "---", "survey_enabled": False}
_JOB = {"job_type": "run", "project": None, "playbook": "", "job_slice_count": 1, "execution_environment": None}
FIELDS: dict[str, Item] = {
    "organizations": {**_NAMED},
    "credential_types": {**_NAMED, "kind": "cloud", "inputs": {}, "injectors": {}, "managed": False},
    "credentials": {**_NAMED, "organization": None, "credential_type": None, "inputs": {}},
    "projects": {**_NAMED, "organization": None, "scm_type": "", "scm_url": "", "scm_branch": ""},
    "inventories": {**_NAMED, "organization": None, "kind": "", "host_filter": None, "variables": ""},
    "hosts": {**_NAMED, "inventory": None, "enabled": True, "variables": ""},
    "job_templates": {**_LAUNCH, **_JOB, "ask_limit_on_launch": False, "ask_credential_on_launch": False},
    "workflow_job_templates": {**_LAUNCH},
    "workflow_job_template_nodes": {
        "identifier": "",
        "workflow_job_template": None,
        "unified_job_template": None,
        "all_parents_must_converge": False,
    },
    "workflow_approval_templates": {**_NAMED, "timeout": 0},
    "schedules": {**_NAMED, "unified_job_template": None, "rrule": "", "extra_data": {}, "enabled": True},
    "execution_environments": {**_NAMED, "image": ""},
}
_TYPES = {"inventories": "inventory"}
_LAUNCHED = ("projects", "job_templates", "workflow_job_templates")
_LINKS = ("credentials", "success_nodes", "always_nodes", "failure_nodes", "labels", "instance_groups")


class Refused(Exception):
    """The request gets an answer other than 2xx."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


class FakeAwx:
    """The objects, by API collection and id."""

    def __init__(self, playbooks: set[str]) -> None:
        self.items: dict[str, dict[int, Item]] = {name: {} for name in FIELDS}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], Item] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.url, self._playbooks, self._last = "", playbooks, 0
        self.create("organizations", {"name": "Default"})

    def named(self, collection: str, name: str) -> Item:
        """The only object with that name or identifier."""
        key = "identifier" if collection.endswith("nodes") else "name"
        (found,) = (item for item in self.items[collection].values() if item[key] == name)
        return found

    def create(self, collection: str, body: Item) -> Item:
        """Make an object with an id of its own."""
        self._last += 1
        item = {**FIELDS[collection], **self._checked(collection, body)}
        for other in self.items[collection].values():
            if all(
                other.get(key) == item.get(key)
                for key in ("name", "identifier", "organization", "inventory", "workflow_job_template")
            ):
                raise Refused(400, {"__all__": [f"{collection}: {item.get('name')} is there already"]})
        self.items[collection][self._last] = item
        return self._shown(collection, self._last)

    def _checked(self, collection: str, body: Item) -> Item:
        unknown = set(body) - set(FIELDS[collection]) - {"type"}
        problems = [f"{name} is no field of {collection}" for name in sorted(unknown)]
        if collection == "credential_types":
            problems += credential_type_problems({key: value for key, value in body.items() if key != "managed"})
        if collection == "job_templates" and body.get("playbook") not in self._playbooks:
            problems.append(f"Playbook not found for project: {body.get('playbook')}")
        if collection == "schedules":
            target = int(body["unified_job_template"])
            spec = next((made["spec"] for (_kind, number), made in self.surveys.items() if number == target), [])
            problems += schedule_problems(body["rrule"], body.get("extra_data", {}), spec)
        if problems:
            raise Refused(400, {"detail": problems})
        # null sets the default: awx.awx sends it for options that are left out, and compares the result
        return {
            key: FIELDS[collection][key] if value is None else value for key, value in body.items() if key != "type"
        }

    def _shown(self, collection: str, number: int) -> Item:
        item = self.items[collection][number]
        url = f"/api/v2/{collection}/{number}/"
        related = {"survey_spec": url + "survey_spec/", "update": url + "update/"}
        if item.get("unified_job_template"):
            kind = next(name for name, items in self.items.items() if item["unified_job_template"] in items)
            related["unified_job_template"] = f"/api/v2/{kind}/{item['unified_job_template']}/"
        shown = {**item, "id": number, "url": url, "related": related, "type": _TYPES.get(collection, collection[:-1])}
        if collection == "projects":
            shown |= {"scm_revision": "", "summary_fields": {"current_update": {"id": number}}}
        if collection == "credentials":
            fields = self.items["credential_types"][item["credential_type"]]["inputs"]["fields"]
            secret = {field["id"] for field in fields if field.get("secret")}
            shown["inputs"] = {key: "$encrypted$" if key in secret else value for key, value in item["inputs"].items()}
        return shown

    def answer(self, method: str, path: str, query: list[tuple[str, str]], body: Any) -> tuple[int, Any]:
        """Status and body of the answer to a request."""
        if method != "GET":
            self.requests.append((method, path, body))
        parts = path.removeprefix("/api/v2/").strip("/").split("/")
        if parts[0] == "project_updates":
            return 200, {"status": "successful", "finished": True, "failed": False}
        if len(parts) == 1:
            return (201, self.create(parts[0], body)) if method == "POST" else (200, self._listed(parts[0], query))
        collection, number = parts[0], int(parts[1])
        if number not in self.items.get(collection, {}):
            raise Refused(404, {"detail": "Not found."})
        if len(parts) == 2:
            if method == "PATCH":
                checked = self._checked(collection, {**self.items[collection][number], **body})
                self.items[collection][number].update(checked)
            return 200, self._shown(collection, number)
        return self._below(method, collection, number, parts[2], body)

    def _listed(self, collection: str, query: list[tuple[str, str]]) -> Item:
        kinds = _LAUNCHED if collection == "unified_job_templates" else (collection,)
        if not set(kinds) <= set(FIELDS):
            raise Refused(404, {"detail": "Not found."})
        found = [self._shown(kind, number) for kind in kinds for number in self.items[kind]]
        for name, value in query:
            if any(name not in item for item in found):
                raise Refused(400, {"detail": f"{collection} has no field {name}"})
            found = [item for item in found if str(item[name]) == value]
        return {"count": len(found), "next": None, "previous": None, "results": found}

    def _below(self, method: str, collection: str, number: int, part: str, body: Any) -> tuple[int, Any]:
        if part == "survey_spec" and collection in _LAUNCHED[1:]:
            if method == "POST":
                if problems := survey_problems(body["spec"]):
                    raise Refused(400, {"error": problems})
                self.surveys[collection, number] = body
            return 200, self.surveys.get((collection, number), {})
        if part == "create_approval_template" and method == "POST" and set(body) <= {"name", "description", "timeout"}:
            made = self.create("workflow_approval_templates", body)
            self.items[collection][number]["unified_job_template"] = made["id"]
            return 201, made
        if part not in _LINKS or (part.endswith("_nodes") and collection != "workflow_job_template_nodes"):
            raise Refused(404, {"detail": "Not found."})
        linked = self.links.setdefault((collection, number, part), [])
        if method == "POST":
            (linked.remove if body.get("disassociate") else linked.append)(body["id"])
            return 204, None
        kind = "workflow_job_template_nodes" if part.endswith("_nodes") else part
        return 200, {"count": len(linked), "next": None, "results": [self._shown(kind, one) for one in linked]}


def _handler(awx: FakeAwx) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or "null")
            parts = urlsplit(self.path)
            try:
                if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    raise Refused(401, {"detail": "Authentication credentials were not provided."})
                status, answer = awx.answer(self.command, parts.path, parse_qsl(parts.query), body)
            except Refused as refused:
                status, answer = refused.status, refused.body
            text = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in (
                ("X-API-Product-Name", "AWX"),
                ("X-API-Product-Version", "24.6.1"),
                ("Content-Length", str(len(text))),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_DELETE = _do  # noqa: N815  # names of the base class

        def log_message(self, *_given: Any) -> None:
            """Log nothing."""

    return Handler


@contextmanager
def serving(awx: FakeAwx) -> Iterator[FakeAwx]:
    """Serve on a local port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(awx)) as server:
        awx.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield awx
        finally:
            server.shutdown()
            thread.join()
