# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether two reads are of the same one: what one of them does not tell is no difference. Proves rule 16."""

from __future__ import annotations

from itertools import combinations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.models.identity import comparable, difference
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant

AT = 1_780_000_000.0
FULL = {"app_name": "Crew", "owner": "alice@ROOT", "created_at": Instant(AT)}


def session(name="a", kind="webui", **values):
    return Session(name, kind, "running", **values)


def both(before, now, make=session):
    """What differs, whichever of the two is read first."""
    found = {bool(difference(make(**one), make(**other))) for one, other in ((before, now), (now, before))}
    assert len(found) == 1
    return found.pop()


@pytest.mark.parametrize("left_out", [names for size in range(4) for names in combinations(FULL, size)])
@pytest.mark.parametrize("make", [session, lambda **values: Task("a", **values)])
def test_what_one_read_leaves_out_is_no_difference(left_out, make):
    assert not both(FULL, {name: value for name, value in FULL.items() if name not in left_out}, make)


SAME = [
    ("app_name", "Crew", "CREW"),
    ("app_name", "Gro\u00df", "GROSS"),
    ("app_name", "Crew  Planning", "Crew\u00a0Planning"),
    ("owner", "alice@ROOT", "Alice@root"),
    ("owner", "alice@ROOT", "alice"),
    ("owner", "alice@corp.example", "alice@corp.example@ROOT"),
    ("owner", "Ren\u00e9@ROOT", "Rene\u0301@ROOT"),
    ("created_at", Instant(AT), Instant(AT + 0.999)),
    ("created_at", Instant(AT, True), Instant(AT + 2 * 3600)),
    ("created_at", Instant(AT, True), Instant(AT - 5.75 * 3600 + 0.5)),
    ("created_at", Instant(AT), Instant(AT + 14 * 3600, True)),
]
OTHERS = [
    ("app_name", "Crew", "Crew2"),
    ("app_name", "Crew", "Crew@2"),
    ("owner", "alice@ROOT", "alice@PLANNING"),
    ("owner", "alice@ROOT", "alicia@ROOT"),
    ("owner", "alice", "alice2@ROOT"),
    ("owner", "alice", "alice2"),
    ("created_at", Instant(AT), Instant(AT + 1)),
    ("created_at", Instant(AT), Instant(AT + 3600)),
    ("created_at", Instant(AT, True), Instant(AT + 3600, True)),
    ("created_at", Instant(AT, True), Instant(AT + 3601)),
    ("created_at", Instant(AT, True), Instant(AT + 15 * 3600)),
    ("created_at", Instant(AT, True), Instant(AT + 14 * 3600 + 0.5)),
]


@pytest.mark.parametrize(("name", "before", "now"), SAME)
def test_one_spelling_more_or_less_is_no_difference(name, before, now):
    assert not both({name: before}, {name: now})


@pytest.mark.parametrize(("name", "before", "now"), OTHERS)
def test_another_value_is_another_session(name, before, now):
    assert both({**FULL, name: before}, {**FULL, name: now})


def test_another_id_kind_or_index_is_another_one():
    assert both(FULL, {**FULL, "name": "b"})
    assert both(FULL, {**FULL, "kind": "task"})
    assert difference(Task("a"), Task("a", group_index=1))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"app_name": "Other"}, "its app was 'Crew' and is 'Other'"),
        ({"owner": "bob@ROOT"}, "its owner was 'alice@ROOT' and is 'bob@ROOT'"),
        ({"owner": "b" * 99}, "its owner was 'alice@ROOT' and is '(99 characters)'"),
        (
            {"created_at": Instant(AT + 60)},
            "it was created at 2026-05-28T20:26:40Z before and at 2026-05-28T20:27:40Z now",
        ),
        ({"kind": "task"}, "its id was 'webui/a' and is 'task/a'"),
    ],
)
def test_the_field_that_differs_is_named_with_both_values(now, said):
    assert difference(session(**FULL), session(**{**FULL, **now})) == said


@pytest.mark.parametrize("before", [names for size in range(4) for names in combinations(FULL, size)])
@pytest.mark.parametrize("now", [names for size in range(4) for names in combinations(FULL, size)])
def test_two_reads_are_comparable_by_what_both_tell_or_if_neither_tells_anything(before, now):
    one, other = (session(**{name: FULL[name] for name in names}) for names in (before, now))
    assert comparable(one, other) is bool(set(before) & set(now) or not (before or now))


def test_what_only_an_earlier_read_told_is_kept():
    listed = session(**FULL, app_version="1.0", started_at=Instant(AT))
    single = Session("a", "webui", "closing", owner="alice")
    completed = single.completed(listed)
    assert (completed.owner, completed.app_name, completed.created_at) == ("alice@ROOT", "Crew", Instant(AT))
    assert (completed.app_version, completed.started_at, completed.state) == ("1.0", Instant(AT), "closing")
    assert listed.completed(single) is listed
    assert (
        Session("a", "webui", owner="alice@ROOT").completed(Session("a", "webui", owner="alice")).owner == "alice@ROOT"
    )


def test_no_difference_is_an_empty_text():
    assert difference(Task("a"), Task("a")) == ""
