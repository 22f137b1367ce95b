# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server hands out a long list, told from the parameters and the answer that its document names. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only, words
from ansible_collections.aimms.cloud.plugins.module_utils.models.session_fields import ID_WORDS
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Field, Parameter

OFFSET, PAGE, CURSOR, NONE, UNKNOWN = "offset", "page", "cursor", "none", "unknown"
_LARGEST_PAGE = 1000
_USUAL_PAGE = 100

_NAMES = {
    OFFSET: "offset skip skipcount skiprows skipitems startindex startat startfrom startrow rowoffset recordoffset "
    "itemoffset resultoffset pageoffset",
    PAGE: "page pagenumber pageno pagenum pageindex pagenr currentpage",
    CURSOR: "cursor nextcursor pagecursor pagetoken nexttoken nextpagetoken continuationtoken continuation token "
    "marker nextmarker startingafter startafter bookmark scrollid resumetoken pagemarker pageafter skiptoken",
    "size": "limit size pagesize perpage itemsperpage resultsperpage rowsperpage maxresults maxresultcount maxitems "
    "maxcount top take takerows takecount rows batchsize pagelimit pagelength resultlimit count max",
}
_DOUBTFUL = {OFFSET: "first start from begin index position", PAGE: "p", CURSOR: "after next", "size": "n first"}
_ENDS = {"start": "end", "from": "to", "begin": "end", "first": "last", "after": "before"}
"""With a parameter of the second name beside it, one of the first name is the begin of a range."""
_NUMBERS = ("integer", "number")
_COUNT = re.compile(r"\A(?!.*page).*(?:count|total)")


@dataclass(frozen=True)
class Pagination:
    """The style of paging and the parameters that drive it.

    ``size``: what is asked for, one of ``sizes`` if there are such. ``base``: the first page's number, as the document
    has it. ``required``: the first request must name a position. ``inside``: the parameter that takes the others as
    JSON. ``unread``: other parameters may page in an unknown way. ``names``: of the list, a count and the next page.
    """

    style: str
    position: str = ""
    size_name: str = ""
    size: int = _USUAL_PAGE
    base: Optional[int] = None
    sizes: tuple[int, ...] = ()
    required: bool = False
    inside: str = ""
    unread: bool = False
    names: tuple[str, str, str] = ("", "", "")

    @property
    def any_size(self) -> bool:
        """Whether pages are numbered and may be asked for in every size."""
        return self.style == PAGE and bool(self.size_name) and not self.sizes

    def query(self, size: int, position: Optional[str] = None) -> dict[str, str]:
        """The query parameters that ask for a page. :param size: 0: of the server's own size."""
        allowed = min((one for one in self.sizes if one >= size), default=max(self.sizes, default=size))
        values = {self.size_name: str(allowed)} if self.size_name and size else {}
        if position is not None:
            values[self.position] = position
        if not self.inside:
            return values
        return {self.inside: json.dumps({name: int(text) for name, text in values.items()})} if values else {}

    def first_query(self, size: int, position: int = 0) -> dict[str, str]:
        """The query for the first page. The position is named only where it must be."""
        return self.query(size, str(position) if self.required else None)

    def in_pages_of(self, size: Optional[int]) -> Pagination:
        """With this size, whatever the document says of it; None: as it is."""
        return replace(self, size=size, sizes=()) if size else self

    def size_below(self, size: int) -> int:
        """The largest page size of at most ``size`` that may be asked for; 0: there is none."""
        return max((one for one in self.sizes or (size,) if one <= size), default=0) if self.size_name else 0


UNDOCUMENTED = (Pagination(OFFSET, "offset"), Pagination(PAGE, "page"))
"""What is tried, in this order, where no document tells."""


def pagination_from(parameters: Sequence[Parameter], answer: Sequence[Field] = ()) -> Pagination:
    """The paging of a list operation with these query parameters and these fields of its answer.

    A name that leaves no doubt counts more than a doubtful one, whatever the style.
    """
    size = next((found for _style, found in _candidates(parameters, ("size",))), None)
    others = [one for one in parameters if one is not size]
    style, position = next(_candidates(others, (OFFSET, PAGE, CURSOR)), (NONE, None))
    if position and size and position.inside != size.inside:
        size = None
    sizes = tuple(int(one) for one in (size.enum if size else ()) if one.isdecimal() and int(one) <= _LARGEST_PAGE)
    return Pagination(
        style,
        position.name if position else "",
        size.name if size else "",
        max(sizes) if sizes else _wanted_size(size),
        next((one for one in (position.default, position.minimum) if one in (0, 1)), None) if position else None,
        sizes,
        bool(position and position.required and style != CURSOR),
        next((one.inside for one in (position, size) if one), ""),
        style == NONE and any(map(_may_page, others)),
        _names_in(answer, position.name if position and style == CURSOR else ""),
    )


def _candidates(parameters: Sequence[Parameter], roles: Sequence[str]) -> Iterator[tuple[str, Parameter]]:
    """Roles and the parameters that may play them, the surest first."""
    names = {letters_only(one.name) for one in parameters}
    for sure in (True, False):
        for role in roles:
            for one in parameters:
                name = letters_only(one.name)
                known = name in (_NAMES if sure else _DOUBTFUL)[role].split() and not one.format.startswith("date")
                typed = one.type == "string" if role == CURSOR else one.type in _NUMBERS
                if known and one.type != "object" and (sure or (typed and _ENDS.get(name) not in names)):
                    yield role, one


def _may_page(parameter: Parameter) -> bool:
    """Whether a parameter with an unknown name is made like one that pages: an object, or a number with a limit."""
    numeric = parameter.type in _NUMBERS and not parameter.enum
    limited = (parameter.minimum, parameter.maximum, parameter.default) != (None, None, None)
    return parameter.type == "object" or bool(parameter.inside) or (numeric and (limited or parameter.required))


def _wanted_size(size: Optional[Parameter]) -> int:
    most = (size and size.maximum) or 0
    wanted = most if most > 0 else max(_USUAL_PAGE, (size and (size.default or size.minimum)) or 0)
    return min(wanted, _LARGEST_PAGE)


def _names_in(answer: Sequence[Field], cursor: str) -> tuple[str, str, str]:
    """The only list (of objects with an id, if there are such), and the only number that counts something."""
    lists = [(name, inner) for name, kind, inner in answer if kind == "array"]
    records = [name for name, inner in lists if any(words(one) in ID_WORDS for one in inner)]
    counts = [name for name, kind, _inner in answer if kind == "integer" and _COUNT.search(letters_only(name))]
    found = (records or [name for name, _inner in lists], counts)
    only, count = (letters_only(names[0]) if len(names) == 1 else "" for names in found)
    return only, count, letters_only(cursor)
