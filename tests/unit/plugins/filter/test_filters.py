# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters as templates call them, and their documentation."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples

errors = pytest.importorskip("ansible.errors", reason="filters run on controllers only")
PLUGINS = "ansible_collections.aimms.cloud.plugins"
NAMES = ("session_csv", "session_overview", "session_page")
TRAP = "{{ 7 * 7 }}"


def module(name):
    return importlib.import_module(f"{PLUGINS}.filter.{name}")


def call(name, *values, **options):
    return module(name).FilterModule().filters()[name](*values, **options)


def everything_in(value):
    """All texts in a value, with the names."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from everything_in(key)
            yield from everything_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from everything_in(one)
    elif isinstance(value, str):
        yield value


def test_every_filter_is_tested_here():
    folder = Path(module("session_page").__file__).parent
    assert sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__") == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_documentation_is_whole(name):
    code = module(name)
    told = yaml.safe_load(code.DOCUMENTATION)
    assert (told["name"], told["version_added"]) == (name, "1.0.0")
    assert set(yaml.safe_load(code.RETURN)) == {"_value"}
    assert f"aimms.cloud.{name}" in code.EXAMPLES
    options = set(told["options"]) - {"_input"}
    assert options == set(code.__dict__[name].__annotations__) - {"sessions", "report", "return"}


def test_figures_become_a_page_and_a_table():
    figures = call("session_overview", samples.sessions(5), stale_after="8h", cleanup={})
    html = call("session_page", {**figures, "host": "acme", "written_at": samples.written(samples.NOW)})
    assert html.startswith("<!doctype html>")
    assert call("session_csv", figures["sessions"]).count("\r\n") == 6


def test_ages_from_times_without_a_zone_need_twelve_hours_more_to_be_stale():
    sessions = [samples.session(0, 10 * samples.HOUR)]
    assert call("session_overview", sessions, stale_after="8h")["sessions"][0]["stale"] is True
    assert call("session_overview", sessions, stale_after="8h", assumed=True)["sessions"][0]["stale"] is False


@pytest.mark.parametrize(
    ("name", "value", "options"),
    [
        ("session_overview", ["x"], {}),
        ("session_overview", [], {"stale_after": 24}),
        ("session_overview", [], {"cleanup": {"planned": []}}),
        ("session_page", {"running": 5}, {}),
        ("session_csv", 5, {}),
        ("session_csv", ["x"], {}),
    ],
)
def test_what_cannot_be_used_is_refused_by_the_filter_s_name(name, value, options):
    with pytest.raises(errors.AnsibleFilterError, match=f"{name}: "):
        call(name, value, **options)


def test_what_a_server_says_is_never_a_template():
    """In ansible-core before 2.19 a text is a template unless it is marked; since then unless it is trusted."""
    session = samples.session(0, 9, owner=TRAP, app_name=TRAP)
    figures = call("session_overview", [session])
    texts = [*everything_in(figures), call("session_csv", [session])]
    texts.append(call("session_page", {**figures, "host": "acme", "written_at": ""}))
    trapped = [text for text in texts if TRAP in text]
    assert len(trapped) > 5
    template = importlib.import_module("ansible.template")
    loader = importlib.import_module("ansible.parsing.dataloader").DataLoader()
    templar = template.Templar(loader=loader, variables={})
    assert [text for text in trapped if templar.template(text) != text] == []
