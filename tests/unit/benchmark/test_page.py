# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of docs/sizing.md are those of a full run, put between its marks and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.aimms.cloud.tests.benchmark.page import filled

PAGE = Path(__file__).absolute().parents[3] / "docs/sizing.md"
NUMBERS = {
    "latency": 0.02, "sessions": 90, "page": 100, "workers": 16, "few": 100, "many": 1000, "named": 300,
    "rate": 20, "burst": 5,
    "accounts": 20, "forks": 10, "lookups": 50,
    **{f"{name} {size}": 1000 * int(size) for name in ("sessions", "webui") for size in ("1", "10", "100")},
    **{f"{name} {size}": 0 for name in ("task", "solve") for size in ("1", "10", "100")},
    **{f"pages {size}": 10 * int(size) for size in ("1", "10", "100")},
}  # fmt: skip
SAMPLE = {
    "seconds": 2.5,
    "cpu": 1.5,
    "module_peak": 40.2,
    "controller_peak": 57.1,
    "requests": {"total": 9, "refused": 1},
}
KEYS = (
    "noop", "info", "uri", "info 1", "info 10", "info 100", "uri 1", "uri 10", "end", "end few", "end many",
    "end named", "uri few", "xargs many", "one", "many", "noops", "all",
)  # fmt: skip


def a_run(**changes):
    """What a run of all cases wrote, each contender with the same sample but the noop, which is faster."""
    row = {key: {**SAMPLE, "seconds": 1.0, "cpu": 0.9} if key == "noop" else SAMPLE for key in KEYS}
    row |= {"info 100": {**SAMPLE, "seconds": 9.0}, "info 10": {**SAMPLE, "seconds": 3.0}}
    titles = {"noop": "noop module", "info": "aimms_session_info, one page", "uri": "uri"}
    cases = [
        {"case": name, "numbers": NUMBERS, "titles": titles, "rounds": [row] * 3, "notes": []}
        for name in ("page", "list", "end", "limit", "lookups", "accounts")
    ]
    return {"quick": False, "machine": {"cores": 2, "load at the start": 0.1}, "cases": cases, **changes}


def test_every_table_of_the_page_is_filled_and_the_text_stays():
    page = PAGE.read_text(encoding="utf-8")
    made = filled(page, a_run())
    kept = re.compile(r"(<!-- \w+ -->\n).*?(<!-- end -->)", re.DOTALL)
    assert kept.sub(r"\1\2", made) == kept.sub(r"\1\2", page)
    assert all(len(place.group().splitlines()) > 3 for place in kept.finditer(made))
    assert "| 1 | one page, against uri | info / uri | 1 | 1 to 1 | ≤ 1.05 | met |" in made
    assert "- a play with a module that does nothing: 1.00 s" in made
    assert filled(made, a_run()) == made


@pytest.mark.parametrize("change", [{"quick": True}, {"cases": []}])
def test_a_quick_run_or_one_of_some_cases_fills_nothing(change):
    with pytest.raises(ValueError, match="a full run"):
        filled("", a_run(**change))
