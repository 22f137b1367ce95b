# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a server may send, for property tests and for the campaign of hostile answers: hypothesis strategies."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
"""What both clocks show, more or less."""
_HOUR, _YEAR = 3600, 366 * 86400


class TimeText(str):
    """A text that is a time. ``truth`` is seconds since 1970, ``naive`` says that it names no zone."""

    truth: float
    naive: bool


# Any JSON, and what Python's parser makes of things that are none

_FULL_TEXT = st.text(st.characters(), max_size=12)
_NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30),
    st.integers(0, 2 * 10**18),
    st.sampled_from([0, -1, 10**400, -(10**4000), 2**63, 10**19, 10**20]),
    st.floats(),
    st.sampled_from([float("nan"), float("inf"), -float("inf"), 1e308, 5e-324, -0.0]),
)
_ODD_TEXTS = st.sampled_from(
    [
        *("", " ", "\0", "null", "NaN", "\ud800", "..", "../..", "a/b", "%2e%2e", "x" * 129, "x" * 100_000, "-"),
        *("\u0661" * 10, "2026-13-45T99:99:99Z", "now", "yesterday", "20200101", "2020-01-01", "12:00", "1e9"),
        *("0x5f5e100", "-1600000000"),
    ]
)


def _deep(levels: int) -> Any:
    value: Any = "x"
    for number in range(levels):
        value = [value] if number % 2 else {"created": value}
    return value


_SOME_NAMES: Any = st.deferred(lambda: NAMES)
SCALARS = st.one_of(st.none(), st.booleans(), _NUMBERS, _FULL_TEXT, _ODD_TEXTS)
ANYTHING = st.one_of(
    SCALARS,
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_SOME_NAMES, inner, max_size=3)),
        max_leaves=6,
    ),
    st.sampled_from([2, 5, 60]).map(_deep),
)

# Times

_FORMS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f")
_ZONES = ((0, "Z"), (0, "+00:00"), (120, "+02:00"), (-330, "-0530"), (840, "+14"), (0, " UTC"))


def _written(seconds: int, form: str, zone: Any) -> TimeText:
    shift, suffix = (0, "") if zone is None else zone
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds, minutes=shift)
    text = TimeText(moment.strftime(form) + suffix)
    text.truth, text.naive = float(seconds), zone is None
    return text


_AGES = st.one_of(
    st.integers(-30 * 86400, 30 * 86400),
    st.sampled_from([0, 1, -1, 13 * _HOUR, 11 * _HOUR, 9 * _YEAR, 12 * _YEAR, 40 * _YEAR, -5 * _YEAR]),
)
_MOMENTS = _AGES.map(lambda age: int(NOW.timestamp()) - age)
TIMES = st.one_of(
    st.builds(_written, _MOMENTS, st.sampled_from(_FORMS), st.sampled_from(_ZONES)),
    st.builds(_written, _MOMENTS, st.sampled_from(_FORMS), st.none()),
    st.builds(
        lambda seconds, scale: seconds * scale,
        _MOMENTS.filter((10**9).__le__),
        st.sampled_from([1, 10**3, 10**6, 10**9]),
    ),
)
"""Times that read well: young, old, too old, and in the future."""

# Names of fields

_WORDS: dict[str, tuple[str, ...]] = {
    "id": ("id", "session id", "uuid"),
    "kind": ("kind", "type", "session kind"),
    "state": ("state", "status", "session state"),
    "app_name": ("app name", "application name", "project name"),
    "app_version": ("app version", "application version", "version"),
    "owner": ("owner", "user name", "user"),
    "environment": ("user environment", "environment"),
    "created_at": ("created at", "creation time", "created", "date created", "submitted at"),
    "started_at": ("started at", "start time", "running since"),
    "ended_at": ("ended at", "end time", "finished at"),
    "message": ("message", "status message", "reason"),
}


def _snake(words: list[str]) -> str:
    return "_".join(words)


def _kebab(words: list[str]) -> str:
    return "-".join(words)


def _pascal(words: list[str]) -> str:
    return "".join(word.capitalize() for word in words)


def _camel(words: list[str]) -> str:
    return words[0] + _pascal(words[1:])


def _loud(words: list[str]) -> str:
    return "_".join(words).upper()


STYLES = (_snake, _camel, _pascal, _kebab, _loud)
_KNOWN = [style(spelling.split()) for spellings in _WORDS.values() for spelling in spellings for style in STYLES]
NAMES = st.one_of(
    st.sampled_from(sorted(set(_KNOWN))), _FULL_TEXT, st.sampled_from(["", "session", "metadata", "x" * 300])
)
_CREATIONS = [style(spelling.split()) for spelling in _WORDS["created_at"] for style in STYLES]

RECORDS = st.dictionaries(NAMES, st.one_of(ANYTHING, TIMES), max_size=8)
"""Records of anything at all."""

CONTRADICTIONS = st.builds(
    lambda times, rest, nest: {"id": "a", **({"times": times} if nest else times), **rest},
    st.dictionaries(st.sampled_from(sorted(set(_CREATIONS))), st.one_of(TIMES, TIMES, SCALARS), min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(["started_at", "endedAt", "state", "x"]), st.one_of(TIMES, SCALARS), max_size=2),
    st.booleans(),
)
"""Records that tell the time of their creation several times, each time another way, or not at all."""

# Whole records

_IDS = st.one_of(
    st.uuids().map(str),
    st.uuids().map(lambda uuid: uuid.hex),
    st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,40}\Z").filter(lambda text: text.strip() == text),
)
_PLAIN = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "id": _IDS,
    "kind": st.sampled_from(["webui", "task", "solve", "WebUI", "TASK"]),
    "state": st.sampled_from(["running", "Running", "TERMINATED", "queued", "completed", "crashed"]),
    "app_name": _PLAIN,
    "app_version": st.one_of(_PLAIN, st.sampled_from(["1.0", "2026.11.1"])),
    "owner": _PLAIN.map(lambda user: f"{user}@ROOT"),
    "created_at": TIMES,
    "started_at": TIMES,
    "ended_at": st.one_of(st.none(), TIMES),
    "message": _PLAIN,
}


@st.composite
def whole_records(draw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record as some server writes it, and its values by our names."""
    style = draw(st.sampled_from(STYLES))
    told = {name: draw(values) for name, values in _VALUES.items()}
    spelled = {style(_WORDS[name][draw(st.integers(0, 1))].split()): value for name, value in told.items()}
    names = draw(st.permutations(list(spelled)))
    record = {name: spelled[name] for name in names}
    if draw(st.booleans()):
        record["unrelated"] = draw(ANYTHING)
    return record, told


# Answers around records

_WRAPPINGS = ["items", "total", "next", "links", "count", "data", "current_batch", "hasMore"]
ANSWERS = st.one_of(
    ANYTHING,
    st.lists(RECORDS, max_size=3),
    st.dictionaries(
        st.one_of(NAMES, st.sampled_from(_WRAPPINGS)), st.one_of(ANYTHING, st.lists(RECORDS, max_size=2)), max_size=4
    ),
)
_HEADER_TEXT = st.text(st.characters(max_codepoint=255), max_size=40)
_ODD_HEADERS = [
    "</x?offset=2>; rel=next",
    "<" * 5000,
    "9" * 5000,
    "\xb2",
    "items 0-1/2",
    "/" * 5000,
    '{"total": 9, "next": 2}',
]
HEADERS = st.dictionaries(
    st.sampled_from(["X-Total-Count", "X-Total", "Content-Range", "Link", "X-Next-Cursor", "X-Pagination"]),
    st.one_of(_HEADER_TEXT, st.sampled_from(_ODD_HEADERS)),
    max_size=3,
)
_LINE = st.dictionaries(st.sampled_from(["time", "message", "ts", "date"]), st.one_of(ANYTHING, TIMES))
LINES = st.lists(st.one_of(_FULL_TEXT, RECORDS, SCALARS, _LINE), max_size=4)
_KEYS = st.sampled_from(
    "get patch delete parameters schema $ref enum name in maximum minimum default type format description allOf "
    "required requestBody servers url items".split()
)
_TELLING = ["#/paths", "#/a", "#/a/b", "query", "path", "integer", "string", "limit", "offset"]
_NODES = st.recursive(
    st.one_of(SCALARS, st.sampled_from(_TELLING)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=12,
)
_ROUTES = "/sessions/{kind} /sessions/webui /sessions/{kind}/{id} /sessions/{k}/{i}/terminate /sessions/../x //h/p"
_PATHS = st.sampled_from([*_ROUTES.split(), ""])
DOCUMENTS = st.dictionaries(
    st.sampled_from(["paths", "servers", "basePath", "a", "components"]),
    st.one_of(_NODES, st.dictionaries(st.one_of(_PATHS, _FULL_TEXT), _NODES, max_size=4)),
    max_size=4,
)
_SIGNS = "[]{},:\"'\\ \n\t-&*!|>%@`#?09.eaNI\ufeff\0\U0001f600"
BYTES = st.one_of(st.binary(max_size=60), st.text(st.sampled_from(_SIGNS), max_size=40).map(lambda text: text.encode()))


def tried(count: int) -> Callable[[Any], Any]:
    """So many examples, the same in every run."""
    quiet = list(HealthCheck)
    return settings(max_examples=count, derandomize=True, deadline=None, database=None, suppress_health_check=quiet)
