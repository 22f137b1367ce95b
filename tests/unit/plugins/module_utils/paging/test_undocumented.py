# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of a server without a document, by what it tells or by guesses. Proves rule 20. More in `test_listing.py`."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import HttpError
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import Page
from ansible_collections.aimms.cloud.plugins.module_utils.paging.undocumented import read_undocumented
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.simulated_list import MAKE, SimulatedList


@pytest.mark.parametrize("total", [None, 330])
def test_an_undocumented_server_that_ignores_every_page_parameter_is_incomplete(total):
    asked = []
    listing = read_undocumented(lambda query: asked.append(query) or Page(MAKE[:100], total))
    assert not listing.complete
    assert len(asked) < 20


def test_a_strict_server_without_a_document_gets_the_next_guess():
    server = SimulatedList("page", MAKE[:330])

    def fetch(query):
        if "offset" in query:
            raise HttpError("GET /sessions/webui", 400)
        return server.fetch(query)

    listing = read_undocumented(fetch)
    assert (len(listing.records), listing.complete) == (330, True)


def test_a_strict_server_that_understands_no_guess_gives_an_incomplete_list():
    server = SimulatedList("page", MAKE[:330])

    def fetch(query):
        if query:
            raise HttpError("GET /sessions/webui", 400)
        return server.fetch(query)

    listing = read_undocumented(fetch)
    assert (len(listing.records), listing.complete) == (100, False)
