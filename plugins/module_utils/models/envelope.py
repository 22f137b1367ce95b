# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records in a response: an array, or a list in any object, beside a total and a pointer to the next page. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Optional, TypeVar, Union
from urllib.parse import parse_qsl, urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import lines_in
from ansible_collections.aimms.cloud.plugins.module_utils.errors import shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only, words
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import ID_WORDS

Next = Union[str, dict[str, str], None]

_LOG_LISTS = "lines loglines logs log entries logentries messages events".split()
_LOG_TEXTS = {*_LOG_LISTS, "text", "content"} - {"messages", "events"}
_LISTS = (
    "sessions items records results data content entries currentbatch batch elements values rows list resources "
    "objects members member page value tasks hits"
).split()
_NOT_RECORDS = set("errors warnings links filters facets columns fields sort messages kinds mapping".split())
_IS_TOTAL = re.compile(
    r"(?:full|grand|num|numberof)?total|total(?:count|items|elements|results|records|sessions|tasks|rows|entries|size"
    r"|hits|number)|numfound|(?:record|item|session|result|row|odata)count"
).fullmatch
_NEXT = set(
    "next nextcursor nextpagetoken nexttoken cursor cursornext pagetoken continuationtoken continuation continue "
    "marker nextmarker endcursor nextpage nextlink odatanextlink after bookmark scrollid token resume "
    "resumetoken".split()
)
_MORE = {"hasmore", "hasnext", "hasnextpage", "more", "moreavailable", "istruncated", "truncated"}
_DONE = {"complete", "iscomplete", "done", "isdone", "exhausted"}  # if false: true may be meant of the page only
_PAGES = set("totalpages pagestotal pagecount numpages numberofpages lastpage pages".split())
_NOT_WHOLE = {
    **dict.fromkeys("partial ispartial partialresult partialresults incomplete isincomplete".split(), True),
    **dict.fromkeys("incompleteresult incompleteresults timedout istimedout terminatedearly degraded".split(), True),
    **dict.fromkeys("success successful succeeded issuccess ok".split(), False),
}
_FAILURE = set("error errors failure failures errorid errorcode errormessage exception".split())
_NO_FAILURE = {"", "0", "none", "null", "false", "ok", "success"}
_TRUTH = {"true": True, "false": False}
_ECHOES = set("query request filter filters params parameters facets counts".split())  # not about the answer
DEPTH = 3
_TOTAL = re.compile(r"(?:\A|/)([0-9]{1,400})\Z")  # a count, or the end of a range: 0-99/330
_COUNT = re.compile(r"\s*([0-9]{1,400})(?:\.0)?\s*\Z")  # any size: a total too large to be one is not reached
_NEXT_LINK = re.compile(r"<([^<>]*)>\s*;[^,<]*\brel=\"?next\b", re.IGNORECASE)
_LONGEST_LINK = 8000
_BESIDE = re.compile(r'"(\w+)"\s*:\s*(?!null)"?([^",}]*)')  # JSON in a header, beside a bare array


if TYPE_CHECKING:  # before Python 3.13 only type checkers know defaults: the bare names mean sessions
    from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session

    R = TypeVar("R", bound=Any, default=Session)
else:
    R = TypeVar("R")


@dataclass(frozen=True)
class Page(Generic[R]):
    """The records of one response, the total of all pages, and where the next page is.

    ``next`` is a cursor, the query of the next page's address, or None. ``more``: whether there is a next page, if the
    answer says so; a pointer to it that is null says that there is none. ``broken`` counts records without an id.
    ``keys`` are those of the records, where these stand for what was listed and do not know their own. ``pages``: how
    many there are, if the answer says so. ``partial``: why the answer is not whole; empty: nothing in it says so.
    """

    records: Sequence[R]
    total: Optional[int] = None
    next: Next = None
    more: Optional[bool] = None
    broken: int = 0
    keys: Optional[Sequence[str]] = None
    pages: Optional[int] = None
    partial: str = ""


def open_list(
    answer: Any, headers: Mapping[str, str], names: Sequence[str] = ("", "", ""), *, lines: bool = False
) -> Page[Any]:
    """The list in ``answer``.

    :param names: what the document calls the list, a count and the pointer to the next page (letters only; empty: it
        does not tell). :param lines: whether it is a list of log lines, which may be records or text.
    :raises ValueError: when there is no list (unless the answer has a total, which shows whether records are missing),
        several without a known name, or one that has other values than records.
    """
    total, following = _from_headers(headers)
    count, pages, more, ends, undone = None, None, None, False, False
    pointers: list[tuple[str, Next]] = []
    beside = _BESIDE.findall(headers.get("X-Pagination", "")[:_LONGEST_LINK])
    for name, value in (*beside, *(_scalars(answer) if isinstance(answer, Mapping) else ())):
        letters, number = _letters(name), _count(value)
        if _IS_TOTAL(letters) and number is not None:
            total = number if total is None else total
        elif letters in ("count", names[1]) and number is not None:
            count = max(number, count or 0)
        elif letters in _PAGES and number is not None:
            pages = max(number, pages or 0)
        elif letters in _MORE and _truth(value) is not None:
            more = _truth(value)
        elif letters in _DONE:
            undone |= _truth(value) is False
        elif letters and letters in (*_NEXT, names[2]):
            pointers.append((letters, _pointer(value)))
            ends |= value in (None, "") and (letters.startswith("next") or letters == names[2])
    # Names with ``next`` come first, even if null: ``cursor`` may be of this page.
    first = [pointer for name, pointer in pointers if name.startswith("next")] or [one for _name, one in pointers]
    following = following or next((pointer for pointer in first if pointer), None)
    more = True if undone else False if more is None and ends and not following else more
    records = _records_in(answer, names[0], lines, counted=total is not None or count == 0)
    if total is None and (count or 0) > len(records):  # some servers count only the records in this response
        total = count
    following = None if more is False else following
    return Page(tuple(records), total, following, more, pages=pages, partial=_why_not_whole(answer))


def _records_in(answer: Any, wanted: str, lines: bool, *, counted: bool) -> Sequence[Any]:
    text = _text_in(answer) if lines else None
    if text is not None:
        return lines_in(text)
    records = answer if isinstance(answer, list) else _find_list(answer, wanted, lines, counted)
    if not lines and not all(isinstance(record, Mapping) for record in records):
        raise ValueError("a list of something else than records")
    return records


def _text_in(answer: Any) -> Optional[str]:
    """A complete log as one text, if exactly one field of the object can contain it."""
    if not isinstance(answer, Mapping) or any(_lists(answer, DEPTH)):
        return None
    texts = [value for name, value in _scalars(answer) if letters_only(name) in _LOG_TEXTS and isinstance(value, str)]
    return texts[0] if len(texts) == 1 else None


def _find_list(answer: Any, wanted: str, lines: bool, counted: bool) -> list[Any]:
    """:param wanted: its name, if known. :param counted: whether the answer has a total: no list is an empty one."""
    if not isinstance(answer, Mapping):
        if answer is None and counted:
            return []
        raise ValueError("neither a list nor an object")
    lists = [(_letters(name), value) for name, value in _lists(answer, DEPTH)]
    named = [value for name, value in lists if name == wanted]
    unwanted = _NOT_RECORDS - set(_LOG_LISTS) if lines else _NOT_RECORDS
    lists = [one for one in lists if one[0] not in unwanted]
    for fits in (bool, _look_like_records) if len(lists) > 1 else ():
        lists = [one for one in lists if fits(one[1])] or lists
    usual = [*(_LOG_LISTS if lines else ()), *_LISTS]
    known = sorted((usual.index(name), place) for place, (name, _value) in enumerate(lists) if name in usual)
    if len(named) == 1 or len(lists) == 1:
        return named[0] if len(named) == 1 else lists[0][1]
    if known:
        return lists[known[0][1]][1]
    others = _scalars({name: value for name, value in answer.items() if _letters(name) not in unwanted})
    in_its_place = (value for name, value in others if _letters(name) in (wanted, *usual))
    if counted and not lists and all(value is None or _count(value) is not None for value in in_its_place):
        return []
    raise ValueError("no list of records that can be told")


def _look_like_records(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(v, Mapping) and any(words(name) in ID_WORDS for name in v) for v in values)


def _lists(answer: Mapping[str, Any], depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Lists in nested objects, but not in other lists."""
    for name, value in answer.items():
        if isinstance(value, list):
            yield name, value
        elif isinstance(value, Mapping) and depth:
            yield from _lists(value, depth - 1)


def _scalars(answer: Mapping[str, Any], depth: int = DEPTH, inside: str = "") -> Iterator[tuple[str, Any]]:
    """Names and values outside of lists, an empty object too; ``links: {next: {href: …}}`` has the name ``next``."""
    for name, value in answer.items():
        if isinstance(value, Mapping) and value:
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


def _pointer(value: Any) -> Next:
    """A cursor as text; of an address only the query: its host and path are never used."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        return None
    text = str(value)
    if "?" in text and (text.startswith(("/", "?")) or "://" in text):
        return dict(parse_qsl(urlsplit(text).query))
    return text


def _letters(name: object) -> str:
    """The letters of a name without its namespace: ``hydra:totalItems`` is ``totalitems``."""
    return letters_only(str(name).rpartition(":")[2])


def _count(value: Any) -> Optional[int]:
    """A number of things, also as text."""
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        found = _COUNT.match(str(value))
        return int(found.group(1)) if found else None
    return None


def _truth(value: Any) -> Optional[bool]:
    """True or false, also as text. A number may count what is in a state of this name."""
    return _TRUTH.get(str(value).strip().lower()) if isinstance(value, (bool, str)) else None


def _why_not_whole(answer: Any, depth: int = DEPTH) -> str:
    """The name and value in an answer that say that it is not whole; empty: none does. Records are not looked at."""
    for name, value in answer.items() if isinstance(answer, Mapping) else ():
        letters = _letters(name)
        told = letters in _NOT_WHOLE and _truth(value) is _NOT_WHOLE[letters]
        if told or (letters in _FAILURE and _is_failure(value, letters)):
            return f"an answer that calls itself not whole ({shown(str(name))})"
        inner = _why_not_whole(value, depth - 1) if depth and letters not in _ECHOES else ""
        if inner:
            return inner
    return ""


def _is_failure(value: Any, letters: str) -> bool:
    """Whether what stands under the name of an error tells of one. A number may count those in a state."""
    if isinstance(value, (str, bool)):
        return str(value).strip().lower() not in _NO_FAILURE
    return bool(value) and (letters == "errorcode" or isinstance(value, (list, Mapping)))
