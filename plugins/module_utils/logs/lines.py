# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a log that a filter selects: the first or the last ones, without reading all of the log if possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import (
    LineFilter,
    LogReader,
    can_jump,
    oldest_first,
    some_of,
)
from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine
from ansible_collections.aimms.cloud.plugins.module_utils.openapi import pagination as styles
from ansible_collections.aimms.cloud.plugins.module_utils.paging.log_pages import LogPage, LogPages

_READ_WHOLE = 1000  # lines
_SMALLEST_PAGE = 20  # lines: fewer may not show whether the newest come first


@dataclass(frozen=True)
class Lines:
    """Lines, the oldest first. ``cut``: there are more than the limit. ``problems``: why lines may be missing."""

    lines: Sequence[LogLine]
    problems: list[str] = field(default_factory=list)
    cut: bool = False


def read(
    reader: LogReader,
    kind: str,
    session_id: str,
    wanted: LineFilter,
    tail: Optional[int] = None,
    limit: Optional[int] = None,
    sent: Optional[LineFilter] = None,
) -> Lines:
    """The wanted lines.

    :param sent: what the server is asked for; None: the same.
    :param tail: only the last so many. :param limit: at most so many, the oldest.
    :raises HttpError: also when there is no such session (404).
    """
    pages = reader.pages(kind, session_id, sent or wanted)
    if tail is None:
        return _first(pages, wanted, limit)
    last = _tail(pages, wanted, tail) if tail else Lines([])
    return last or _last(reader.pages(kind, session_id, sent or wanted), wanted, tail)


def last_if_in_order(reader: LogReader, kind: str, session_id: str, number: int) -> Optional[Sequence[LogLine]]:
    """The last lines; None where the total, or the times in some places of a long log, do not show which they are."""
    pages = reader.pages(kind, session_id, LineFilter())
    found, total = _tail(pages, LineFilter(), number), pages.total or 0
    if found is None or total <= pages.largest:
        return found.lines if found else None
    # Between the first and the last page a log that is grouped, as by container, may have newer lines.
    if total <= _READ_WHOLE:
        return None
    first = next(pages.forward(), LogPage(()))
    between = some_of(pages, first) if can_jump(pages) else []
    return found.lines if between and _in_order(between) else None


def _tail(pages: LogPages, wanted: LineFilter, tail: int) -> Optional[Lines]:
    """The last lines, read from where the total says that they are; None if that is not safe: read all lines."""
    if not can_jump(pages):
        return None
    if pages.pagination.size_name:
        pages.size = min(pages.size, max(tail + 1, _SMALLEST_PAGE))
    first = next(pages.forward(), None)
    if first is None or first.total is None or first.partial or not all(map(wanted.fits, first.lines)):
        return None
    if first.total <= len(first.lines):
        short = pages.pagination.size_name and len(first.lines) < pages.size and _in_order(first.lines)
        return Lines(oldest_first(list(first.lines), pages)[-tail:]) if short else None
    return _jump(pages, first, wanted, tail) if first.total > tail else None


def _jump(pages: LogPages, first: LogPage, wanted: LineFilter, tail: int) -> Optional[Lines]:
    """The last lines, given the first page and a total of more lines; None if they cannot be relied on."""
    total = first.total or 0
    by_page = pages.pagination.style == styles.PAGE
    start = max(0, total - tail) // (len(first.lines) if by_page else 1)
    if pages.newest_first is not False:  # compare the first page with the last one
        last = next(pages.forward(start), LogPage(()))
        both = LogPage((*first.lines, *last.lines))
        pages.newest_first = both.newest_first if _in_order(both.lines) else None
        if pages.newest_first is None:
            return None
    start = 0 if pages.newest_first else start
    page, lines = first, list(first.lines) if pages.newest_first and len(first.lines) >= tail else []
    for page in () if lines else pages.forward(start):
        if start and page.lines == first.lines:  # the server ignores the position
            return None
        lines.extend(page.lines)
        if pages.newest_first and len(lines) >= tail:
            break
    if start and by_page and len(page.lines) >= len(first.lines) and pages.goes_on():
        return None  # the first page has another number than the document says
    before = first.lines[: None if by_page else start] if start else ()
    ordered, lines = _in_order([*before, *lines]), oldest_first(lines, pages)[-tail:]
    enough = ordered and len(lines) == min(tail, total) and all(map(wanted.fits, lines))  # the total may be wrong
    return Lines(lines) if enough and not pages.problem else None


def _first(pages: LogPages, wanted: LineFilter, limit: Optional[int]) -> Lines:
    """The oldest wanted lines, up to ``limit``."""
    lines: list[LogLine] = []
    for page in pages.forward():
        lines.extend(filter(wanted.fits, page.lines))
        if limit is not None and pages.newest_first is False and len(lines) > limit:
            break
    cut = limit is not None and len(lines) > limit
    return Lines(oldest_first(lines, pages)[:limit], [pages.problem] if pages.problem else [], cut)


def _last(pages: LogPages, wanted: LineFilter, tail: int) -> Lines:
    """The newest wanted lines. Reads all pages, or only the first ones if the server returns the newest first."""
    lines: list[LogLine] = []
    for page in pages.forward():
        lines.extend(filter(wanted.fits, page.lines))
        if pages.newest_first and len(lines) >= tail:
            break
        if pages.newest_first is False:
            del lines[:-tail]
    return Lines(oldest_first(lines, pages)[-tail:], [pages.problem] if pages.problem else [])


def _in_order(lines: Sequence[LogLine]) -> bool:
    """Whether their times only grow, or only fall. A grouped log, as by container, has newer lines elsewhere."""
    times = [line.timestamp.seconds for line in lines if line.timestamp]
    return times in (sorted(times), sorted(times, reverse=True))
