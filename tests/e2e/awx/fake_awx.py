# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the AWX API that playbooks/awx_setup.yml uses: objects with defaults, surveys, associations, roles, jobs.

It refuses what ``awx_rules`` refuses, unknown fields and filters, and playbooks that the project does not have. As the
real one (devel of 2024-10-23) it lets only a superuser write credential types, keeps a secret that comes back as
``$encrypted$``, takes one credential of a type for a template, answers in pages of 25, and refuses to delete what is
in use.
``requests`` contains all changing requests.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from awx_rules import credential_type_problems, schedule_problems, survey_problems
from fake_jobs import Jobs

Item = dict[str, Any]
TOKEN = "a-token-of-awx"
ENCRYPTED = "$encrypted$"
_NAMED: Item = {"name": "", "description": ""}
_OWNED: Item = {**_NAMED, "organization": None}
_LAUNCH: Item = {**_OWNED, "inventory": None, "extra_vars": "", "survey_enabled": False, "ask_limit_on_launch": False}
_JOB: Item = {"job_type": "run", "project": None, "playbook": "", "job_slice_count": 1, "execution_environment": None}
_JOB |= {f"ask_{name}_on_launch": False for name in ("credential", "variables", "inventory", "tags", "skip_tags")}
_JOB |= {f"ask_{name}_on_launch": False for name in ("scm_branch", "diff_mode", "job_type", "verbosity")}
_JOB |= {"prevent_instance_group_fallback": False, "verbosity": 0}
_SOURCE: Item = {"inventory": None, "source": "", "source_path": "", "source_project": None, "overwrite": False}
FIELDS: dict[str, Item] = {
    "organizations": {**_NAMED},
    "credential_types": {**_NAMED, "kind": "cloud", "inputs": {}, "injectors": {}, "managed": False},
    "credentials": {**_OWNED, "credential_type": None, "inputs": {}},
    "execution_environments": {**_OWNED, "image": "", "pull": ""},
    "projects": {**_OWNED, "scm_type": "", "scm_url": "", "scm_branch": "", "credential": None},
    "inventories": {**_OWNED, "kind": "", "host_filter": None, "variables": ""},
    "hosts": {**_NAMED, "inventory": None, "enabled": True, "variables": ""},
    "inventory_sources": {**_NAMED, **_SOURCE, "update_on_launch": False},
    "teams": {**_OWNED},
    "labels": {"name": "", "organization": None},
    "notification_templates": {**_OWNED, "notification_type": "", "notification_configuration": {}, "messages": None},
    "instance_groups": {"name": ""},
    "job_templates": {**_LAUNCH, **_JOB},
    "workflow_job_templates": {**_LAUNCH, "allow_simultaneous": False},
    "workflow_job_template_nodes": {
        "identifier": "",
        "workflow_job_template": None,
        "unified_job_template": None,
        "all_parents_must_converge": False,
    },
    "workflow_approval_templates": {**_NAMED, "timeout": 0},
    "schedules": {**_NAMED, "unified_job_template": None, "rrule": "", "extra_data": {}, "enabled": True},
}
_TYPES = {"inventories": "inventory"}
_LAUNCHED = ("projects", "job_templates", "workflow_job_templates")
_ROLES = {
    "job_templates": ("admin", "execute", "read"),
    "workflow_job_templates": ("admin", "execute", "read", "approval"),
    "inventories": ("admin", "use", "read"),
    "projects": ("admin", "use", "read"),
}
_NOTIFYING = tuple(f"notification_templates_{event}" for event in ("started", "success", "error", "approvals"))
_KINDS = dict.fromkeys(_NOTIFYING, "notification_templates") | {"galaxy_credentials": "credentials"}
_KINDS |= {f"{way}_nodes": "workflow_job_template_nodes" for way in ("success", "failure", "always")}
_KINDS |= {name: name for name in ("credentials", "labels", "instance_groups")}
_CASCADES = {"inventories": [("hosts", "inventory"), ("inventory_sources", "inventory")]}
_CASCADES |= {name: [("schedules", "unified_job_template")] for name in _LAUNCHED}
_CASCADES["workflow_job_templates"] = [*_CASCADES["projects"], ("workflow_job_template_nodes", "workflow_job_template")]
_PAGE = 25


class Refused(Exception):
    """The request gets an answer other than 2xx."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


class FakeAwx:
    """The objects, by API collection and id."""

    def __init__(self, playbooks: set[str], root: str = "/api/v2/") -> None:
        self.items: dict[str, dict[int, Item]] = {name: {} for name in FIELDS}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], Item] = {}
        self.members: dict[tuple[str, int, str], set[int]] = {}
        """The teams that have a role on an object."""
        self.requests: list[tuple[str, str, Any]] = []
        self.synced: dict[int, bool] = {}
        """Projects that were synced, each with whether the collections are installed."""
        self.inventory_files = {"hosts"}
        self.url, self.root, self.is_superuser = "", root, True
        self._playbooks, self._last = playbooks, 0
        self.jobs = Jobs(self)
        default = self.create("organizations", {"name": "Default"})["id"]
        galaxy = self.create("credential_types", {"name": "Ansible Galaxy", "kind": "cloud"})["id"]
        self.items["credential_types"][galaxy]["kind"] = "galaxy"
        one = self.create("credentials", {"name": "Ansible Galaxy", "credential_type": galaxy})["id"]
        self.links["organizations", default, "galaxy_credentials"] = [one]

    def next_number(self) -> int:
        """An id that nothing has."""
        self._last += 1
        return self._last

    def named(self, collection: str, name: str) -> Item:
        """The only object with that name or identifier."""
        return self.items[collection][self.number(collection, name)]

    def number(self, collection: str, name: str) -> int:
        """The id of the only object with that name or identifier."""
        key = "identifier" if collection.endswith("nodes") else "name"
        (found,) = (number for number, item in self.items[collection].items() if item[key] == name)
        return found

    def linked(self, collection: str, name: str, part: str) -> list[str]:
        """The names of what is associated with an object."""
        found = self.links.get((collection, self.number(collection, name), part), [])
        return [self.items[_KINDS[part]][one]["name"] for one in found]

    def may(self, team: str, role: str, collection: str, name: str) -> bool:
        """Whether a team has a role on an object. Who may execute or approve it also sees it, not what it launches."""
        number, own = self.number(collection, name), self.number("teams", team)
        roles = ("read", "execute", "approval", "admin") if role == "read" else (role, "admin")
        return any(own in self.members.get((collection, number, one), ()) for one in roles)

    def create(self, collection: str, body: Item) -> Item:
        """Make an object with an id of its own."""
        number = self.next_number()
        item = {**FIELDS[collection], **self._checked(collection, body)}
        unique = ("name", "identifier", "organization", "inventory", "workflow_job_template", "credential_type")
        for other in self.items[collection].values():
            if all(other.get(key) == item.get(key) for key in unique):
                raise Refused(400, {"__all__": [f"{collection}: {item.get('name')} is there already"]})
        self.items[collection][number] = item
        if collection == "projects":
            self.jobs.sync(number)  # by itself, once
        return self._shown(collection, number)

    def _checked(self, collection: str, body: Item) -> Item:
        unknown = set(body) - set(FIELDS[collection]) - {"type"}
        problems = [f"{name} is no field of {collection}" for name in sorted(unknown)]
        if collection == "credential_types" and body["name"] != "Ansible Galaxy":
            problems += credential_type_problems({key: value for key, value in body.items() if key != "managed"})
        if collection == "job_templates":
            known = self._playbooks if body.get("project") in self.synced else ()
            if body.get("playbook") not in known:
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
        url = f"{self.root}{collection}/{number}/"
        related = {name: f"{url}{name}/" for name in ("survey_spec", "update", "launch")}
        if item.get("unified_job_template"):
            kind = next(name for name, items in self.items.items() if item["unified_job_template"] in items)
            related["unified_job_template"] = f"{self.root}{kind}/{item['unified_job_template']}/"
        shown = {**item, "id": number, "url": url, "related": related, "type": _TYPES.get(collection, collection[:-1])}
        shown["summary_fields"] = {
            "object_roles": {
                f"{role}_role": {"id": f"{collection}.{number}.{role}"} for role in _ROLES.get(collection, ())
            }
        }
        if collection == "workflow_job_template_nodes":
            ways = ("success_nodes", "failure_nodes", "always_nodes")
            shown |= {way: list(self.links.get((collection, number, way), ())) for way in ways}
        if collection == "projects":
            shown["scm_revision"] = ""
            shown["summary_fields"]["current_update"] = {"id": number}
        if collection == "job_templates":
            own = self.links.get((collection, number, "credentials"), [])
            shown["summary_fields"]["credentials"] = [{"id": one} for one in own]
        if collection == "credentials":
            fields = self.items["credential_types"][item["credential_type"]]["inputs"].get("fields", ())
            secret = {field["id"] for field in fields if field.get("secret")}
            shown["inputs"] = {key: ENCRYPTED if key in secret else value for key, value in item["inputs"].items()}
        if collection == "notification_templates":
            config = {key: ENCRYPTED if key in ("token", "password") else value
                      for key, value in item["notification_configuration"].items()}  # fmt: skip
            shown["notification_configuration"] = config
        return shown

    def answer(self, method: str, path: str, query: list[tuple[str, str]], body: Any) -> tuple[int, Any]:
        """Status and body of the answer to a request."""
        if not path.startswith(self.root):
            raise Refused(404, {"detail": "Not found."})
        if method != "GET":
            self.requests.append((method, path, body))
        parts = path.removeprefix(self.root).strip("/").split("/")
        if parts[0] in ("me", "roles", *self.jobs.items):
            return self._other(method, parts, query, body)
        if parts[0] == "credential_types" and method != "GET" and not self.is_superuser:
            raise Refused(403, {"detail": "You do not have permission to perform this action."})
        if len(parts) == 1:
            return (
                (201, self.create(parts[0], body)) if method == "POST" else (200, self._listed(parts[0], path, query))
            )
        collection, number = parts[0], int(parts[1])
        if number not in self.items.get(collection, {}):
            raise Refused(404, {"detail": "Not found."})
        if len(parts) > 2:
            return self._below(method, collection, number, parts[2], body)
        if method == "DELETE":
            return self._deleted(collection, number)
        if method == "PATCH":
            self._patch(collection, number, body)
        return 200, self._shown(collection, number)

    def _other(self, method: str, parts: list[str], query: list[tuple[str, str]], body: Any) -> tuple[int, Any]:
        """Who asks, roles, and what runs."""
        if parts[0] == "me":
            return 200, _page([{"id": 1, "username": "someone", "is_superuser": self.is_superuser}], "", [])
        if parts[0] == "roles":
            return self._role(method, parts[1], parts[2], body)
        found = self.jobs.answer(parts, dict(query))
        return (200, found) if found is not None else (404, {"detail": "Not found."})

    def _patch(self, collection: str, number: int, body: Item) -> None:
        item = self.items[collection][number]
        for key in ("inputs", "notification_configuration"):
            if key in body and collection in ("credentials", "notification_templates"):
                before = item[key]
                if lacking := [name for name, value in body[key].items() if value == ENCRYPTED and name not in before]:
                    raise Refused(400, {key: f"{lacking} would be the text {ENCRYPTED}"})
                kept = {name: before.get(name) if value == ENCRYPTED else value for name, value in body[key].items()}
                body = {**body, key: kept}
        item.update(self._checked(collection, {**item, **body}))

    def _deleted(self, collection: str, number: int) -> tuple[int, Any]:
        users = {
            "credential_types": [("credentials", "credential_type")],
            "projects": [("job_templates", "project"), ("inventory_sources", "source_project")],
        }
        for other, key in users.get(collection, ()):
            if any(item[key] == number for item in self.items[other].values()):
                raise Refused(409, {"detail": f"{collection} {number} is in use."})
        del self.items[collection][number]
        for other, key in _CASCADES.get(collection, ()):
            for one in [one for one, item in self.items[other].items() if item[key] == number]:
                self._deleted(other, one)
        for linked in self.links.values():
            if number in linked:
                linked.remove(number)
        return (202 if collection == "inventories" else 204), None

    def _listed(self, collection: str, path: str, query: list[tuple[str, str]]) -> Item:
        kinds = _LAUNCHED if collection == "unified_job_templates" else (collection,)
        if not set(kinds) <= set(FIELDS):
            raise Refused(404, {"detail": "Not found."})
        found = [self._shown(kind, number) for kind in kinds for number in self.items[kind]]
        either = [(name[4:], value) for name, value in query if name.startswith("or__")]
        if either:
            found = [item for item in found if any(str(item.get(name)) == value for name, value in either)]
        for name, value in query:
            if name in ("page", "page_size") or name.startswith("or__"):
                continue
            found = [item for item in found if self._matches(collection, item, name, value)]
        return _page(found, path, query)

    def _matches(self, collection: str, item: Item, name: str, value: str) -> bool:
        field, _separator, rest = name.partition("__")
        if field not in item:
            raise Refused(400, {"detail": f"{collection} has no field {name}"})
        if rest == "startswith":
            return str(item[field]).startswith(value)
        if name == "credential_type__kind":
            return bool(self.items["credential_types"][item[field]]["kind"] == value)
        if rest:
            raise Refused(400, {"detail": f"{name} is not known here"})
        return str(item[field]) == value

    def _role(self, method: str, role: str, part: str, body: Any) -> tuple[int, Any]:
        collection, number, name = role.split(".")
        members = self.members.setdefault((collection, int(number), name), set())
        if part != "teams":
            raise Refused(404, {"detail": "Not found."})
        if method == "POST":
            (members.discard if body.get("disassociate") else members.add)(body["id"])
            return 204, None
        return 200, _page([self._shown("teams", one) for one in sorted(members)], "", [])

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
        if part == "update" and method == "POST" and collection in ("projects", "inventory_sources"):
            return 202, (self.jobs.sync if collection == "projects" else self.jobs.sync_inventory)(number)
        if part == "launch" and method == "POST" and collection == "job_templates":
            try:
                return 201, self.jobs.launch(number, body)
            except ValueError as lacking:
                raise Refused(400, {"variables_needed_to_start": lacking.args[0]}) from None
        if part not in _KINDS or (part.endswith("_nodes") and collection != "workflow_job_template_nodes"):
            raise Refused(404, {"detail": "Not found."})
        linked = self.links.setdefault((collection, number, part), [])
        if method == "POST":
            self._associate(linked, part, body)
            return 204, None
        return 200, _page([self._shown(_KINDS[part], one) for one in linked], "", [])

    def _associate(self, linked: list[int], part: str, body: Item) -> None:
        if body.get("disassociate"):
            linked.remove(body["id"])
            return
        kinds = [self.items["credentials"][one]["credential_type"] for one in linked if part == "credentials"]
        if part == "credentials" and self.items["credentials"][body["id"]]["credential_type"] in kinds:
            raise Refused(400, {"error": "Cannot assign multiple credentials of one type."})
        linked.append(body["id"])


def _page(found: list[Item], path: str, query: list[tuple[str, str]]) -> Item:
    """A page of 25, or as many as asked for, as AWX gives them."""
    asked = dict(query)
    number, size = int(asked.get("page", 1)), int(asked.get("page_size", _PAGE))
    more = len(found) > number * size
    url = f"{path}?{urlencode({**asked, 'page': number + 1})}" if more else None
    part = found[(number - 1) * size : number * size]
    return {"count": len(found), "next": url, "previous": None, "results": part}


def _handler(awx: FakeAwx) -> type[BaseHTTPRequestHandler]:
    product = "AWX" if awx.root == "/api/v2/" else "Red Hat Ansible Automation Platform"

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
                ("X-API-Product-Name", product),
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
