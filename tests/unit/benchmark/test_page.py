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
SAMPLE = {"seconds": 2.5, "cpu": 1.5, "module_peak": 40.2, "controller_peak": 57.1, "requests": {}}
FOUND = {
    "quick": False,
    "machine": {"cores": 2, "load at the start": 0.1},
    "goals": [
        {"number": "1", "name": "one page", "formula": "a / b", "median": 1.01, "values": [1.0, 1.02],
         "bound": "≤ 1.05", "met": True}
    ],
    "model": {
        "constants": {"play": 0.9, "module": 0.2, "session": 0.00002, "request": 0.001, "lookup": 0.8},
        "checks": [{"job": "list 10", "unit": "s", "modelled": 1.0, "measured": 1.1, "ratio": 0.91, "near": True}],
    },
    "cases": [{"case": "accounts", "titles": {"one": "one account", "noop": "noop"}, "rounds": [{"one": SAMPLE}] * 3}],
}  # fmt: skip


def test_every_table_of_the_page_is_filled_and_the_text_stays():
    page = PAGE.read_text(encoding="utf-8")
    made = filled(page, {**FOUND, "cases": [{**FOUND["cases"][0], "titles": {"one": "one account"}}]})
    kept = re.compile(r"(<!-- \w+ -->\n).*?(<!-- end -->)", re.DOTALL)
    assert kept.sub(r"\1\2", made) == kept.sub(r"\1\2", page)
    assert "| 1 | one page | a / b | 1.01 | 1 to 1.02 | ≤ 1.05 | met |" in made
    assert "| list 10 | s | 1 | 1.1 | 0.91 |" in made
    assert "- work: 20 µs for each listed session" in made
    assert filled(made, FOUND) == filled(page, FOUND)


@pytest.mark.parametrize("change", [{"quick": True}, {"model": {"constants": None, "checks": []}}])
def test_a_quick_run_or_one_without_a_model_fills_nothing(change):
    with pytest.raises(ValueError, match="a full run"):
        filled("", {**FOUND, **change})
