# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server hands out a long list, told from the parameters its document names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Parameter

OFFSET, PAGE, CURSOR, NONE, UNKNOWN = "offset", "page", "cursor", "none", "unknown"
_LARGEST_PAGE = 1000
_USUAL_PAGE = 100

_NAMES = {
    OFFSET: "offset skip startindex startat startfrom startrow rowoffset recordoffset itemoffset resultoffset "
    "pageoffset",
    PAGE: "page pagenumber pageno pagenum pageindex pagenr currentpage",
    CURSOR: "cursor nextcursor pagecursor pagetoken nexttoken nextpagetoken continuationtoken continuation token "
    "marker nextmarker startingafter startafter bookmark scrollid resumetoken pagemarker pageafter skiptoken",
    "size": "limit size pagesize perpage itemsperpage resultsperpage maxresults maxitems maxcount top take rows "
    "batchsize pagelimit pagelength resultlimit count max",
}
_DOUBTFUL = {
    OFFSET: "first start from begin index position",
    PAGE: "p",
    CURSOR: "after next continue since",
    "size": "n first",
}
_SAID = {
    OFFSET: r"\bskip|\boffset|pass over|leave out the first|index of the first|position of the first",
    PAGE: r"page number|number of the page|which page|index of the page|page index|page to (?:return|fetch|read|get)",
    CURSOR: r"cursor|continuation|opaque|where to (?:go on|continue)|previous (?:answer|response|page)|next page",
    "size": r"page size|size of (?:a|the|one) page|per (?:page|request|answer|response|call)"
    r"|(?:on|in|for) (?:a|one|each|the) (?:page|answer|response)"
    r"|(?:number|how many|maximum|most)\b.*\b(?:return|give|list|fetch|send|deliver|hand out)",
}
_A_TIME = re.compile(r"\b(?:date|time|timestamp|epoch|seconds|milliseconds|created|started|ended)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Pagination:
    """The style of paging and the parameters that drive it.

    ``base`` is the number of the first page, None where the document does not tell. ``size`` is what is asked for;
    ``sure_size`` says that the document allows it, so that a shorter page is the last one.
    """

    style: str
    position: str = ""
    size_name: str = ""
    size: int = _USUAL_PAGE
    sure_size: bool = False
    base: Optional[int] = None

    def sized(self, size: int) -> dict[str, str]:
        """The query parameters that ask for pages of ``size``."""
        return {self.size_name: str(size)} if self.size_name else {}


UNDOCUMENTED = (Pagination(OFFSET, "offset"), Pagination(PAGE, "page"))
"""What is tried, in this order, where no document tells."""


def pagination_from(parameters: Sequence[Parameter]) -> Pagination:
    """The paging of a list operation with these query parameters.

    A sure name counts more than a description, and that more than a doubtful name, whatever the style.
    """
    size = next((found for _style, found in _candidates(parameters, ("size",))), None)
    wanted, sure = _wanted_size(size)
    name = size.name if size else ""
    others = [parameter for parameter in parameters if parameter is not size]
    for style, position in _candidates(others, (OFFSET, PAGE, CURSOR)):
        return Pagination(style, position.name, name, wanted, sure, _base(position) if style == PAGE else None)
    return Pagination(NONE, "", name, wanted, sure)


def _candidates(parameters: Sequence[Parameter], roles: Sequence[str]) -> Iterator[tuple[str, Parameter]]:
    """Roles and the parameters that may play them, the surest first."""
    for certain in (_named, _said, _doubtful):
        for role in roles:
            yield from ((role, parameter) for parameter in parameters if certain(parameter, role))


def _named(parameter: Parameter, role: str) -> bool:
    return _plain(parameter) in _NAMES[role].split() and not parameter.format.startswith("date")


def _said(parameter: Parameter, role: str) -> bool:
    return _typed(parameter, role) and bool(re.search(_SAID[role], parameter.description, re.IGNORECASE))


def _doubtful(parameter: Parameter, role: str) -> bool:
    named = _plain(parameter) in _DOUBTFUL[role].split()
    return named and _typed(parameter, role) and not _timely(parameter, role)


def _typed(parameter: Parameter, role: str) -> bool:
    return parameter.type in (("string",) if role == CURSOR else ("integer", "number"))


def _timely(parameter: Parameter, role: str) -> bool:
    """Whether it rather filters by time, as ``after`` and ``from`` often do."""
    told = _A_TIME.search(parameter.description) and not re.search(_SAID[role], parameter.description, re.IGNORECASE)
    return parameter.format.startswith("date") or bool(told)


def _plain(parameter: Parameter) -> str:
    return re.sub(r"[^a-z]", "", parameter.name.lower())


def _wanted_size(size: Optional[Parameter]) -> tuple[int, bool]:
    if size is None:
        return _USUAL_PAGE, False
    if size.maximum is not None and size.maximum > 0:
        return min(size.maximum, _LARGEST_PAGE), True
    if size.default is not None and size.default >= _USUAL_PAGE:
        return min(size.default, _LARGEST_PAGE), True
    return _USUAL_PAGE, False


def _base(page: Parameter) -> Optional[int]:
    if page.default in (0, 1):
        return page.default
    if page.minimum in (0, 1):
        return page.minimum
    if re.search(r"zero|0-based|(?:from|at|with) 0\b", page.description, re.IGNORECASE):
        return 0
    if re.search(r"one-based|1-based|(?:from|at|with) (?:1\b|one)", page.description, re.IGNORECASE):
        return 1
    return None
