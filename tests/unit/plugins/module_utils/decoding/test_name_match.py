# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and the ways in which people write them: literal or glob, any case, any Unicode form."""

from __future__ import annotations

import unicodedata
from fnmatch import fnmatchcase

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_match import folded, matches

quickly = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12) | st.text(
    "aAsSß\u0130\u0131IiéE\u0301\u0307\u00a0 []*?!-", max_size=12
)
ASCII = st.text("abAB01 .-_@[]!*?", max_size=8)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Planner [PROD]", "Planner [PROD]"),
        ("Planner [PROD]", "planner  [prod]"),
        ("Planner [PROD] 2", "Planner [PROD]*"),
        ("svc[ops]@ROOT", "svc[ops]@*"),
        ("svco@ROOT", "svc[ops]@*"),
        ("svcx@ROOT", "svc[!a-w]@*"),
        ("Planner [z-a]", "Planner [z-a]"),
        ("Planner [!]", "planner [!]"),
        ("Caf\u00e9", "Cafe\u0301"),
        ("Cafe\u0301", "CAF\u00c9"),
        ("Gro\u00df", "GROSS"),
        ("GROSS", "gro\u00df"),
        ("GRO\u1e9e", "gross"),
        ("\u0130stanbul", "istanbul"),
        ("istanbul", "\u0130STANBUL"),
        ("ISTANBUL", "\u0131stanbul"),
        ("\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3"),
        ("Planner\u00a0Two", "Planner Two"),
        ("Planner  Two", "Planner\u2003Two"),
        ("\ufb01nance", "FINANCE"),
        ("\uff30lanner", "planner"),
        ("Plan\u200bner", "planner"),
        ("Planner \u2764\ufe0f", "planner \u2764"),
        ("two\nlines", "TWO LINES"),
        ("What?", "what?"),
        ("a*b", "A*B"),
    ],
)
def test_one_name(name, written):
    assert matches(name, (written,))
    assert matches(name, ("nobody", written))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Planner PROD", "Planner [XYZ]"),
        ("svca@ROOT", "svc[ops]@*"),
        ("Planners", "Planner"),
        ("PlannerTwo", "Planner Two"),
    ],
)
def test_another_name(name, written):
    assert not matches(name, (written,))


def test_what_is_not_known_matches_nothing_and_nothing_matches_no_glob():
    assert not matches(None, ("*",))
    assert not matches("ann", ())
    assert not matches("", ())


@quickly
@given(name=TEXTS)
@example(name="\u0345\u0130\u0307")
def test_a_name_matches_itself_in_any_form(name):
    assert folded(folded(name)) == folded(name)
    forms = [unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC")]
    for written in (name, *forms, forms[1].casefold()):
        assert matches(name, (written,))
        assert matches(f"{name}x", (f"{written}*",))


@quickly
@given(name=ASCII, glob=ASCII)
def test_what_the_shell_matches_is_matched(name, glob):
    plain, wanted = (" ".join(text.lower().split()) for text in (name, glob))
    assert matches(name, (glob,)) or not fnmatchcase(plain, wanted)


@quickly
@given(name=ASCII, globs=st.lists(ASCII, max_size=4))
def test_several_globs_match_what_one_of_them_matches(name, globs):
    assert matches(name, tuple(globs)) == any(matches(name, (glob,)) for glob in globs)
