# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold for whatever a server sends: each check returns what is wrong, or None.

What a time means is told here a second time, by what the strategies know of it, not by the code that is tested.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.generations import generation_of
from ansible_collections.aimms.cloud.plugins.module_utils.decoding import strict_json
from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_yaml import yaml_in
from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.http import retry
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page, open_list
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import lines_from
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS, Session, checked_id
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.address import address_in
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Document, UnreadableDocument
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.records import open_record
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.routes import Routes, routes_from
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria, decide
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

NOW = 1795521600.0
"""2026-11-24, noon."""
LIMIT = 8 * 3600
_SKEW = 600
_CREATION = frozenset("createdat creationtime created datecreated submittedat creation".split())
_SUREST = frozenset({"createdat", "created", "datecreated"})
"""Where the first of these tells a time, no other name counts."""
_TIME = re.compile(r"\A\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII)
_OPTIONAL = (str, type(None))
_TYPES: dict[str, Any] = {
    "id": str,
    "kind": str,
    "state": str,
    "app_name": _OPTIONAL,
    "app_version": _OPTIONAL,
    "owner": _OPTIONAL,
    "created_at": (Instant, type(None)),
    "started_at": (Instant, type(None)),
    "ended_at": (Instant, type(None)),
    "message": str,
}


def session_fault(record: Mapping[str, Any]) -> Optional[str]:
    """The parser of sessions: no exception, the types that are documented, the same each time, and no id made up."""
    session = Session.from_record(record, "webui")
    if session != Session.from_record(dict(record), "webui"):
        return "read twice, it is another session"
    if session is None:
        return None
    for name, kind in _TYPES.items():
        if not isinstance(getattr(session, name), kind):
            return f"{name} is a {type(getattr(session, name)).__name__}"
    types = {str(value).lower()[:64] for value in map(_trimmed, _scalars(record))}
    if session.kind not in {*KINDS, *types} or session.state != session.state.lower() or session.raw is not record:
        return "kind, state or raw is wrong"
    if session.id not in {str(value).strip() for value in _scalars(record)}:
        return "its id is nowhere in the record"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", session.id, re.ASCII) and not _refused(session.id):
        return "an id that is none would be put in a path"
    return _shown(session)


def _shown(session: Session) -> Optional[str]:
    shown = session.as_dict(NOW)
    json.dumps(shown, allow_nan=False)
    times = [shown[name] for name in ("created_at", "started_at", "ended_at") if shown[name] is not None]
    if (
        tuple(shown) != FIELDS
        or not all(map(_TIME.match, times))
        or not isinstance(shown["age_seconds"], (int, type(None)))
    ):
        return "as a result it is not as documented"
    return None


def stale_fault(record: Mapping[str, Any], skew: int = 0) -> Optional[str]:
    """Rule 19: what is old is old by both clocks, and by a time of creation that is one, under its surest name."""
    session = Session.from_record(record, "webui")
    if session is None:
        return None
    running = replace(session, state="running")
    clock = Clock(NOW + skew, NOW)
    for age_from, began in (("created", session.created_at), ("started", session.started_at)):
        chosen = decide([running], Criteria(older_than=LIMIT, age_from=age_from), clock).selected
        if chosen and (began is None or not _old(began.seconds, began.assumed_utc, skew)):
            return f"stale by {began}"
    if decide([running], Criteria(older_than=LIMIT), clock).selected:
        told = [(name in _SUREST, _truth(value)) for name, value in _leaves(record) if name in _CREATION]
        if not any(truth and _old(*truth, skew) for _sure, truth in told):
            return f"stale, though no time of creation is old: {dict(record)!r}"
        surest = next((truth for sure, truth in told if sure), None)
        if surest and not _old(*surest, skew):
            return f"stale, though the surest time of creation is not old: {dict(record)!r}"
    return None


def whole_fault(pair: tuple[Mapping[str, Any], Mapping[str, Any]]) -> Optional[str]:
    """A record that is as it should be is read as it is, and what is old in it is found to be."""
    record, told = pair
    session = Session.from_record(record, "solve")
    if session is None:
        return "not read"
    wrong = [
        name for name in ("id", "app_name", "app_version", "owner", "message") if getattr(session, name) != told[name]
    ]
    wrong += [name for name in ("kind", "state") if getattr(session, name) != told[name].lower()]
    for name in ("created_at", "started_at", "ended_at"):
        truth, found = _truth(told[name]), getattr(session, name)
        if (truth is None) != (found is None) or (truth and abs(truth[0] - found.seconds) > 0.001):
            wrong.append(name)
    truth = _truth(told["created_at"])
    chosen = decide([replace(session, state="running")], Criteria(older_than=LIMIT), Clock(NOW, NOW)).selected
    if bool(chosen) != bool(truth and _old(*truth, 0)):
        wrong.append("age")
    return f"wrong: {', '.join(wrong)}" if wrong else None


def task_fault(record: Mapping[str, Any]) -> Optional[str]:
    """The parser of tasks, as that of sessions."""
    task = Task.from_record(record)
    if task != Task.from_record(dict(record)):
        return "read twice, it is another task"
    if task is not None:
        json.dumps(task.as_dict(), allow_nan=False)
        if not isinstance(task.group_index, int) or not isinstance(task.session_id, _OPTIONAL):
            return "types"
    return None


def lines_fault(records: list[Any]) -> Optional[str]:
    """Lines of a log: as many as there are records, or ValueError."""
    try:
        lines = lines_from(records)
    except ValueError:
        return None
    if len(lines) != len(records):
        return "lines were left out"
    for line in lines:
        json.dumps(line.as_dict(), allow_nan=False)
        if not isinstance(line.text(), str) or not isinstance(line.message, str):
            return "types"
    return None


def answer_fault(answer: Any, headers: Mapping[str, str], lines: bool) -> Optional[str]:
    """The list in an answer: what is there, or ValueError; never an empty one where none is."""
    address = address_in(answer)
    if address is not None and not isinstance(address, str):
        return "an address that is no text"
    try:
        if not isinstance(open_record(answer, "a"), Mapping):
            return "a record that is none"
    except ValueError:
        pass
    try:
        opened = open_list(answer, headers, ("", "", "cursor"), lines=lines)
    except ValueError:
        return None
    return _opened_fault(opened, answer, lines)


def _opened_fault(opened: Page, answer: Any, lines: bool) -> Optional[str]:
    if not lines and not all(isinstance(record, Mapping) for record in opened.records):
        return "records that are none"
    if opened.total is not None and (isinstance(opened.total, bool) or opened.total < 0):
        return "a total that is none"
    if not isinstance(opened.next, (str, dict, type(None))) or not isinstance(opened.more, (bool, type(None))):
        return "types"
    counted = opened.total is not None or 0 in _scalars(answer)  # a total shows how many records are missing
    if not opened.records and not any(value == [] or counted or lines for value in _everything(answer)):
        return "empty, and nothing in it is"
    return None


def document_fault(tree: Mapping[str, Any]) -> Optional[str]:
    """A document: described, or found to be unreadable."""
    try:
        document = Document.parse(json.dumps(tree).encode())
        routes = routes_from(document)
        if routes is not None:
            generation_of(routes)
    except UnreadableDocument:
        return None
    return None if isinstance(routes, (Routes, type(None))) else "types"


def bytes_fault(body: bytes) -> Optional[str]:
    """Any bytes, as JSON, as YAML, as headers: values, or ValueError."""
    for read in (strict_json.json_in, yaml_in):
        try:
            json.dumps(read(body), default=str, skipkeys=True)
        except ValueError:
            continue
    text = body.decode("latin-1")
    for moment in (retry.retry_after(text, NOW), retry.http_date(text)):
        if not isinstance(moment, (float, type(None))):
            return "a header of no number"
    return None


def _refused(session_id: str) -> bool:
    try:
        checked_id(session_id)
    except OptionError:
        return True
    return False


def _truth(value: Any) -> Optional[tuple[float, bool]]:
    """Seconds since 1970 and whether without a zone, for what the strategies made as a time; None for all else."""
    if isinstance(value, str):
        return (value.truth, value.naive) if hasattr(value, "truth") else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 10**9 <= value < 10**20:
        return None
    sizes = (value / scale for scale in (1, 10**3, 10**6, 10**9))
    return next(((size, False) for size in sizes if 10**9 <= size < 10**11), None)


def _old(seconds: float, naive: bool, skew: int) -> bool:
    """Whether both clocks say more than the limit and at most ten years."""
    young, old = min(NOW, NOW + skew) - seconds, max(NOW, NOW + skew) - seconds
    return young > LIMIT + (12 * 3600 if naive else 0) and old <= 10 * 366 * 86400


def _leaves(record: Mapping[str, Any], depth: int = 2) -> Iterator[tuple[str, Any]]:
    """Names, small letters only, and values that are not null; those of plain wrappings after the others."""
    named = [(re.sub(r"[^a-z]", "", str(name).lower()), value) for name, value in record.items() if value is not None]
    yield from ((name, value) for name, value in named if not isinstance(value, Mapping))
    for name, value in named:
        if isinstance(value, Mapping) and depth and name in ("times", "metadata", "session"):
            yield from _leaves(value, depth - 1)


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _scalars(value: Any) -> Iterator[Any]:
    for found in _everything(value):
        if isinstance(found, (str, int, float)):
            yield found


def _everything(value: Any) -> Iterator[Any]:
    """The value and all within it."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += found.values() if isinstance(found, Mapping) else found if isinstance(found, list) else ()
