# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server can do, read from its document. Proves rule 22: DELETE is never taken for 'terminate' by mistake."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, UnsupportedError
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import default_routes, routes_from

BASE = "/pro/session-manager/v1"
LIST, ONE, END = "/sessions/{kind}", "/sessions/{kind}/{id}", "/sessions/{kind}/{id}/terminate"
KIND = {"name": "kind", "in": "path", "schema": {"type": "string", "enum": ["webui", "task"]}}
GET = {"get": {"responses": {}}}
LEGACY = {LIST: GET, ONE: {**GET, "delete": {"responses": {}}}}
CURRENT = {**LEGACY, END: {"patch": {"responses": {}}}}


def service(paths, server=BASE):
    document = Document({"openapi": "3.0.0", "servers": [{"url": server}], "paths": paths})
    return routes_from(document)


def routes(paths, kind="webui", server=BASE):
    """Method and path of every operation for one session."""
    found = service(paths, server)
    shown = {}
    for operation in ("list", "get", "terminate", "delete"):
        try:
            shown[operation] = f"{found.route(operation, kind).method} {found.path(operation, kind, 'ID')}"
        except UnsupportedError:
            shown[operation] = None
    return shown


def test_the_legacy_generation_has_no_terminate():
    assert routes(LEGACY) == {
        "list": f"GET {BASE}/sessions/webui",
        "get": f"GET {BASE}/sessions/webui/ID",
        "terminate": None,
        "delete": f"DELETE {BASE}/sessions/webui/ID",
    }


@pytest.mark.parametrize(
    ("servers", "prefix"),
    [
        (None, "/v1"),
        (None, "/session-manager/v1"),
        (None, "/pro/session-manager/v1"),
        (None, ""),
        ("/", "/v1"),
        ("/v1", ""),
        ("http://inner:8080/session-manager", "/v1"),
        ("https://acme.aimms.cloud/pro", "/session-manager/v1"),
        ("https://acme.aimms.cloud/a/pro/session-manager/v1", ""),
        ("/api", "/v1"),
        ("/api", ""),
    ],
)
def test_a_proxy_that_strips_the_begin_of_paths(servers, prefix):
    tree = {"openapi": "3.0.0", "paths": {f"{prefix}{path}": entry for path, entry in CURRENT.items()}}
    found = routes_from(Document({**tree, **({"servers": [{"url": servers}]} if servers else {})}))
    assert found.path("list", "webui") == f"{BASE}/sessions/webui"
    assert found.path("terminate", "webui", "ID") == f"{BASE}/sessions/webui/ID/terminate"
    assert found.others == ()


@pytest.mark.parametrize(("prefix", "full"), [("/v2", "/pro/session-manager/v2"), ("/vx", f"{BASE}/vx")])
def test_another_version_is_the_documents(prefix, full):
    found = routes_from(Document({"openapi": "3.0.0", "paths": {f"{prefix}{LIST}": GET}}))
    assert found.path("list", "webui") == f"{full}/sessions/webui"


def test_the_current_generation_ends_by_patch():
    assert service(CURRENT).kinds == ("webui", "task", "solve", "external", "verify")
    assert routes(CURRENT, "solve")["terminate"] == f"PATCH {BASE}/sessions/solve/ID/terminate"


@pytest.mark.parametrize("method", ["patch", "post", "put"])
def test_the_method_is_the_documents(method):
    assert routes({**LEGACY, END: {method: {"responses": {}}}})["terminate"].startswith(method.upper())


def test_of_several_methods_patch_is_taken():
    every = {"put": {"responses": {}}, "post": {"responses": {}}, "patch": {"responses": {}}}
    assert routes({**LEGACY, END: every})["terminate"].startswith("PATCH")


def test_terminate_for_some_kinds_only_leaves_the_others_without():
    paths = {**LEGACY, "/sessions/webui/{id}/terminate": {"patch": {"responses": {}}}}
    assert routes(paths, "webui")["terminate"] == f"PATCH {BASE}/sessions/webui/ID/terminate"
    assert routes(paths, "task")["terminate"] is None
    with pytest.raises(UnsupportedError, match="no 'terminate' for task"):
        service(paths).route("terminate", "task")


def test_a_document_without_delete_offers_none():
    assert routes({LIST: GET, ONE: GET})["delete"] is None


def test_kinds_by_their_own_paths_as_the_server_spells_them():
    paths = {"/sessions/WebUI": GET, "/sessions/WebUI/{id}": GET, "/sessions/task": GET, "/sessions/other": GET}
    assert service(paths).kinds == ("webui", "task")
    assert routes(paths, "webui")["get"] == f"GET {BASE}/sessions/WebUI/ID"
    assert routes(paths, "task")["get"] is None


def test_kinds_from_the_values_that_the_document_allows():
    listed = {"get": {"parameters": [KIND]}}
    assert service({**CURRENT, LIST: listed}).kinds == ("webui", "task")
    assert service({**CURRENT, LIST: listed}).sure_kinds
    assert not service(CURRENT).sure_kinds


def test_the_kinds_asked_for_must_be_the_servers():
    legacy = service({**LEGACY, LIST: {"get": {"parameters": [KIND]}}})
    assert legacy.checked_kinds(None) == ("webui", "task")
    assert legacy.checked_kinds(["task", "task"]) == ("task",)
    for missing in (["webui", "solve"], ["external", "solve"]):
        with pytest.raises(OptionError, match=r"has no .* sessions.*webui, task"):
            legacy.checked_kinds(missing)


@pytest.mark.parametrize("wanted", [["external"], ["verify", "task"]])
def test_what_has_no_list_of_its_own_may_stand_in_any(wanted):
    assert service({**CURRENT, LIST: {"get": {"parameters": [KIND]}}}).checked_kinds(wanted) == ("webui", "task")


@pytest.mark.parametrize(
    ("server", "path"),
    [
        (BASE, LIST),
        (f"https://acme.aimms.cloud{BASE}/", LIST),
        ("https://{account}.aimms.cloud" + BASE, LIST),
        ("/", BASE + LIST),
        ("/pro", "/session-manager/v1" + LIST),
        ("https://acme.aimms.cloud", BASE + LIST),
        ("", LIST),
        (f"https://evil.example/other{BASE}", LIST),
    ],
)
def test_where_the_path_begins(server, path):
    assert routes({path: GET}, server=server)["list"] == f"GET {BASE}/sessions/webui"


def test_another_version_of_the_path_is_the_documents():
    assert routes({LIST: GET}, server="/pro/session-manager/v2")["list"] == "GET /pro/session-manager/v2/sessions/webui"


@pytest.mark.parametrize(
    "path", ["/../../x/sessions/{kind}", "/a%2f..%2fb/sessions/{kind}", "/a?b/sessions/{kind}", "/{x}/sessions/{kind}"]
)
def test_a_path_that_leads_elsewhere_is_left_out(path):
    assert service({path: GET}) is None


@pytest.mark.parametrize(
    "paths", [{}, {ONE: GET}, {"/tasks": GET}, {"/sessions": GET}, {"/sessions/{kind}": {"post": {"a": 1}}}]
)
def test_a_document_without_a_list_of_sessions_describes_nothing(paths):
    assert service(paths) is None


def test_the_parameters_of_a_list_are_its_paging_and_its_filters():
    names = [("offset", "integer"), ("limit", "integer"), ("app_name", "string"), ("state", "string")]
    parameters = [{"name": name, "in": "query", "schema": {"type": kind}} for name, kind in names]
    found = service({LIST: {"get": {"parameters": [KIND, *parameters, {"name": "h", "in": "header"}]}}})
    route = found.route("list", "webui")
    assert (route.pagination.style, route.pagination.position) == ("offset", "offset")
    assert [parameter.name for parameter in route.filters] == ["app_name", "state"]
    found.check_filters("webui", ["app_name"])
    for name in ("offset", "limit", "h", "kind", "appName", ""):
        with pytest.raises(OptionError, match="app_name, state"):
            found.check_filters("webui", [name])


def test_without_filters_in_the_document_none_can_be_sent():
    with pytest.raises(OptionError, match="names none"):
        service(LEGACY).check_filters("webui", ["x"])
    with pytest.raises(OptionError, match="No document could be read"):
        default_routes(None).check_filters("webui", ["x"])


def test_whether_terminate_needs_a_body():
    needs = {"patch": {"requestBody": {"required": True, "content": {}}}}
    assert service({**LEGACY, END: needs}).route("terminate", "task").needs_body
    assert not service(CURRENT).route("terminate", "task").needs_body


@pytest.mark.parametrize(
    ("generation", "kinds", "logs"),
    [
        (None, ("webui", "task", "solve", "external", "verify"), ["/sessions/task/ID/logs", "/sessions/logs/task/ID"]),
        ("current", ("webui", "task", "solve", "external", "verify"), ["/sessions/task/ID/logs"]),
        ("legacy", ("webui", "task"), ["/sessions/logs/task/ID"]),
    ],
)
def test_without_a_document_the_vendors_routes(generation, kinds, logs):
    found = default_routes(generation)
    assert (found.kinds, found.documented) == (kinds, False)
    assert found.path("list", "task") == f"{BASE}/sessions/task"
    assert found.path("get", "task", "ID") == f"{BASE}/sessions/task/ID"
    assert found.path("terminate", "task", "ID") == f"{BASE}/sessions/task/ID/terminate"
    assert [route.path("task", "ID") for route in found.log_routes("task")] == [BASE + path for path in logs]
    assert found.offers("download", "task") == (generation != "legacy")


@pytest.mark.parametrize(
    ("path", "does", "kind"),
    [
        ("/sessions/{kind}/{id}/logs", "logs", "webui"),
        ("/sessions/logs/{kind}/{id}", "logs as legacy", "webui"),
        ("/sessions/{sessionType}/{guid}/logs/download", "download", "solve"),
        ("/sessions/task/{id}/Logs", "logs", "task"),
        ("/sessions/logs/task/{sid}", "logs as legacy", "task"),
        ("/v2/sessions/{a}/{b}/uri", "uri", "webui"),
    ],
)
def test_what_hangs_on_a_session_is_found(path, does, kind):
    found = service({LIST: GET, path: GET})
    assert found.offers(does, kind)
    filled = path.replace("{sessionType}", "{kind}").replace("{a}", "ID").replace("{b}", "openapi")
    for placeholder in ("{id}", "{guid}", "{sid}"):
        filled = filled.replace(placeholder, "ID")
    assert found.route(does, kind).path(kind, "ID", "openapi") == BASE + filled.replace("{kind}", kind)


@pytest.mark.parametrize(
    "path",
    ["/sessions/{kind}/logs", "/sessions/{kind}/{id}/logs/{line}", "/sessions/{id}/uri", "/sessions/{kind}/{id}/files"],
)
def test_other_paths_below_a_session_are_left_out(path):
    assert set(service({LIST: GET, path: GET}).by_operation) == {("list", "*")}


def test_a_document_without_a_log_offers_none():
    with pytest.raises(UnsupportedError, match="offers no 'logs' for webui"):
        service(CURRENT).log_routes("webui")
