# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server says is never a template, whatever the version of ansible-core."""

from __future__ import annotations

import importlib

import pytest

from ansible_collections.aimms.cloud.tests.unit.plugins.filter.filter_call import call
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples

pytest.importorskip("ansible.template", reason="filters run on controllers only")

TRAP = "{{ 7 * 7 }}"


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
