# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records in a response: an array, or a list in any object, beside a total and a pointer to the next page. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union
from urllib.parse import parse_qsl, urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import lines_in
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only, words
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
    """The records of a response, the total of all pages, and where the next page is.

    ``next`` is a cursor, the query of the next page's address, or None. ``more``: whether there is a next page.
    """

    records: tuple[Any, ...]
    total: Optional[int] = None
    next: Next = None
    more: Optional[bool] = None


def open_list(answer: Any, headers: Mapping[str, str], cursor_name: str = "", *, lines: bool = False) -> Envelope:
    """The list in ``answer``.

    :param cursor_name: the name of the cursor's parameter, which may also be its name in the response.
    :param lines: whether it is a list of log lines, which may be records or text.
    :raises ValueError: when there is no list, several without a known name, or one that has other values than records.
    """
    text = _text_in(answer) if lines else None
    records = answer if isinstance(answer, list) else _find_list(answer, lines) if text is None else lines_in(text)
    if not lines and not all(isinstance(record, Mapping) for record in records):
        raise ValueError("a list of something else than records")
    total, following = _from_headers(headers)
    more = None
    if isinstance(answer, Mapping):
        known = _NEXT | {letters_only(cursor_name)} - {""}
        pointers: list[tuple[str, Next]] = []
        for name, value in _scalars(answer):
            letters = letters_only(name)
            if letters in _TOTALS and _is_count(value):
                total = value if total is None else total
            elif letters in _MORE and isinstance(value, bool):
                more = value
            elif letters in known:
                pointers.append((letters, _pointer(value)))
        following = following or _next_of(pointers)
        total = _count_as_total(answer, len(records)) if total is None else total
    return Envelope(tuple(records), total, None if more is False else following, more)


def open_record(answer: Any, wanted_id: str) -> Mapping[str, Any]:
    """The record with the id ``wanted_id`` in ``answer``, bare or in another object.

    :raises ValueError: when there is no record with that id.
    """
    for candidate in _mappings(answer, _DEPTH):
        for name, value in candidate.items():
            if words(name) in ID_WORDS and isinstance(value, (str, int)) and str(value) == wanted_id:
                return candidate
    raise ValueError("no record with that id")


def _text_in(answer: Any) -> Optional[str]:
    """A complete log as one text, if exactly one field of the object can contain it."""
    if not isinstance(answer, Mapping) or any(_lists(answer, _DEPTH)):
        return None
    texts = [value for name, value in _scalars(answer) if letters_only(name) in _LOG_TEXTS and isinstance(value, str)]
    return texts[0] if len(texts) == 1 else None


def address_in(answer: Any) -> Optional[str]:
    """The address in a response, bare or in a field such as ``uri``; None without one."""
    if isinstance(answer, str):
        return answer or None
    for candidate in _mappings(answer, _DEPTH):
        for name, value in candidate.items():
            named = letters_only(name).endswith(("uri", "url", "address", "endpoint", "href"))
            if named and isinstance(value, str) and value:
                return value
    return None


def _find_list(answer: Any, lines: bool) -> list[Any]:
    if not isinstance(answer, Mapping):
        raise ValueError("neither a list nor an object")
    unwanted = _NOT_RECORDS - set(_LOG_LISTS) if lines else _NOT_RECORDS
    candidates = [(name, value) for name, value in _lists(answer, _DEPTH) if letters_only(name) not in unwanted]
    filled = [(name, value) for name, value in candidates if value] or candidates
    if len(filled) > 1:
        filled = [(name, value) for name, value in filled if _look_like_records(value)] or filled
    if len(filled) == 1:
        return filled[0][1]
    for wanted in [*_LOG_LISTS, *_LISTS] if lines else _LISTS:
        for name, value in filled:
            if letters_only(name) == wanted:
                return value
    raise ValueError("no list of records that can be told")


def _look_like_records(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(v, Mapping) and any(words(name) in ID_WORDS for name in v) for v in values)


def _lists(answer: Mapping[str, Any], depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Lists in nested objects, but not in other lists; a null with a known name counts as an empty list."""
    for name, value in answer.items():
        if isinstance(value, list):
            yield name, value
        elif value is None and letters_only(name) in _MAY_BE_NULL:
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
    """Names and values outside of lists; ``links: {next: {href: …}}`` has the name ``next``."""
    for name, value in answer.items():
        if isinstance(value, Mapping):
            if depth:
                yield from _scalars(value, depth - 1, name)
        elif not isinstance(value, list):
            yield (inside if letters_only(name) in ("href", "url", "uri") else name), value


def _from_headers(headers: Mapping[str, str]) -> tuple[Optional[int], Next]:
    """Total and next page from the usual headers."""
    counts = (_TOTAL.search(headers.get(name, "")) for name in ("X-Total-Count", "X-Total", "Content-Range"))
    total = next((int(count.group(1)) for count in counts if count), None)
    link = _NEXT_LINK.search(headers.get("Link", "")[:_LONGEST_LINK])
    return total, _pointer(link.group(1) if link else headers.get("X-Next-Cursor"))


def _next_of(pointers: list[tuple[str, Next]]) -> Next:
    """The pointer to the next page. Names with ``next`` come first, even if null: ``cursor`` may be of this page."""
    named = [pointer for name, pointer in pointers if name.startswith("next")]
    return next((pointer for pointer in named or [pointer for _name, pointer in pointers] if pointer), None)


def _pointer(value: Any) -> Next:
    """A cursor as text; of an address only the query: its host and path are never used."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        return None
    text = str(value)
    if "?" in text and (text.startswith(("/", "?")) or "://" in text):
        return dict(parse_qsl(urlsplit(text).query))
    return text


def _count_as_total(answer: Mapping[str, Any], length: int) -> Optional[int]:
    """``count`` if it is more than ``length``, the records in this response: some servers count only these."""
    count = answer.get("count")
    return count if isinstance(count, int) and _is_count(count) and count > length else None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
