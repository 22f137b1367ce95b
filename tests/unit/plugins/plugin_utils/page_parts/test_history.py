# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of an account: what a run adds, and that no file can be a reason to fail."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.plugins.plugin_utils.page_parts import history
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples

AT = "2026-03-14T06:30:00Z"


def report(at=AT, account="acme", count=5, cleanup=None, **more):
    figures = overview(samples.sessions(count), cleanup=cleanup)
    return {**figures, "host": "h", "account": account, "written_at": at, **more}


def after(*reports):
    """The runs, and the text of the file, after these reports."""
    text, runs = "", []
    for one in reports:
        runs = history.runs_with(text, one)
        text = history.history_text(one, runs)
    return runs, text


def test_each_run_is_added_with_its_numbers():
    runs, text = after(report("2026-03-13T06:30:00Z", count=40), report(count=5))
    assert [(one["at"][:10], one["running"], one["stale"]) for one in runs] == [
        ("2026-03-13", 40, 6),
        ("2026-03-14", 5, 1),
    ]
    assert {one["ended"] for one in runs} == {None}
    assert json.loads(text) == {"account": "acme", "runs": runs}


def test_what_a_clean_up_ended_counts_once():
    done = samples.cleanup([])
    for one in done["terminated"]:
        one.update(gb_hours=2.0, run_seconds=3600)
    done["written_at"] = "2026-03-13T03:30:00Z"
    runs, _text = after(
        *(report(f"2026-03-{day}T06:30:00Z", cleanup=done) for day in (13, 14)),
        report("2026-03-15T06:30:00Z", cleanup={**done, "written_at": "2026-03-15T03:30:00Z"}),
    )
    assert [(one["ended"], one["freed"]) for one in runs] == [(4, 8.0), (0, None), (4, 8.0)]


def test_a_run_that_listed_nothing_knows_no_numbers_of_what_runs():
    (run,), _text = after(report(listed=False, cleanup=samples.cleanup([])))
    assert run == {"at": AT, "running": None, "stale": None, "ended": 4, "freed": None}


def test_only_the_last_runs_are_kept_and_their_file_is_small():
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 5) for day in range(1, 29)]
    runs, text = after(*(report(f"{day}T06:30:00Z") for day in days))
    assert (len(runs), runs[0]["at"][:10], runs[-1]["at"][:10]) == (history.MAX_RUNS, "2026-01-23", "2026-04-28")
    assert len(text) < history.MAX_SIZE / 5


def test_the_file_of_another_account_is_begun_anew():
    _runs, text = after(report("2026-03-13T06:30:00Z"))
    assert len(history.runs_with(text, report(account="other"))) == 1
    assert len(history.runs_with(text, report())) == 2


def test_a_second_run_of_the_same_moment_and_runs_of_the_future_are_left_out():
    _runs, text = after(report("2026-03-13T06:30:00Z"), report(), report("2027-01-01T00:00:00Z"))
    assert [one["at"] for one in history.runs_with(text, report())] == ["2026-03-13T06:30:00Z", AT]


BROKEN = [
    *("", "{", "null", "[]", "7", "\x00", "[" * 50_000, "9" * 5000, '{"account": "acme"}', "{" * 99_999),
    '{"account": "acme", "runs": {}}',
    '{"account": "acme", "runs": [null, 1, "x", [], {}, {"at": 1}, {"at": "2026-13-99T00:00:00Z"}, {"at": "x"}]}',
    '{"account": "acme", "runs": [{"at": "2026-03-01T00:00:00Z", "running": 1}]}' + " " * history.MAX_SIZE,
]


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:20])
def test_a_broken_file_counts_as_empty(text):
    (run,) = history.runs_with(text, report())
    assert run["at"] == AT


@pytest.mark.parametrize("value", ["x", -1, True, None, 1e12, 10**400, float("nan"), float("inf"), [], {}])
def test_what_is_no_number_is_not_known(value):
    text = json.dumps({"account": "acme", "runs": [{"at": "2026-03-01T00:00:00Z", "running": value, "stale": 1}]})
    assert history.runs_with(text, report())[0] == {
        "at": "2026-03-01T00:00:00Z",
        "running": None,
        "stale": 1,
        "ended": None,
        "freed": None,
    }
    assert history.runs_with(text.replace("null", "NaN"), report())[0]["running"] is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["at", *history.NUMBERS]), each),
)


@given(runs=VALUES, account=st.sampled_from(["acme", "other", None]), cut=st.integers(0, 200))
def test_no_file_is_a_reason_to_fail(runs, account, cut):
    text = json.dumps({"account": account, "runs": runs})
    for one in (text, text[:cut]):
        found = history.runs_with(one, report(count=0))
        assert found[-1]["at"] == AT
        times = [run["at"] for run in found]
        assert times == sorted(set(times))


def test_only_a_small_regular_file_is_read(tmp_path):
    kept = tmp_path / "h's +history.json"
    kept.write_text("x" * 3)
    (tmp_path / "link").symlink_to(kept)
    (tmp_path / "large").write_text("x" * 2 * history.MAX_SIZE)
    subprocess.run(["mkfifo", str(tmp_path / "pipe")], check=True)

    def read(name):
        command = history.reading(str(tmp_path / name))
        return subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False).stdout

    assert [len(read(name)) for name in (kept.name, "link", "pipe", ".", "absent", "large")] == [
        *(3, 0, 0, 0, 0),
        history.MAX_SIZE + 1,
    ]


def test_no_page_of_a_host_has_the_name_of_a_history():
    assert history.path_of_history("/r/h.html") == "/r/.h+history.json"
