# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long list of a server without a document: read by what its answers tell, else by the usual parameters. Pure."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page, R
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.pagination import NONE, UNDOCUMENTED, Pagination
from ansible_collections.aimms.cloud.plugins.module_utils.paging.listing import NO_ID, Fetch, Listing, read_all
from ansible_collections.aimms.cloud.plugins.module_utils.paging.pages import (
    ENDLESS,
    NO_PROGRESS,
    NOT_UNDERSTOOD,
    Query,
)


def read_undocumented(fetch: Fetch[R]) -> Listing[R]:
    """Read without a document: take what the first answer tells, else try the usual parameters."""
    first = fetch({})
    whole = not first.records or (first.total is not None and first.total <= len(first.records)) or first.more is False
    cached: list[Page[R]] = [first]

    def fetch_once(query: Query) -> Page[R]:
        return cached.pop() if cached and not query else fetch(query)

    if whole or isinstance(first.next, dict):
        return read_all(fetch_once, Pagination(NONE))
    best = Listing(list(first.records), [NO_PROGRESS])
    for guess in UNDOCUMENTED:
        cached[:] = [first]
        try:
            listing = read_all(fetch_once, guess)
        except HttpError as error:
            if error.status not in NOT_UNDERSTOOD:
                raise
            continue
        if listing.complete or ENDLESS in listing.problems or any(NO_ID in problem for problem in listing.problems):
            return listing  # the server has understood where to go on
        best = max(best, listing, key=lambda found: len(found.records))
    return best
