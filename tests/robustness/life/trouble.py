"""What goes wrong in a case: something in between, the document, lists that tell less, other actors, odd servers.

Each kind draws what it does from a source of chance; a new one is one function in KINDS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from emulator.faults.pages import PAGES

LIST, RECORD, DOCUMENT = r"/sessions/[^/?]+(\?|$)", r"/sessions/(?!logs/)[^/?]+/[^/?]+$", r"openapi"
DOWNLOAD, PAGES_OF_LOGS, TASKS = r"/logs/download", r"/logs(\?|/[a-z]+/[^/?]+(\?|$)|$)", r"/pro-api/"
_TASK_LIST = r"/v2/tasks(\?|$)"
_OTHER = {"legacy": "current", "current": "legacy"}
_CURRENT = ("current", "current-page", "current-cursor", "current-rows", "current-literal")
Row = dict[str, Any]
_STATES = ("terminating", "stopping", "killing", "termination_requested", "closing")


@dataclass
class Trouble:
    """What the emulator is told, and what a client then cannot know.

    ``blind``: a document of another generation is all that a client sees. ``stale``: it sees an old account.
    ``moved``: sessions change by themselves. ``hidden``: what a list does not tell.
    """

    faults: list[dict[str, Any]] = field(default_factory=list)
    actors: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    later: dict[str, Any] = field(default_factory=dict)  # settings after a cache has made its copy
    names: list[str] = field(default_factory=list)
    blind: bool = False
    stale: bool = False
    moved: bool = False
    longer: bool = False  # after a cache has made its copy, all logs are longer

    def add(self, other: Trouble) -> None:
        """Join another one."""
        for name in ("faults", "actors", "names"):
            getattr(self, name).extend(getattr(other, name))
        for name in ("settings", "options", "later"):
            getattr(self, name).update(getattr(other, name))
        for name in ("blind", "stale", "moved", "longer"):
            setattr(self, name, getattr(self, name) or getattr(other, name))


Draw = Callable[[Random, str], Trouble]
"""By chance and generation of the server."""


def _often(chance: Random) -> dict[str, Any]:
    """How often a rule hits."""
    often: dict[str, Any] = chance.choice(({"count": 1}, {"count": 1}, {"count": 2}, {}, {"rate": 0.5}))
    return {**often, "seed": chance.randrange(1 << 16), "skip": chance.choice((0, 0, 0, 1, 2, 4))}


def _change(chance: Random, generation: str, operation: str = "") -> dict[str, Any]:
    method = (
        "DELETE" if generation == "legacy" or operation == "delete" else chance.choice(("PATCH", "PATCH", "DELETE"))
    )
    return {"method": method}


def _place(chance: Random, generation: str) -> dict[str, Any]:
    """Which requests."""
    places: tuple[dict[str, Any], ...] = (
        {"path": DOCUMENT},
        {"method": "GET", "path": LIST},
        {"method": "GET", "path": RECORD},
        _change(chance, generation),
        _change(chance, generation),
        {"method": "GET"},
        {},
    )
    return chance.choice(places)


def a_page(chance: Random, generation: str) -> Trouble:
    """An answer of somebody else, who does not ask the service."""
    rule = {**_place(chance, generation), **_often(chance), "page": chance.choice(sorted(PAGES))}
    if "-429-" in str(rule["page"]):
        rule.update(count=3, rate=1.0)  # else a run waits for as long as it may
    return Trouble([{"kind": "page", **rule}])


def gone_says_an_ingress(chance: Random, _generation: str) -> Trouble:
    """A 404 that is not the service's, to a read of a single session."""
    pages = sorted(name for name in PAGES if name.startswith("ingress-"))
    rule = {"method": "GET", "path": RECORD, **_often(chance)}
    return Trouble([{"kind": "page", "page": chance.choice(pages), **rule}])


def a_page_after(chance: Random, generation: str) -> Trouble:
    """The service has acted; the answer is somebody else's."""
    rule = {**_change(chance, generation), **_often(chance), "before": False}
    pages = sorted(name for name in PAGES if "-429-" not in name)  # who is told so has not been heard
    return Trouble([{"kind": "page", "page": chance.choice(pages), **rule}])


def late(chance: Random, generation: str) -> Trouble:
    """An error now, and the act later."""
    page = chance.choice(("gateway-503-html", "gateway-504-html", "gateway-502-json", "gateway-503-text"))
    rule = {**_change(chance, generation), **_often(chance), "seconds": chance.uniform(0.3, 1.5)}
    return Trouble([{"kind": "late", "page": page, **rule}])


def no_length(chance: Random, generation: str) -> Trouble:
    """An answer without a length, perhaps without a body."""
    body = chance.choice((None, "empty"))
    return Trouble([{"kind": "no_length", "body": body, **_place(chance, generation), **_often(chance)}])


def cut(chance: Random, generation: str) -> Trouble:
    """Answers that are cut, empty, or not there."""
    kind = chance.choice(("truncate", "reset", "close", "empty", "no_content", "html", "bom"))
    before = chance.choice((True, False)) if kind not in ("truncate", "bom") else None
    return Trouble([{"kind": kind, "before": before, **_place(chance, generation), **_often(chance)}])


def old_answers(chance: Random, _generation: str) -> Trouble:
    """A cache that says how old its answer is, or that lets through who asks for a new one."""
    place: dict[str, Any] = chance.choice(({"path": LIST}, {"path": RECORD}, {"path": "/sessions/"}, {}))
    told = chance.random() < 0.6
    rule = {"age": chance.choice((90, 3600, 86400)), "told": told, "obeys": not told or chance.random() < 0.3}
    return Trouble([{"kind": "cached", "method": "GET", **place, **rule}], stale=True)


def an_old_document(chance: Random, generation: str) -> Trouble:
    """A cache has the document of before an upgrade, and need not say so."""
    rule = {"path": DOCUMENT, "told": chance.random() < 0.5, "age": chance.choice((60, 86400))}
    dialect = "current" if generation == "current" else "legacy"
    before = _OTHER[generation] if generation == "current" else dialect
    return Trouble(
        [{"kind": "cached", **rule}], settings={"document_of": before}, later={"document_of": ""}, blind=True
    )


def an_upgrade(chance: Random, generation: str) -> Trouble:
    """After some requests, nodes of the other generation answer."""
    dialect = chance.choice(_CURRENT[:1]) if generation == "legacy" else "legacy"
    return Trouble([{"kind": "node", "dialect": dialect, "skip": chance.randint(0, 14)}], blind=True)


def wrong_document(chance: Random, generation: str) -> Trouble:
    """The document of another generation, none, or none that can be read."""
    options: tuple[tuple[dict[str, Any], bool], ...] = (
        ({"document_of": _OTHER[generation]}, True),
        ({"document": "missing"}, False),
        ({"document": "broken"}, False),
        ({"document": "html"}, False),
    )
    settings, blind = chance.choice(options)
    return Trouble(settings=settings, blind=blind)


def busy_document(chance: Random, generation: str) -> Trouble:
    """The document is refused, and a proxy does not let the method of a change through."""
    status = chance.choice((401, 403, 429, 500, 503, 503))
    rules: list[dict[str, Any]] = [{"kind": "status", "status": status, "path": DOCUMENT, **_often(chance)}]
    if chance.random() < 0.6:
        page = chance.choice(("proxy-405-html", "proxy-405-json", "ingress-404-html", "waf-403-html", "proxy-501-html"))
        method = "DELETE" if generation == "legacy" else "PATCH"
        rules.append({"kind": "page", "page": page, "method": method, **_often(chance)})
    return Trouble(rules)


def a_given_generation(chance: Random, _generation: str) -> Trouble:
    """The user says which generation it is, rightly or wrongly."""
    made = Trouble(options={"api_generation": chance.choice(("legacy", "legacy", "current"))}, blind=False)
    if chance.random() < 0.6:
        made.settings["document"] = chance.choice(("missing", "html", "broken"))
    return made


def cookies(chance: Random, _generation: str) -> Trouble:
    """Cookies, which nobody should send back."""
    return Trouble([{"kind": "cookie", "sees": chance.choice(("csrf", "guest"))}])


def partial_lists(chance: Random, _generation: str) -> Trouble:
    """Records of lists that lack fields, name them in another way, or write values in another case."""
    settings: dict[str, Any] = {
        "list_omit": chance.sample(
            ["owner", "owner_user", "environment", "app_name", "app_version", "created_at", "state"], 2
        )
        if chance.random() < 0.7
        else [],
        "list_case": chance.choice(("", "", "upper", "lower", "title")),
    }
    if "owner" in settings["list_omit"]:
        settings["list_omit"] += ["owner_user", "owner_environment"]
    if chance.random() < 0.3:
        settings["list_names"] = chance.choice(({"owner": "createdBy"}, {"app_name": "application"}, {"owner": "user"}))
    return Trouble(settings=settings)


def refuses_ended_ones(chance: Random, _generation: str) -> Trouble:
    """What the service says to the end of a session that has ended, while others end them."""
    error = [chance.choice((400, 405, 409, 422)), "Cannot terminate session in state 'Finished' [error 1064]"]
    rule = {"kind": "end", "path": RECORD, "when": "after", **_often(chance)}
    return Trouble(actors=[rule], settings={"terminate_error": error}, moved=True)


def others(chance: Random, _generation: str) -> Trouble:
    """Somebody else ends sessions, removes them, gives their ids to others, or starts new ones.

    Between the last read and the change nobody can see anything, so a session passes to another only before a read.
    """
    kind = chance.choice(("end", "ending", "reuse", "reown", "remove", "start"))
    rule: dict[str, Any] = {"kind": kind, **_often(chance)}
    if chance.random() < 0.5:
        rule.update(path=LIST, when="after")
    else:
        rule.update(method="GET", path=RECORD, when="before")
    if kind == "ending":
        rule.update(state=chance.choice(_STATES), seconds=chance.choice((0.2, 0.6, 1.5)))
    return Trouble(actors=[rule], moved=True)


def ids_of_others(chance: Random, _generation: str) -> Trouble:
    """After a list was read, some of the ids are those of other sessions, or the sessions are another user's."""
    kind = chance.choice(("reuse", "reown"))
    rules = [
        {"kind": kind, "path": LIST, "when": "after", "count": 1, "seed": chance.randrange(1 << 16)} for _n in range(4)
    ]
    return Trouble(actors=rules, moved=True)


def odd_server(chance: Random, _generation: str) -> Trouble:
    """A service with habits of its own."""
    settings: tuple[dict[str, Any], ...] = (
        {"end_delay": chance.uniform(0.2, 1.5)},
        {"terminate_ignored": True},
        {"ignore_paging": True},
        {"ignore_filters": True},
        {"wrong_total": chance.choice((-1, 1, 40))},
        {"date_offset": chance.choice((-86400, -3600, 3600, 86400, 400_000))},
        {"date_header": chance.choice(("drop", "malformed"))},
        {"rate_limit": 20.0, "rate_burst": 4},
        {"page_cap": 2},
        {"gzip": True},
    )
    return Trouble(settings=chance.choice(settings))


def not_the_log(chance: Random, _generation: str) -> Trouble:
    """Something else than the log, or a part of it, with a good status."""
    place = chance.choice((DOWNLOAD, DOWNLOAD, DOWNLOAD, PAGES_OF_LOGS, r"/logs"))
    values: list[Any] = [None, {}, {"errorId": "NotFound", "message": "no log"}]
    values += [[]] if place == DOWNLOAD else []
    kinds: tuple[dict[str, Any], ...] = (  # an empty list may be a page of an empty log
        {"kind": "wrong_json", "value": chance.choice(values)},
        {"kind": "empty"},
        {"kind": "html"},
        {"kind": "truncate"},
        {"kind": "bom"},
        {"kind": "page", "page": chance.choice(sorted(name for name in PAGES if "-429-" not in name))},
    )
    return Trouble([{"method": "GET", "path": place, **chance.choice(kinds), **_often(chance)}])


def a_short_log(_chance: Random, _generation: str) -> Trouble:
    """The download comes from a cache that does not say so; the pages have more lines."""
    return Trouble([{"kind": "cached", "method": "GET", "path": DOWNLOAD, "told": False}], longer=True)


def no_logs(chance: Random, _generation: str) -> Trouble:
    """The service gives no log at all."""
    return Trouble(settings={"logs_status": chance.choice((404, 404, 404, 403, 500))})


def tasks_untold(chance: Random, _generation: str) -> Trouble:
    """The service tells nothing of tasks, or not of whom they are."""
    settings: tuple[dict[str, Any], ...] = (
        {"tasks_status": chance.choice((403, 404, 500, 503))},
        {"task_missing": True},
        {"task_session_field": ""},
        {"task_session_field": "session.id"},
    )
    return Trouble(settings=chance.choice(settings))


def tasks_in_between(chance: Random, _generation: str) -> Trouble:
    """Something answers for the service of the tasks, or what it is asked for comes to nothing, or late."""
    if chance.random() < 0.3:
        return Trouble(settings=chance.choice(({"interrupt_ignored": True}, {"interrupt_delay": 1.2})))
    page = chance.choice(sorted(name for name in PAGES if "-429-" not in name))
    place: dict[str, Any] = chance.choice(({"method": "PUT"}, {"method": "GET"}, {}))
    kind: dict[str, Any] = chance.choice(({"kind": "page", "page": page}, {"kind": "reset"}, {"kind": "no_content"}))
    before = chance.choice((True, False))
    return Trouble([{"path": TASKS, **kind, **place, "before": before, **_often(chance)}])


def deletions_in_between(chance: Random, _generation: str) -> Trouble:
    """Something answers a deletion or a read of a task, before or after the service has acted."""
    page = chance.choice(sorted(name for name in PAGES if "-429-" not in name))
    place: dict[str, Any] = chance.choice(({"method": "DELETE"}, {"method": "DELETE"}, {"method": "GET"}, {}))
    kinds: tuple[Row, ...] = ({"kind": "page", "page": page}, {"kind": "reset"}, {"kind": "close"}, {"kind": "html"})
    return Trouble(
        [{"path": TASKS, **chance.choice(kinds), **place, "before": chance.random() < 0.5, **_often(chance)}]
    )


def old_tasks(chance: Random, _generation: str) -> Trouble:
    """A cache of what is told of tasks, after which their sessions change."""
    told = chance.random() < 0.6
    rule = {"age": chance.choice((90, 3600, 86400)), "told": told, "obeys": not told or chance.random() < 0.3}
    path = chance.choice((_TASK_LIST, TASKS))
    return Trouble([{"kind": "cached", "method": "GET", "path": path, **rule}], stale=True)


def tasks_of_others(chance: Random, _generation: str) -> Trouble:
    """After the list was read, some tasks are another user's."""
    rule = {"kind": "reown", "path": _TASK_LIST, "when": "after", "count": 1}
    return Trouble(actors=[{**rule, "seed": chance.randrange(1 << 16)} for _number in range(3)], moved=True)


KINDS: dict[str, tuple[Draw, int]] = {
    "a page": (a_page, 6),
    "a page after the act": (a_page_after, 4),
    "gone, says an ingress": (gone_says_an_ingress, 2),
    "late": (late, 2),
    "no length": (no_length, 2),
    "cut": (cut, 2),
    "old answers": (old_answers, 3),
    "an old document": (an_old_document, 2),
    "an upgrade": (an_upgrade, 2),
    "a wrong document": (wrong_document, 3),
    "a busy document": (busy_document, 3),
    "a given generation": (a_given_generation, 2),
    "cookies": (cookies, 1),
    "partial lists": (partial_lists, 5),
    "ended ones refused": (refuses_ended_ones, 2),
    "others": (others, 5),
    "ids of others": (ids_of_others, 2),
    "an odd server": (odd_server, 3),
}
"""Name, function and weight."""
_OF_LOGS: dict[str, tuple[Draw, int]] = {
    "not the log": (not_the_log, 24), "a short log": (a_short_log, 8), "no logs": (no_logs, 6),
}  # fmt: skip
_OF_TASKS: dict[str, tuple[Draw, int]] = {
    "tasks untold": (tasks_untold, 10), "tasks in between": (tasks_in_between, 20),
}  # fmt: skip
_OF_DELETIONS: dict[str, tuple[Draw, int]] = {
    "tasks untold": (tasks_untold, 2), "deletions in between": (deletions_in_between, 6), "old tasks": (old_tasks, 3),
    "tasks of others": (tasks_of_others, 3), "cut": (cut, 1), "an odd server": (odd_server, 2),
}  # fmt: skip
ONLY = dict.fromkeys(("delete tasks", "plan of tasks"), _OF_DELETIONS)
"""All kinds that cases of these ways to start have."""
MORE = {
    **dict.fromkeys(("archive", "retention", "retention role"), _OF_LOGS),
    **dict.fromkeys(("gentle", "interrupt"), _OF_TASKS),
}
"""Kinds that only cases of these ways to start have."""


def draw(chance: Random, generation: str, only: str = "", entry: str = "") -> Trouble:
    """One kind of trouble, or two or three of them together; ``only`` this one, or `none`."""
    made = Trouble()
    kinds = ONLY.get(entry) or {**KINDS, **MORE.get(entry, {})}
    weights = [weight for _draw, weight in kinds.values()]
    names = [only] if only else chance.choices(list(kinds), weights, k=chance.choice((1, 1, 1, 2, 2, 3)))
    for name in dict.fromkeys(name for name in names if name in kinds):
        made.add(kinds[name][0](chance, generation))
        made.names.append(name)
    return made
