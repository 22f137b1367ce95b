# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of a log, whatever the server calls its fields, or as text that begins with its time."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from ansible_collections.aimms.cloud.plugins.module_utils.models.log_line import LogLine, lines_from
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Instant
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_checks as checks
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils import record_strategies as sent
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.record_strategies import tried

TIME = "2025-07-24T12:21:11.306Z"
AT = 1753359671.306
TEXT = "pod/daaimmsbox-1 annotated"
LINE = {"timestamp": TIME, "message": TEXT}


def one(record, zone=None):
    (line,) = lines_from([record], zone)
    return line.as_dict()


def test_a_line_as_a_dict_and_as_the_portal_shows_it():
    line = LogLine(Instant(AT), TEXT)
    assert line.as_dict() == LINE
    assert line.text() == f"2025-07-24 12:21:11.306 {TEXT}"


def test_a_line_without_a_time_is_only_its_message():
    assert LogLine(None, TEXT).as_dict() == {"timestamp": None, "message": TEXT}
    assert LogLine(None, TEXT).text() == TEXT


@pytest.mark.parametrize(("second", "at"), [("2025-07-24T12:21:11", 1753359671), ("2039-01-01T00:00:00", 2177452800)])
def test_milliseconds_are_what_the_server_wrote(second, at):
    for thousandths in range(1000):
        written = f"{second}.{thousandths:03}Z"
        assert one({"timestamp": written, "message": ""})["timestamp"] == written
        assert one({"timestamp": at * 1000 + thousandths, "message": ""})["timestamp"] == written


@pytest.mark.parametrize("fraction", ["999", "9996", "99999"])
def test_fractions_are_cut_off_not_rounded(fraction):
    assert one(f"2025-07-24T23:59:59.{fraction}Z x")["timestamp"] == "2025-07-24T23:59:59.999Z"


@pytest.mark.parametrize(
    "name",
    "timestamp @timestamp timeStamp ts time Time datetime logTime log_time loggedAt logged_at logTimestamp log_date "
    "date eventTime event_time createdAt when at _time timestamp_ms epochMillis asctime timeUtc instant".split(),
)
@pytest.mark.parametrize(
    "value", [TIME, "2025-07-24T14:21:11.306+02:00", "2025-07-24 12:21:11.306", AT * 1000, str(AT)]
)
def test_spellings_of_the_time(name, value):
    assert one({name: value, "message": TEXT, "level": "info", "pod": "x-1"}) == LINE


@pytest.mark.parametrize(
    "name",
    "message msg Message line text log content logMessage log_message logLine body messageText message_body "
    "textPayload entry payload event raw short_message".split(),
)
def test_spellings_of_the_message(name):
    assert one({"level": "info", name: TEXT, "timestamp": TIME, "pod": "x-1", "stream": "stdout", "n": 5}) == LINE


@pytest.mark.parametrize(
    "record",
    [
        {"log": {"time": TIME, "message": TEXT}},
        {"meta": {"timestamp": TIME, "level": "info"}, "line": TEXT},
        {"@timestamp": TIME, "log": {"level": "info", "offset": 7}, "message": TEXT},
        {"time": TIME, "message": {"text": TEXT}},
        {"time": {"$date": TIME}, "event": {"original": TEXT}},
        {"instant": {"epochSecond": 1753359671.306, "nanoOfSecond": 306000000}, "message": TEXT},
        {"date": "2025-07-24", "time": "12:21:11.306", "message": TEXT},
    ],
)
def test_fields_may_be_nested_once(record):
    assert one(record) == LINE


def test_an_outer_field_counts_more_than_a_nested_one():
    record = {"meta": {"timestamp": "2020-01-01T00:00:00Z", "message": "inner"}, "time": TIME, "text": TEXT}
    assert one(record) == LINE


def test_a_surer_spelling_counts_more_whatever_the_order():
    assert one({"date": "2020-01-01T00:00:00Z", "raw": "x", "log": "y", "message": TEXT, "timestamp": TIME}) == LINE


def test_unknown_spellings_are_told_by_what_they_hold():
    assert one({"zeit": TIME, "satz": TEXT}) == LINE
    assert one({"zeit": TIME, "satz": TEXT, "level": "info", "podName": "x", "n": 5, "ok": True}) == LINE
    assert one({"outer": {"zeit": TIME, "satz": TEXT}}) == LINE
    assert one({"timestamp": TIME, "satz": TEXT}) == LINE
    assert one({"zeit": TIME, "message": TEXT}) == LINE


def test_unknown_spellings_that_may_mean_either_are_not_guessed():
    assert one({"message": TEXT, "one": TIME, "other": TIME})["timestamp"] is None
    assert one({"message": TEXT, "number": "1753359671"})["timestamp"] is None
    assert one({"timestamp": TIME, "one": "x", "other": "y"}) == {"timestamp": TIME, "message": ""}


@pytest.mark.parametrize("nothing", [{}, {"message": None}, {"level": "info"}, {"one": "x", "other": "y"}, {"n": 5}])
def test_an_object_with_neither_time_nor_message_is_refused(nothing):
    with pytest.raises(ValueError, match="neither a time nor a message"):
        lines_from([LINE, nothing])


@pytest.mark.parametrize("record", [{"timestamp": TIME}, {"ts": TIME, "message": None}, {"ts": TIME, "level": "info"}])
def test_an_object_with_only_a_time_has_an_empty_message(record):
    assert one(record) == {"timestamp": TIME, "message": ""}


@pytest.mark.parametrize("nothing", [None, 5, 1.5, True, [], ["x"], b"2025-07-24 12:21:11 x"])
def test_what_is_neither_text_nor_an_object_is_refused(nothing):
    with pytest.raises(ValueError, match="neither text nor an object"):
        lines_from(["x", nothing])


def test_a_message_that_is_no_text_is_written_as_json():
    assert one({"time": TIME, "message": {"a": 1, "b": [2]}})["message"] == '{"a": 1, "b": [2]}'
    assert one({"time": TIME, "message": ["é", 1]})["message"] == '["é", 1]'
    assert one({"time": TIME, "message": 0})["message"] == "0"


def test_a_message_over_several_lines_stays_one_line_record_without_its_last_line_end():
    assert one({"time": TIME, "message": "a\nb\r\n"})["message"] == "a\nb"
    assert one("2025-07-24 12:21:11.306 a\n\tb\n") == {"timestamp": TIME, "message": "a\n\tb"}


def test_a_message_without_a_field_for_its_time_may_begin_with_it():
    assert one({"log": f"2025-07-24 12:21:11.306 {TEXT}\n"}) == LINE
    assert one({"log": f"2020-01-01 00:00:00 {TEXT}", "time": TIME})["message"] == f"2020-01-01 00:00:00 {TEXT}"


@pytest.mark.parametrize(
    "beginning",
    [
        "2025-07-24 12:21:11.306 ",
        "2025-07-24T12:21:11.306Z ",
        "2025-07-24T12:21:11,306Z\t",
        "2025-07-24T12:21:11.306000000Z ",
        "2025-07-24T14:21:11.306+02:00 ",
        "2025-07-24T14:21:11.306+0200 ",
        "2025-07-24 14:21:11.306 +02:00 ",
        "2025-07-24T14:21:11.306+02 ",
        "2025-07-24 12:21:11.306 UTC ",
        "2025/07/24 12:21:11.306 ",
        "[2025-07-24 12:21:11.306] ",
        "[2025-07-24T12:21:11.306Z] ",
        "[2025-07-24T12:21:11.306Z]: ",
        "[2025-07-24 12:21:11,306]",
        "2025-07-24 12:21:11.306: ",
        "1753359671306 ",
        "1753359671306\t",
        "[1753359671306] ",
        "1753359671.306 ",
    ],
)
def test_text_begins_with_its_time(beginning):
    assert one(beginning + TEXT) == LINE


@pytest.mark.parametrize(
    "text",
    [
        "2025-07-24 annotated",
        "2025-13-24 12:21:11.306 no such month",
        "2025-07-24 12:21:11.306x",
        "12:21:11.306 annotated",
        "17533596713 annotated",
        "at 2025-07-24 12:21:11.306",
        " 2025-07-24 12:21:11.306 indented",
        "[2025-07-24 12:21:11.306 annotated",
        "",
    ],
)
def test_text_that_does_not_begin_with_a_time_is_a_message_of_its_own(text):
    assert one(text) == {"timestamp": None, "message": text}


def test_text_with_nothing_but_a_time_is_an_empty_line():
    assert one("2025-07-24 12:21:11.306") == {"timestamp": TIME, "message": ""}


def test_only_one_blank_separates_the_message():
    assert one("2025-07-24 12:21:11.306    at main()")["message"] == "   at main()"
    assert one("2025-07-24 12:21:11.306 +1234 rows") == {"timestamp": TIME, "message": "+1234 rows"}


def test_text_without_a_time_has_that_of_the_line_before_it():
    later = "2025-07-24T12:21:12.000Z"
    records = ["first", "2025-07-24 12:21:11.306 error", "  at a()", "", LINE, "  at b()", "2025-07-24 12:21:12 end"]
    assert [(line.as_dict()["timestamp"], line.message) for line in lines_from(records)] == [
        (None, "first"), (TIME, "error"), (TIME, "  at a()"), (TIME, ""), (TIME, TEXT), (TIME, "  at b()"),
        (later, "end"),
    ]  # fmt: skip


def test_a_time_without_a_zone_is_read_in_the_zone_given():
    zone = timezone(timedelta(hours=2))
    assert one(f"2025-07-24 14:21:11.306 {TEXT}", zone) == LINE
    assert one({"date": "2025-07-24", "time": "14:21:11.306", "message": TEXT}, zone) == LINE
    assert one({"timestamp": "2025-07-24T14:21:11.306", "message": TEXT}, zone) == LINE
    assert one(f"2025-07-24 12:21:11.306Z {TEXT}", zone) == LINE


def test_whether_the_zone_was_assumed_is_kept():
    assert lines_from([f"2025-07-24 12:21:11.306 {TEXT}"])[0].timestamp.assumed_utc
    assert not lines_from([f"2025-07-24 12:21:11.306Z {TEXT}"])[0].timestamp.assumed_utc


@pytest.mark.parametrize(
    "value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00", float("nan"), float("inf"), 7]
)
def test_a_time_that_cannot_be_shown_is_none(value):
    assert one({"timestamp": value, "message": TEXT}) == {"timestamp": None, "message": TEXT}


def test_records_may_come_from_any_iterable_and_none_is_no_line():
    assert lines_from(iter([LINE])) == [LogLine(Instant(AT), TEXT)]
    assert lines_from([]) == []


@tried(80)
@given(sent.LINES)
def test_any_records_are_as_many_log_lines_or_refused(records: list[Any]) -> None:
    assert checks.lines_fault(records) is None


@pytest.mark.parametrize("backwards", [False, True])
def test_what_has_no_time_has_that_of_its_entry_in_either_order(backwards):
    texts = ["2026-01-31 08:00:00 a", "  a1", "  a2", "2026-01-31 09:00:00 b", "  b1"]
    lines = lines_from(texts[::-1] if backwards else texts)
    hours = [line.as_dict()["timestamp"][11:13] for line in (lines[::-1] if backwards else lines)]
    assert hours == ["08", "08", "08", "09", "09"]
    assert [line.timestamp for line in lines_from(["x", "y"])] == [None, None]
