# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server hands out a long list, told from the parameters its document names. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.openapi import Parameter

OFFSET, PAGE, CURSOR, NONE, UNKNOWN = "offset", "page", "cursor", "none", "unknown"
_LARGEST_PAGE = 1000
_USUAL_PAGE = 100

_NAMES = {
    OFFSET: "offset skip startindex startat startfrom startrow rowoffset recordoffset itemoffset resultoffset",
    PAGE: "page pagenumber pageno pagenum pageindex pagenr currentpage",
    CURSOR: "cursor nextcursor pagecursor pagetoken nexttoken nextpagetoken continuationtoken continuation token "
    "marker nextmarker startingafter startafter bookmark scrollid resumetoken pagemarker",
    "size": "limit size pagesize perpage itemsperpage resultsperpage maxresults maxitems maxcount top take rows "
    "batchsize pagelimit pagelength resultlimit count max",
}
_DOUBTFUL = {
    OFFSET: "start from begin index position",
    PAGE: "p",
    CURSOR: "after next continue since",
    "size": "n first",
}
_SAID = {
    OFFSET: r"\bskip|\boffset|pass over|leave out the first|index of the first|position of the first",
    PAGE: r"page number|number of the page|which page|index of the page|page index|page to (?:return|fetch|read|get)",
    CURSOR: r"cursor|continuation|opaque|previous (?:answer|response|page)|next page",
    "size": r"page size|size of (?:a|the|one) page|per page|maximum number|max(?:imum)? (?:items|results|sessions)"
    r"|how many|at most|number of (?:sessions|items|records|results|entries|rows)",
}
_A_TIME = re.compile(r"\b(?:date|time|timestamp|created|started|ended|since|before)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Paging:
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


UNDOCUMENTED = (Paging(OFFSET, "offset"), Paging(PAGE, "page", base=1))
"""What is tried, in this order, where no document tells."""


def paging_from(parameters: Sequence[Parameter]) -> Paging:
    """The paging of a list operation with these query parameters."""
    size = _pick(parameters, "size")
    for style in (OFFSET, PAGE, CURSOR):
        position = _pick([parameter for parameter in parameters if parameter is not size], style)
        if position is not None:
            wanted, sure = _wanted_size(size)
            return Paging(
                style,
                position.name,
                size.name if size else "",
                wanted,
                sure,
                _base(position) if style == PAGE else None,
            )
    return Paging(NONE)


def _pick(parameters: Sequence[Parameter], role: str) -> Optional[Parameter]:
    """The parameter that plays ``role``: by a sure name, by its description, or by a doubtful name."""
    number = role != CURSOR
    fitting = [parameter for parameter in parameters if _fits(parameter, number)]
    typed = [parameter for parameter in fitting if parameter.type in (("integer", "number") if number else ("string",))]
    named = [parameter for parameter in fitting if _plain(parameter) in _NAMES[role].split()]
    said = [parameter for parameter in typed if re.search(_SAID[role], parameter.description, re.IGNORECASE)]
    doubtful = [parameter for parameter in typed if _plain(parameter) in _DOUBTFUL[role].split()]
    return next(iter([*named, *said, *doubtful]), None)


def _plain(parameter: Parameter) -> str:
    return re.sub(r"[^a-z]", "", parameter.name.lower())


def _fits(parameter: Parameter, number: bool) -> bool:
    """Whether the type allows the role; a cursor must not be the time filter that ``after`` often is."""
    if number:
        return parameter.type in ("integer", "number", "")
    timely = parameter.format.startswith("date") or (
        bool(_A_TIME.search(parameter.description))
        and not re.search(_SAID[CURSOR], parameter.description, re.IGNORECASE)
    )
    return parameter.type in ("string", "") and not timely


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
