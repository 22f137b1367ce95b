# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records in an answer, whatever they are wrapped in. Pure.

A list may be a bare array or sit in any envelope, beside a total and a pointer to the next page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union
from urllib.parse import parse_qsl, urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import lines_in
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import LONGEST_NAME, words
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import ID_WORDS

Next = Union[str, dict[str, str], None]

_LOG_LISTS = "lines loglines logs log entries logentries messages events".split()
_LOG_TEXTS = {*_LOG_LISTS, "text", "content"} - {"messages", "events"}
_LISTS = (
    "sessions items records results data content entries currentbatch batch elements values rows list resources "
    "objects members page value tasks hits"
).split()
_MAY_BE_NULL = {*_LISTS[:4], *_LOG_LISTS[:4], "currentbatch"}
_NOT_RECORDS = {"errors", "warnings", "links", "filters", "facets", "columns", "fields", "sort", "messages", "kinds"}
_TOTALS = set(
    "total totalcount totalitems totalelements totalresults totalrecords totalsessions totaltasks totalrows "
    "totalentries totalsize totalhits numfound recordcount itemcount sessioncount fulltotal totalnumber "
    "numberoftotal grandtotal numtotal resultcount".split()
)
_NEXT = set(
    "next nextcursor nextpagetoken nexttoken cursor cursornext pagetoken continuationtoken continuation continue "
    "nextmarker marker endcursor nextpage nextlink odatanextlink after bookmark scrollid token resume "
    "resumetoken".split()
)
_MORE = {"hasmore", "hasnext", "hasnextpage", "more", "moreavailable", "istruncated", "truncated"}
_DEPTH = 3
_TOTAL = re.compile(r"(?:\A|/)([0-9]{1,12})\Z")  # a count, or the end of a range: 0-99/330
_NEXT_LINK = re.compile(r"<([^<>]*)>\s*;[^,<]*\brel=\"?next\b", re.IGNORECASE)
_LONGEST_LINK = 8000


@dataclass(frozen=True)
class Envelope:
    """What an answer holds: records, the total over all pages, and where the next page is.

    ``next`` is a cursor, the query of the next page's address, or None. ``more`` is None where nothing was said.
    """

    records: tuple[Any, ...]
    total: Optional[int] = None
    next: Next = None
    more: Optional[bool] = None


def open_list(answer: Any, headers: Mapping[str, str], cursor_name: str = "", *, lines: bool = False) -> Envelope:
    """The list in ``answer``.

    :param cursor_name: the name of the cursor's parameter: the answer may use it too.
    :param lines: whether it is a list of log lines, which may be records or plain text.
    :raises ValueError: when no list can be told, or it holds anything but records. It is never read as empty.
    """
    text = _text_in(answer) if lines else None
    records = answer if isinstance(answer, list) else _find_list(answer, lines) if text is None else lines_in(text)
    if not lines and not all(isinstance(record, Mapping) for record in records):
        raise ValueError("a list of something else than records")
    total, following, more = _told_by(headers)
    if isinstance(answer, Mapping):
        known = _NEXT | {_plain(cursor_name)} - {""}
        pointers: list[tuple[str, Next]] = []
        for name, value in _scalars(answer):
            plain = _plain(name)
            if plain in _TOTALS and _whole(value):
                total = value if total is None else total
            elif plain in _MORE and isinstance(value, bool):
                more = value
            elif plain in known:
                pointers.append((plain, _pointer(value)))
        following = following or _next_of(pointers)
        total = _count_as_total(answer, len(records)) if total is None else total
    return Envelope(tuple(records), total, None if more is False else following, more)


def open_record(answer: Any, wanted_id: str) -> Mapping[str, Any]:
    """The record with the id ``wanted_id`` in ``answer``, bare or wrapped.

    :raises ValueError: when there is none: an answer about something else is not this record.
    """
    for candidate in _mappings(answer, _DEPTH):
        for name, value in candidate.items():
            if words(name) in ID_WORDS and isinstance(value, (str, int)) and str(value) == wanted_id:
                return candidate
    raise ValueError("no record with that id")


def _text_in(answer: Any) -> Optional[str]:
    """A whole log in one text, in the only field of an object that can hold it."""
    if not isinstance(answer, Mapping) or any(_lists(answer, _DEPTH)):
        return None
    texts = [value for name, value in _scalars(answer) if _plain(name) in _LOG_TEXTS and isinstance(value, str)]
    return texts[0] if len(texts) == 1 else None


def address_in(answer: Any) -> Optional[str]:
    """The address that an answer gives, bare or in a field such as ``uri``; None when it gives none."""
    if isinstance(answer, str):
        return answer or None
    for candidate in _mappings(answer, _DEPTH):
        for name, value in candidate.items():
            if (
                _plain(name).endswith(("uri", "url", "address", "endpoint", "href"))
                and isinstance(value, str)
                and value
            ):
                return value
    return None


def _find_list(answer: Any, lines: bool) -> list[Any]:
    if not isinstance(answer, Mapping):
        raise ValueError("neither a list nor an object")
    unwanted = _NOT_RECORDS - set(_LOG_LISTS) if lines else _NOT_RECORDS
    candidates = [(name, value) for name, value in _lists(answer, _DEPTH) if _plain(name) not in unwanted]
    filled = [(name, value) for name, value in candidates if value] or candidates
    if len(filled) > 1:
        filled = [(name, value) for name, value in filled if _look_like_records(value)] or filled
    if len(filled) == 1:
        return filled[0][1]
    for wanted in [*_LOG_LISTS, *_LISTS] if lines else _LISTS:
        for name, value in filled:
            if _plain(name) == wanted:
                return value
    raise ValueError("no list of records that can be told")


def _look_like_records(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(v, Mapping) and any(words(name) in ID_WORDS for name in v) for v in values)


def _lists(answer: Mapping[str, Any], depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Lists in nested objects, never those inside records; a null under a known name counts as an empty list."""
    for name, value in answer.items():
        if isinstance(value, list):
            yield name, value
        elif value is None and _plain(name) in _MAY_BE_NULL:
            yield name, []
        elif isinstance(value, Mapping) and depth:
            yield from _lists(value, depth - 1)


def _mappings(answer: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(answer, Mapping):
        yield answer
        nested = list(answer.values())
    else:
        nested = answer if isinstance(answer, list) and len(answer) == 1 else []
    for value in nested if depth else []:
        yield from _mappings(value, depth - 1)


def _scalars(answer: Mapping[str, Any], depth: int = _DEPTH, inside: str = "") -> Iterator[tuple[str, Any]]:
    """Names and values outside the records; ``links: {next: {href: …}}`` comes as ``next``."""
    for name, value in answer.items():
        if isinstance(value, Mapping):
            if depth:
                yield from _scalars(value, depth - 1, name)
        elif not isinstance(value, list):
            yield (inside if _plain(name) in ("href", "url", "uri") else name), value


def _told_by(headers: Mapping[str, str]) -> tuple[Optional[int], Next, Optional[bool]]:
    """Total and next page from the headers that servers use for them."""
    told = (_TOTAL.search(headers.get(name, "")) for name in ("X-Total-Count", "X-Total", "Content-Range"))
    count = next((int(total.group(1)) for total in told if total), None)
    link = _NEXT_LINK.search(headers.get("Link", "")[:_LONGEST_LINK])
    return count, _pointer(link.group(1)) if link else _pointer(headers.get("X-Next-Cursor")), None


def _next_of(pointers: list[tuple[str, Next]]) -> Next:
    """The pointer to the next page; one called so decides, even when null: ``cursor`` may be the present one."""
    named = [pointer for name, pointer in pointers if name.startswith("next")]
    return next((pointer for pointer in named or [pointer for _name, pointer in pointers] if pointer), None)


def _pointer(value: Any) -> Next:
    """A cursor as text; an address as the query in it: its host and path are never followed."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        return None
    text = str(value)
    if "?" in text and (text.startswith(("/", "?")) or "://" in text):
        return dict(parse_qsl(urlsplit(text).query))
    return text


def _count_as_total(answer: Mapping[str, Any], length: int) -> Optional[int]:
    """``count`` is the page's own count on some servers; only a larger one is surely a total."""
    count = answer.get("count")
    return count if isinstance(count, int) and _whole(count) and count > length else None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", str(name)[:LONGEST_NAME].lower())
