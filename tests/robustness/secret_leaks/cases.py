"""The cases: a part of the collection, a situation, the tasks that cause it, and a check that it occurred."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .bench import (
    DELETE,
    INFO,
    INTERRUPT,
    KEY_INFO,
    LOG_DOWNLOAD,
    LOG_INFO,
    LOOKUP,
    MODULES,
    TASK_DELETE,
    TASK_INFO,
    TERMINATE,
    TOLERANT,
    USER_INFO,
    Bench,
    Task,
)
from .telling import LOGS, REFUSALS

Row = dict[str, Any]


@dataclass
class Seen:
    """What is known of a case after its run: results of its tasks, requests, and other facts."""

    rows: list[Row]
    hits: int
    texts: dict[str, str]

    @property
    def failed(self) -> bool:
        """Whether one of its tasks failed."""
        return any(row["outcome"] == "failed" for row in self.rows)

    @property
    def ok(self) -> bool:
        """Whether its tasks ran and none failed."""
        return bool(self.rows) and not self.failed

    def tells(self, word: str) -> bool:
        """Whether a result contains a word."""
        return any(word in str(row["result"]) for row in self.rows)


Build = Callable[[Bench, str], list[Task]]
Proof = Callable[[Seen], bool]


@dataclass(frozen=True)
class Case:
    """``always``: part of every run, whatever its size."""

    part: str
    situation: str
    build: Build
    happened: Proof
    ways: tuple[str, ...] = ()
    always: bool = False


def failed(seen: Seen) -> bool:
    """A task failed."""
    return seen.failed


def ok(seen: Seen) -> bool:
    """All tasks succeeded."""
    return seen.ok


def refused(seen: Seen) -> bool:
    """It failed, and sent no request."""
    return seen.failed and seen.hits == 0


def asked(seen: Seen) -> bool:
    """It failed after a request."""
    return seen.failed and seen.hits > 0


BACKGROUND: dict[str, Any] = {"async": 60, "poll": 0}


def _simple(part: str, behaviour: str = "", **keywords: Any) -> Build:
    def build(bench: Bench, mark: str) -> list[Task]:
        url = bench.parrot.url(behaviour, mark) if behaviour else ""
        if part == LOOKUP:
            return [bench.template(mark, bench.query(url), **keywords)]
        return [bench.module(mark, part, url, **keywords)]

    return build


def every_part() -> Iterator[Case]:
    """Each module and the lookup: with success, and refused by a server that echoes the key."""
    for number, part in enumerate((*MODULES, LOOKUP)):
        yield Case(part, "ok", _simple(part), ok, always=True)
        for order, status in enumerate((401, 403, 404, 409, 429, 500, 503)):
            # 404 means "already gone" to some of them
            proof = asked if status != 404 and part not in TOLERANT else _taken
            yield Case(part, f"fail {status}", _simple(part, str(status)), proof, always=order == number % 2)


def _taken(seen: Seen) -> bool:
    return bool(seen.rows) and seen.hits > 0


ODD = ("redirect", "page", "text", "short", "line", "code", "chunk", "coding", "length", "wait", "cut",
       *(f"form/{number}" for number in range(6)))  # fmt: skip


def odd_answers() -> Iterator[Case]:
    """Answers with the key in unexpected places."""
    for number, behaviour in enumerate(ODD):
        for part in (INFO, LOOKUP, LOG_DOWNLOAD, TASK_INFO):
            name, _slash, form = behaviour.partition("/")

            def build(bench: Bench, mark: str, part: str = part, name: str = name, form: str = form) -> list[Task]:
                url = bench.parrot.url(name, mark) + (f"/{form}" if form else "")
                if part == LOOKUP:
                    return [bench.template(mark, bench.query(url))]
                return [bench.module(mark, part, url)]

            proof = asked if part != LOG_DOWNLOAD else _taken  # any text can be a log
            yield Case(part, f"server echoes: {behaviour}", build, proof, always=number < 2 and part == INFO)


_FIRST = ("plain", "gzip", "utf-16", "nul", "message")


def told() -> Iterator[Case]:
    """A service that tells a secret in all its texts, in a log of each encoding, and in each form of a refusal."""
    for name in (*LOGS, *REFUSALS):
        refuses = name in REFUSALS
        for part in (*MODULES, LOOKUP) if refuses or name == "plain" else (LOG_DOWNLOAD, LOG_INFO):
            proof: Proof = asked if refuses and part not in TOLERANT else _taken
            yield Case(part, f"told: {name}", _of_told(part, name), proof, always=name in _FIRST)


def _of_told(part: str, name: str) -> Build:
    def build(bench: Bench, mark: str) -> list[Task]:
        url = bench.parrot.url("tells", f"{mark}/{name}")
        if part == LOOKUP:
            return [bench.template(mark, bench.query(url))]
        named = {"kinds": ["task"], "session_ids": ["s1"]}
        given: dict[str, dict[str, Any]] = {
            INFO: {"include_raw": True},
            TASK_INFO: {"include_raw": True, "include_log": True, "include_response": True},
            TERMINATE: {**named, "interrupt_tasks": "solve", "grace_period": "1s", "wait_timeout": "1s"},
            DELETE: {**named, "force": True, "wait_timeout": "1s"},
            TASK_DELETE: {"task_ids": ["s1"], "wait_timeout": "1s", "archive_dir": str(bench.folder / "logs" / mark)},
            INTERRUPT: {"session_ids": ["s1"], "wait_timeout": "1s"},
            LOG_INFO: {"kind": "task", "session_id": "s1"},
            USER_INFO: {"owners": ["admin@ROOT"]},
            KEY_INFO: {},
            LOG_DOWNLOAD: {"kind": "task", "session_ids": ["s1"], "dest": str(bench.folder / "logs" / mark)},
        }
        return [bench.module(mark, part, url, given[part])]

    return build


def _document(bench: Bench, mark: str) -> list[Task]:
    given = {"server_filters": {"colour": "red"}}
    url = bench.parrot.url("document", mark)
    return [bench.module(mark, INFO, url, given), bench.template(mark, bench.query(url, **given))]


def _until(bench: Bench, mark: str) -> list[Task]:
    return [bench.module(mark, INFO, bench.parrot.url("500", mark), until=f"{mark} is success", retries=1, delay=0)]


def _until_lookup(bench: Bench, mark: str) -> list[Task]:
    task = bench.template(mark, bench.query(bench.parrot.url("401", mark)))
    return [{**task, "until": f"{mark} is success", "retries": 1, "delay": 0}]


def _own_retries(bench: Bench, mark: str) -> list[Task]:
    url = bench.parrot.url("503", mark)
    return [bench.module(mark, INFO, url, {"retries": 2}), bench.template(mark, bench.query(url, retries=1))]


def _loop(bench: Bench, mark: str) -> list[Task]:
    task = bench.module(mark, INFO, "{{ item }}", {}, loop=[bench.emulator.url, bench.parrot.url("401", mark)])
    return [task, bench.template(mark, bench.query(bench.parrot.url("401", mark)) + " | length", loop=[1, 2])]


def _rescue(bench: Bench, mark: str) -> list[Task]:
    show = {"name": f"{mark} show", "ansible.builtin.debug": {"msg": "{{ ansible_failed_result }}"}}
    block = [bench.module(mark, TERMINATE, bench.parrot.url("403", mark)) | {"ignore_errors": False}]
    lookup = [bench.template(mark, bench.query(bench.parrot.url("403", mark))) | {"ignore_errors": False}]
    return [{"name": f"{mark} block", "block": tasks, "rescue": [show]} for tasks in (block, lookup)]


def _rescued(seen: Seen) -> bool:
    return seen.failed and sum(row["task"].endswith("show") for row in seen.rows) == 2


def _inside(bench: Bench, mark: str) -> list[Task]:
    """The lookup fails in a module option, in a condition, in a variable, and with each way to ignore the failure."""
    bad = bench.query(bench.parrot.url("401", mark))
    given = {"kind": "webui", "session_id": "{{ " + bad + "[0].id }}"}
    quiet = bad.replace("query(", "lookup(")[:-1]
    return [
        bench.module(mark, LOG_INFO, "", given),
        bench.template(mark, "1", when=f"{bad} | length > 0"),
        {"name": f"{mark} fact", "ansible.builtin.set_fact": {f"fact_{mark}": "{{ " + bad + " }}"}},
        bench.template(mark, f"{quiet}, errors='warn')"),
        bench.template(mark, f"{quiet}, errors='ignore')"),
    ]


def _warned(seen: Seen) -> bool:
    return any(row["result"].get("warnings") for row in seen.rows) or "[WARNING]" in seen.texts.get(
        "standard error", ""
    )


def _warn(bench: Bench, mark: str) -> list[Task]:
    for kind in ("solve", "task"):
        bench.echoes(kind=kind, overrides={"state": f"odd{bench.key}", "created_at": "2025-01-01T00:00:00"})
    given = {"older_than": "1h"}
    tasks = [bench.module(mark, INFO, "", given), bench.module(mark, TERMINATE, "", {"older_than": "900d"})]
    return [*tasks, bench.module(mark, TASK_INFO, "", {}), bench.template(mark, bench.query("", **given) + " | length")]


def special() -> Iterator[Case]:
    """Other situations."""
    yield Case(INFO, "key in the server's document", _document, asked)
    yield Case(INFO, "retry: until", _until, lambda seen: seen.failed and seen.hits >= 2, always=True)
    yield Case(LOOKUP, "retry: until", _until_lookup, lambda seen: seen.failed and seen.hits >= 1)
    yield Case(INFO, "retry: own", _own_retries, lambda seen: seen.failed and seen.hits >= 5, always=True)
    yield Case(INFO, "loop", _loop, lambda seen: asked(seen) and seen.tells("results"))
    yield Case(TERMINATE, "block and rescue", _rescue, _rescued, always=True)
    yield Case(LOOKUP, "inside other tasks", _inside, asked, always=True)
    yield Case(INFO, "warn", _warn, _warned, always=True)
    for part, word in (
        (TERMINATE, "would_"),
        (DELETE, "would_delete"),
        (LOG_DOWNLOAD, "path"),
        (INTERRUPT, "would_interrupt"),
        (TASK_DELETE, "would_delete"),
    ):
        proof: Proof = lambda seen, word=word: seen.ok and seen.tells(word)  # type: ignore[misc]  # noqa: E731  word is bound here
        yield Case(part, "check mode", _simple(part, check_mode=True), proof)
        yield Case(part, "diff", _simple(part, diff=True), ok)
    for part in (INFO, LOG_DOWNLOAD, TASK_INFO, LOOKUP):
        yield Case(part, "dead host", _at("closed", part), failed)
        yield Case(part, "TLS failure", _at("tls", part), failed)
        yield Case(part, "proxy that refuses", _at("proxied", part), failed, always=part == INFO)


def _at(place: str, part: str) -> Build:
    def build(bench: Bench, mark: str) -> list[Task]:
        url = "https://acme.invalid" if place == "proxied" else str(getattr(bench.parrot, place))
        return [bench.template(mark, bench.query(url)) if part == LOOKUP else bench.module(mark, part, url)]

    return build


def asynchronous() -> Iterator[Case]:
    """Asynchronous tasks; a run waits for all of them at its end (see ``runs``)."""
    for number, part in enumerate(MODULES):
        yield Case(part, "async, ok", _simple(part, **BACKGROUND), _finished, always=number == 0)
        build = _simple(part, "401", **BACKGROUND)
        yield Case(part, "async, fail", build, lambda seen: _finished(seen) and seen.hits > 0, always=number == 1)


def _finished(seen: Seen) -> bool:
    return "async file" in seen.texts and any(
        row["task"].endswith("wait") and row["result"].get("finished") for row in seen.rows
    )


def unexpected() -> Iterator[Case]:
    """Cases for a collection with an unexpected error that contains the key (see ``broken``)."""
    for part in (*MODULES, LOOKUP):
        yield Case(part, "unexpected exception", _simple(part, "401"), _broke, always=True)
    for part in (INFO, TERMINATE):
        build = _simple(part, "401", **BACKGROUND)
        yield Case(part, "unexpected exception, async", build, _broke, always=part == INFO)
    yield Case(LOOKUP, "unexpected exception, inside", _inside, _broke)


def _broke(seen: Seen) -> bool:
    return "broke" in seen.texts and seen.hits == 0
