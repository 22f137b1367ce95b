# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics: what is not known is left out, and stale ones that were kept are told beside the stale ones."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.plugin_utils.metrics import metrics_text, run_text
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils.role_samples import settings

LISTS = ("planned", "terminated", "kept", "failed", "skipped")


def written(account="acme", found=None, figures=None, **more):
    return metrics_text(account, found, figures, **{"now": 1000, "applied": True, "succeeded": True, **more})


def values(text):
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def session(number, age, **more):
    return {"id": f"s{number}", "kind": "webui", "age_seconds": age, "owner": "a", "app_name": "A", **more}


def test_a_run_that_came_to_nothing_leaves_out_all_numbers_of_sessions():
    assert set(values(written(succeeded=False))) == {
        f'aimms_session_cleanup_last_{name}{{account="acme"}}'
        for name in ("run_timestamp_seconds", "run_success", "run_applied", "success_timestamp_seconds")
    }


def test_a_run_without_a_listing_says_what_it_did_and_not_how_many_run():
    found = {"result": {name: [] for name in LISTS}}
    text = written(found=found)
    assert 'aimms_session_cleanup_planned_sessions{account="acme"} 0' in text
    assert "aimms_sessions_running" not in text
    assert "aimms_sessions_stale" not in text


def test_stale_is_what_is_older_and_what_was_kept_of_it_stands_beside():
    kept = [session(1, 99 * 3600, reason="protected"), session(2, 60, reason="too_young")]
    found = {"result": {**{name: [] for name in LISTS}, "kept": kept}}
    told = values(written(found=found, figures=overview(kept)))
    assert told['aimms_sessions_running{account="acme",kind="webui"}'] == "2"
    assert told['aimms_sessions_stale{account="acme"}'] == "1"
    assert told['aimms_sessions_stale_kept{account="acme",reason="protected"}'] == "1"
    assert told['aimms_session_cleanup_kept_sessions{account="acme",reason="too_young"}'] == "1"


def test_the_time_of_the_last_success_moves_only_when_an_applied_run_succeeds():
    name = 'aimms_session_cleanup_last_success_timestamp_seconds{account="acme"}'
    before = f"{name} 77\n"
    assert values(written(before=before))[name] == "1000"
    for more in ({"applied": False}, {"succeeded": False}):
        assert values(written(before=before, **more))[name] == "77"
        assert values(written(**more))[name] == "0"
        other = before.replace("acme", "host")
        assert values(written(before=other, **more))[name] == "77"  # 1.0.0 wrote the name of the host
        other += 'aimms_session_cleanup_build_info{account="host",version="1.1.0"} 1\n'
        assert values(written(before=other, **more))[name] == "0"  # it is of another account


def test_where_nothing_is_kept_from_run_to_run_the_last_success_is_not_known():
    name = 'aimms_session_cleanup_last_success_timestamp_seconds{account="acme"}'
    assert values(written(before=None))[name] == "1000"
    for more in ({"applied": False}, {"succeeded": False}):
        assert name not in values(written(before=None, **more))


def test_how_long_the_run_took_and_with_which_version():
    told = values(written(seconds=12.25, version="1.2.3"))
    assert told['aimms_session_cleanup_last_run_duration_seconds{account="acme"}'] == "12.25"
    assert told['aimms_session_cleanup_build_info{account="acme",version="1.2.3"}'] == "1"
    assert "duration" not in written()
    assert "build_info" not in written()


def run_values(found=None, **given):
    told = {"now": 1090.5, "succeeded": True, "before": None, "version": "1.2.3", "selection": {}, **given}
    return values(run_text(told.pop("settings", settings(began="1000.25")), found, **{"key": {}, **told}))


def test_a_run_is_told_by_its_settings():
    told = run_values()
    assert told['aimms_session_cleanup_last_run_duration_seconds{account="acme"}'] == "90.25"
    assert told['aimms_session_cleanup_last_run_applied{account="acme"}'] == "1"
    clock_went_back = run_values(now=1.0)
    assert clock_went_back['aimms_session_cleanup_last_run_duration_seconds{account="acme"}'] == "0.0"
    refused = run_values(settings={"account": "acme", "began": "1"})
    assert not any("duration" in name for name in refused)
    assert refused['aimms_session_cleanup_last_run_applied{account="acme"}'] == "0"


def test_the_key_of_an_earlier_run_is_not_told():
    key, name = {"expires_at": "2027-01-31T08:15:00Z"}, 'aimms_key_expiry_timestamp_seconds{account="acme"}'
    found = {"result": {one: [] for one in LISTS}, "running": None}
    assert run_values(found, key=key)[name] == "1801383300"
    assert name not in run_values(key=key)


def test_seats_are_told_where_people_were_counted():
    result = {name: [] for name in LISTS}
    seats = {"active": 42, "max": 40, "to_free": 2, "freed": 1, "people": []}
    told = values(written(found={"result": {**result, "seats": seats}}))
    names = ("active_people", "max_seats", "freed_seats")
    assert [told[f'aimms_session_cleanup_{name}{{account="acme"}}'] for name in names] == ["42", "40", "1"]
    for nothing in ({}, {"seats": None}):
        assert "seats" not in "".join(
            key for key in values(written(found={"result": {**result, **nothing}})) if "reason" not in key
        )


def test_an_odd_name_is_quoted():
    assert 'account="a\\"b\\\\c\\nd"' in written(account='a"b\\c\nd')


def test_the_expiry_of_the_key_is_told_where_it_is_known():
    name = 'aimms_key_expiry_timestamp_seconds{account="acme"}'
    assert values(written(key_expires_at=1801383300))[name] == "1801383300"
    assert name not in values(written())


def test_what_was_used_is_of_those_that_tell_it_and_left_out_where_none_does():
    kept = [session(1, 60, gb_hours=1.5, reason="too_young"), session(2, 60, gb_hours=None, reason="too_young")]
    found = {"result": {**{name: [] for name in LISTS}, "kept": kept}}
    told = values(written(found=found, figures=overview(kept)))
    assert told['aimms_sessions_gbhours{account="acme",by="app",name="A"}'] == "1.5"
    assert told['aimms_sessions_gbhours_sessions{account="acme",by="app",name="A"}'] == "1"
    assert "gbhours" not in written(found=found, figures=overview(kept[1:]))


def test_what_waits_is_nought_seconds_where_nothing_waits_and_left_out_where_it_is_not_known():
    longest = 'aimms_sessions_queued_longest_wait_seconds{account="acme"}'
    waits, unknown = session(1, 60, state="queued"), session(1, None, state="queued")
    for sessions, seconds in (([], "0"), ([waits], "60"), ([unknown], None)):
        told = values(written(figures=overview(sessions)))
        assert told['aimms_sessions_queued{account="acme"}'] == str(len(sessions))
        assert told.get(longest) == seconds


def test_what_was_stopped_is_told_by_the_figures_of_the_service():
    ended = [session(1, 60, gb_hours=6, run_seconds=7200, result="terminated"), session(2, 60, result="terminated")]
    result = {**{name: [] for name in LISTS}, "terminated": ended}
    told = values(written(found={"result": result}))
    assert float(told['aimms_session_cleanup_stopped_gbhours_per_hour{account="acme"}']) == 3
    assert told['aimms_session_cleanup_stopped_gbhours_sessions{account="acme"}'] == "1"
    assert "stopped" not in written(found={"result": {**result, "terminated": ended[1:]}})
