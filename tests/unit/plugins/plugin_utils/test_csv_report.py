# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions as CSV: a line for each, and no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io

import pytest

from ansible_collections.aimms.cloud.plugins.plugin_utils.csv_report import COLUMNS, as_csv
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples


def table(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_csv_has_a_line_for_each_session_with_what_it_is():
    running = samples.sessions(9)
    figures = overview(running, cleanup=samples.cleanup(running))
    head, *lines = table(as_csv(figures["sessions"]))
    assert head == list(COLUMNS)
    found = [dict(zip(head, line)) for line in lines]
    assert [one["id"] for one in found] == [one["id"] for one in figures["sessions"]]
    assert {(one["cleanup"], one["cleanup_why"] != "") for one in found} == {("kept", True), ("", False)}
    assert {one["stale"] for one in found} <= {"true", "false"}
    assert [int(one["age_seconds"]) for one in found] == [one["age_seconds"] for one in figures["sessions"]]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\uff1d", "\u202e="])
def test_no_cell_begins_like_a_formula(begin):
    text = as_csv([samples.session(0, 9, owner=f'{begin}1+1;"x",y\r\n=2', app_name=f"{begin}cmd|' /C calc'!A0")])
    (_head, line) = table(text)
    for name in ("owner", "app_name"):
        value = line[COLUMNS.index(name)]
        assert value.startswith("'")
        assert value.isprintable()
    assert text.count("\r\n") == 2
    assert dict(zip(COLUMNS, line))["owner"].endswith('1+1;"x",y  =2')


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", " =", "\t="])
@pytest.mark.parametrize("between", [";", ",", "|", "; ", ";;", "\t;"])
def test_no_part_begins_like_a_formula_where_another_sign_ends_a_cell(between, sign):
    """A spreadsheet in a country with the decimal comma takes ``;`` for the end of a cell."""
    text = as_csv([samples.session(0, 9, owner=f"a{between}{sign}1+1", app_name=f"x{between}{sign}2;{sign}3")])
    for separator in ";,|\t":
        cells = [cell for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in line]
        assert [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@", "\uff1d"))] == []


def test_text_that_is_no_formula_and_numbers_stay_as_they_are():
    text = as_csv([samples.session(0, 9, owner="a-b=c@ROOT", age_seconds=-5, message=None)])
    found = dict(zip(COLUMNS, table(text)[1]))
    assert (found["owner"], found["age_seconds"], found["message"]) == ("a-b=c@ROOT", "-5", "")
