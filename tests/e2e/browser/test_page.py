# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page in a browser: accessible, responsive, fast, self-contained, with the same numbers as the JSON report."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

NAMES = ("usual", "large", "harmful", "empty")
LONGEST = 2000
"""Milliseconds from the start of loading to the rows on the screen, with 10,000 sessions."""

each_look = pytest.mark.parametrize(
    ("width", "scheme"), [(380, "light"), (380, "dark"), (1600, "light"), (1600, "dark")]
)


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def shown_ids(tab: Any) -> list[str]:
    return list(tab.locator("#sessions tbody tr td:last-child code").all_inner_texts())


@each_look
@pytest.mark.parametrize("name", ["usual", "harmful", "empty"])
def test_axe_finds_nothing_wrong(show: Any, name: str, width: int, scheme: str) -> None:
    tab = show(name, width, scheme)
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = Axe().run(tab, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [380, 1239, 1240, 1600])
def test_nothing_is_wider_than_the_window(show: Any, name: str, width: int) -> None:
    tab = show(name, width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def luminance(colour: str) -> float:
    """Relative luminance of ``rgb(r, g, b)`` by WCAG."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_have_contrast_too(show: Any, scheme: str) -> None:
    """Axe does not check SVG. WCAG requires a contrast of 4.5 for text and 3 for shapes."""
    tab = show("usual", scheme=scheme)
    card = luminance(tab.evaluate("getComputedStyle(document.querySelector('figure')).backgroundColor"))
    assert (card > 0.5) == (scheme == "light")
    fills = "(found) => found.map((one) => getComputedStyle(one).fill)"
    for selector, least in (("svg text", 4.5), ("svg .bar", 3), ("svg .old", 3)):
        for colour in set(tab.locator(selector).evaluate_all(fills)):
            dark, light = sorted([luminance(colour), card])
            assert (light + 0.05) / (dark + 0.05) >= least, (selector, colour)


@pytest.mark.parametrize("name", ["usual", "large"])
def test_the_numbers_are_those_of_the_json_report(show: Any, pages: Any, name: str) -> None:
    tab, report = show(name), pages.reports[name]
    figures = dict(zip(tab.locator("dt").all_inner_texts(), tab.locator("dd").all_inner_texts()))
    assert number(figures["Running"]) == report["running"]
    assert number(figures["Stale"].split("\n")[0]) == report["stale"]
    assert (number(figures["Owners"]), number(figures["Apps"])) == (len(report["by_owner"]), len(report["by_app"]))
    for kind in report["by_kind"]:
        assert [number(line) for line in figures[f"Kind {kind['name']}"].split("\n")] == [
            kind["running"],
            kind["stale"],
        ]
    counts = report["cleanup"]["counts"]
    names = {"planned": "Planned", "interrupted": "Ended by interrupt", "forced": "Ended by force", "failed": "Failed"}
    for key, title in {**names, "kept": "Kept"}.items():
        assert number(figures[title]) == counts[key]
    for key in ("by_app", "by_owner", "by_age"):
        rows = tab.locator(f"[data-numbers={key.replace('_', '-')}] tbody tr").evaluate_all(
            "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
        )
        assert [(row[0], number(row[1]), number(row[2])) for row in rows] == [
            (one["name"], one["running"], one["stale"]) for one in report[key]
        ]
    assert number(tab.locator("#where").inner_text().split(" of ")[1]) == report["running"]


def test_bars_are_as_long_as_the_numbers_say(show: Any, pages: Any) -> None:
    tab, ages = show("usual"), pages.reports["usual"]["by_age"]
    most = max(one["running"] for one in ages)
    chart = tab.locator("svg[aria-labelledby^=by-age]")
    widths = chart.locator("rect.bar:not(.old)").evaluate_all("(bars) => bars.map((bar) => bar.getBBox().width)")
    whole = chart.evaluate("(chart) => chart.getBoundingClientRect().width")
    assert widths == [pytest.approx(whole * one["running"] / most, abs=1) for one in ages]


def test_charts_have_a_text_that_says_the_numbers(show: Any, pages: Any) -> None:
    tab = show("usual")
    assert tab.get_by_role("img").count() == 5
    for one in pages.reports["usual"]["by_app"]:
        text = tab.locator("#by-app-text").text_content()
        assert f"{one['name']}: {one['running']}" in text


def test_it_opens_ten_thousand_sessions_fast(show: Any) -> None:
    took = []
    for _time in range(2):  # the first load is slower: the browser starts up
        tab = show("large")
        tab.wait_for_function("!document.getElementById('pager').hidden")
        took.append(tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
        assert len(shown_ids(tab)) == 100
    assert 0 < min(took) < LONGEST, took


def test_rows_can_be_found_ordered_and_paged(show: Any, pages: Any) -> None:
    tab, sessions = show("large"), pages.reports["large"]["sessions"]
    assert shown_ids(tab) == [one["id"] for one in sessions[:100]]
    tab.click("#after")
    assert shown_ids(tab) == [one["id"] for one in sessions[100:200]]
    tab.select_option("#order", "9 1")
    youngest = sorted(sessions, key=lambda one: one["age_seconds"])
    assert {one["id"] for one in youngest[:90]} <= set(shown_ids(tab))
    tab.check("#only-stale")
    tab.fill("#words", "user7@planning crew")
    fitting = [
        one for one in sessions if one["owner"] == "user7@PLANNING" and "Crew" in one["app_name"] and one["stale"]
    ]
    assert set(shown_ids(tab)) == {one["id"] for one in fitting}
    assert tab.locator("#sessions tbody b").count() == len(fitting) > 0
    tab.fill("#words", "nobody has this")
    assert (shown_ids(tab), tab.locator("#where").inner_text()) == ([], "None fits")


def column(tab: Any, label: str) -> list[str]:
    return list(tab.locator(f"#sessions [data-label='{label}']").all_inner_texts())


def test_each_column_orders_the_table_both_ways(show: Any, pages: Any) -> None:
    tab, sessions = show("usual"), pages.reports["usual"]["sessions"]
    heads = tab.locator("#sessions thead th")
    assert heads.evaluate_all("(heads) => heads.map((head) => head.ariaSort)") == [
        *(None, None, None, None, "descending", "ascending", None, None)
    ]
    for place, name in enumerate(heads.locator("button").all_inner_texts()):
        orders = []
        for _time in range(2):
            heads.nth(place).locator("button").click()
            assert len(heads.locator("xpath=self::*[@aria-sort]").all()) == (2 if name in ("Age", "Created") else 1)
            orders.append(shown_ids(tab) if name == "Age" else column(tab, name))
        if name == "Age":
            oldest = [one["id"] for one in sessions]
            assert (orders[0], orders[1][::-1]) == (oldest, oldest)
        elif name != "Last cleanup":  # many of its texts are the same
            ascending = orders[0] if orders[0] == sorted(orders[0], key=key_of(name)) else orders[1]
            assert ascending == sorted(ascending, key=key_of(name)), name
            assert sorted(orders[0]) == sorted(orders[1])
            assert orders[0] != orders[1]


def key_of(name: str) -> Any:
    """How the texts of a column are compared: without the version of an app."""
    return (lambda text: text.rsplit(" ", 1)[0]) if name == "App" else None


def test_a_bar_shows_only_its_sessions(show: Any, pages: Any) -> None:
    tab, report = show("large"), pages.reports["large"]

    def count() -> int:
        return number(tab.locator("#where").inner_text().rpartition(" of ")[2])

    owners = report["by_owner"]
    assert len(owners) > 8
    tab.locator("#by-owner button").first.click()
    assert count() == owners[0]["running"]
    assert set(column(tab, "Owner")) == {owners[0]["name"]}
    tab.get_by_role("button", name=f"Show only app {report['by_app'][1]['name']}").click()
    both = [one for one in report["sessions"] if one["owner"] == owners[0]["name"]]
    assert count() == sum(one["app_name"] == report["by_app"][1]["name"] for one in both)
    assert tab.locator("#chosen button").count() == 2
    tab.locator("#chosen button").first.click()
    tab.get_by_role("button", name="Show only owner all others").click()
    assert count() == sum(one["running"] for one in owners[7:])
    tab.locator("#chosen button").click()
    for place, age in enumerate(report["by_age"]):
        tab.locator("#by-age button").nth(place).click()
        assert (count() if age["running"] else tab.locator("#where").inner_text()) == (age["running"] or "None fits")
    tab.locator("#by-age button[aria-pressed=true]").click()
    assert count() == report["running"]


ONE_LINE = """(found) => found.filter((one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  const tops = [...range.getClientRects()].map((box) => box.top);
  return Math.max(...tops) - Math.min(...tops) > 10;
}).map((one) => one.textContent)"""


@pytest.mark.parametrize("name", ["usual", "large", "harmful"])
def test_no_name_id_or_time_is_broken_on_a_wide_screen(show: Any, name: str) -> None:
    tab = show(name)
    found = tab.locator("[role=table] :is(bdi, code, .fixed)")
    assert found.count() > 50
    assert found.evaluate_all(ONE_LINE) == []


def test_the_lines_of_the_last_runs_are_drawn(show: Any) -> None:
    lengths = show("usual").locator("path.line").evaluate_all("(found) => found.map((one) => one.getTotalLength())")
    assert len(lengths) == 4
    assert min(lengths) > 100


def test_why_each_session_was_kept_is_in_its_row(show: Any) -> None:
    rows = show("usual").locator("#sessions [data-label='Last cleanup']").all_inner_texts()
    assert {text.split(":")[0].split(",")[0] for text in rows} == {"kept", "not listed by it"}
    assert any("too young" in text for text in rows)


def test_without_scripts_the_essentials_are_there(show: Any, pages: Any) -> None:
    tab, report = show("large", java_script_enabled=False), pages.reports["large"]
    assert shown_ids(tab) == [one["id"] for one in report["sessions"][:100]]
    assert tab.get_by_text("Below are the 100 oldest of 10,000.").is_visible()
    assert not tab.locator("#words").is_visible()
    assert tab.get_by_role("link", name="CSV").get_attribute("href") == "acme.csv"


def test_names_that_mean_harm_do_nothing(show: Any) -> None:
    tab = show("harmful")
    for order in ("9 1", "0 1", "2 1"):
        tab.select_option("#order", order)
    assert tab.title().startswith("Sessions of acme")
    assert tab.locator("#sessions script, #sessions img").count() == 0
    names = tab.locator("#sessions bdi[title]").evaluate_all("(found) => found.map((one) => one.title)")
    assert any(name.startswith("<script>document.title") for name in names)


def test_no_other_script_could_run(browser: Any, pages: Any) -> None:
    """An injected script would not run: the page's policy allows only its own script."""
    tab = browser.new_page()
    tab.goto(pages.address("usual"))
    title = tab.title()
    tab.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: \"document.title = 'run'\"}))"
    )
    tab.evaluate("document.body.insertAdjacentHTML('beforeend', `<img src=x onerror=\"document.title = 'run'\">`)")
    tab.wait_for_timeout(200)
    assert tab.title() == title
    tab.close()
