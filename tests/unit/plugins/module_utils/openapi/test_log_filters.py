# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which parameters a server filters a log, told from its document; what is doubtful is not used."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.log_filters import LogFilters, filters_from

BEGIN, END = 1753359671.306, 1753359671.9  # 2025-07-24 12:21:11


def text(name, description="", form=""):
    return Parameter(name, "query", "string", form, description)


def whole(name, description="", form=""):
    return Parameter(name, "query", "integer", form, description)


def told(*parameters):
    filters = filters_from(parameters)
    return tuple(found.name if found else None for found in (filters.begin, filters.end, filters.contains))


def sent(parameter, begin=BEGIN, end=END, contains="x"):
    """What is sent for the one parameter, None for nothing."""
    query = filters_from([parameter]).query(begin, end, contains)
    assert set(query) <= {parameter.name}
    return query.get(parameter.name)


BEGINS = (
    "begin beginTime begin_time start startTime start-time startDate start_date_time since from fromTime from_date "
    "after timeFrom minTime min_timestamp timestamp_after timestampFrom notBefore logTimeFrom ts_gte timestamp[gte] "
    "dateFrom earliestTime loggedAfter log_after filter[begin] starttime STARTDATE beginDateTime sinceTime"
).split()
ENDS = (
    "end endTime end_time to toTime to_date until untilTime before endDate till timeTo maxTime max_timestamp "
    "timestampTo timestamp_before notAfter ts_lte timestamp[lt] dateTo latestTime loggedBefore filter[end] "
    "endtime untilDate upTo"
).split()


@pytest.mark.parametrize("name", BEGINS)
def test_names_of_the_begin(name):
    assert told(text("level"), text(name, form="date-time"), whole("limit")) == (name, None, None)
    assert told(text(name)) == (name, None, None)


@pytest.mark.parametrize("name", ENDS)
def test_names_of_the_end(name):
    assert told(text("level"), text(name, form="date-time"), whole("limit")) == (None, name, None)
    assert told(text(name)) == (None, name, None)


@pytest.mark.parametrize(
    "name",
    "contains contain search grep text substring keyword message_contain message_contain_ci messageContains "
    "containsText searchText search_term searchTerm fullText filter[contains] line_contains searchString log_search "
    "contains_ci".split(),
)
def test_names_of_the_text_search(name):
    assert told(text("level"), text(name)) == (None, None, name)


@pytest.mark.parametrize("name", "from start begin after to end before".split())
def test_a_plain_whole_number_without_a_word_about_time_is_no_time(name):
    assert told(whole(name)) == (None, None, None)
    assert told(whole(name, "Number of the line to begin with")) == (None, None, None)
    assert told(whole(name, "Offset of the first line; saves time")) == (None, None, None)
    assert told(Parameter(name, "query")) == (None, None, None)
    for timely in (whole(name, "Milliseconds since 1970"), whole(name, form="epoch_ms"), whole(name, "A timestamp")):
        assert name in told(timely)
    for longer in (f"{name}Time", f"{name}_ms", f"timestamp_{name}"):
        assert longer in told(whole(longer))


@pytest.mark.parametrize(
    "parameter",
    [
        text("q"), text("filter"), text("query"), text("match"), text("pattern"), text("regex"), text("message"),
        text("contains", "A regular expression"), text("search", "Wildcards * and ?"), text("text", form="regex"),
        text("search", "Lines that begin with this"), text("grep", "Keeps the lines without this text"),
        text("grep", "Lines with this text are left out"), whole("contains"), Parameter("text", "query", "boolean"),
        text("q", "Lines that match this regular expression or contain this text"), text("not_contains"),
        text("q", "Lines containing this text are left out"), text("x", "Only lines without this text"),
        Parameter("search", "query", "string", enum=("a", "b")), Parameter("contains", "header", "string"),
        text("after", "An opaque cursor"), text("from", "The id of the first line"), text("start", form="uuid"),
        text("createdAfter"), text("startedBefore"), text("startIndex"), whole("fromLine"), whole("min"), text("max"),
        text("since", "How long ago, such as 10m"), whole("start", "Seconds since the start of the session"),
        text("from", "Only logs of sessions created after this time", "date-time"), text("begin", form="binary"),
        text("from", "Lines written before this time", "date-time"), Parameter("begin", "query", "array"),
        text("x", "Lines written before this time are left out"), text("at", "The time", "date-time"),
        text("x", "Not before this time, not after that time"), text("startEnd"),
        text("sort", "By time, earliest first"), text("x", "The earliest time first"),
        text("x", "Sorted by start time"),
        text("log" * 30 + "begin"), text("x", "Only lines that do not contain this text"),
        Parameter("beginTime", "query", "array"),
        text("x", "Lines not before this one"), text("x", "Earliest dates at the top"),
    ],
    ids=lambda parameter: f"{parameter.name[:20]}: {parameter.description}",
)  # fmt: skip
def test_what_is_doubtful_is_not_used(parameter):
    assert told(parameter) == (None, None, None)


@pytest.mark.parametrize(
    ("description", "form", "place"),
    [
        ("Only lines at or after this time.", "", 0),
        ("Lines not before this moment", "date-time", 0),
        ("Start of the period", "date-time", 0),
        ("Lines logged since this date", "", 0),
        ("Lines no older than this time", "", 0),
        ("Lines not after this time", "", 1),
        ("Start time, ISO 8601", "", 0),
        ("Only lines at or before this time.", "", 1),
        ("Lines no later than this", "date-time", 1),
        ("End of the interval", "date-time", 1),
        ("Only lines with this text, in any case.", "", 2),
        ("Only lines containing the given text", "", 2),
        ("Full text search", "", 2),
        ("Keeps the lines in which this text occurs", "", 2),
        ("Only log lines that contain this substring", "", 2),
    ],
)
@pytest.mark.parametrize("name", ["q", "filter", "zzz"])
def test_by_description(name, description, form, place):
    assert told(text(name, description, form))[place] == name
    assert told(text(name, description, form)).count(None) == 2


def test_a_sure_name_counts_more_than_a_description():
    described = text("z", "Only lines at or after this time"), text("q", "Only lines with this text")
    assert told(*described, text("since"), text("contains")) == ("since", None, "contains")
    assert told(*described) == ("z", None, "q")


def test_one_parameter_plays_one_part():
    assert told(text("since", "Full text search")) == ("since", None, None)


def test_a_name_is_not_turned_round_by_a_description_of_what_is_left_out():
    assert told(text("fromTime", "Lines before this moment are left out", "date-time"))[0] == "fromTime"
    assert told(text("grep", "Lines without it are not given."))[2] == "grep"
    assert told(text("contains", "Case does not matter; without regard to accents"))[2] == "contains"


def test_nothing_is_found_and_nothing_sent_where_there_is_nothing():
    assert filters_from([]) == LogFilters()
    assert LogFilters().query(BEGIN, END, "x") == {}
    everything = filters_from([text("begin"), text("end"), text("contains")])
    assert everything.query(None, None, None) == everything.query(None, None, "") == {}


def test_all_three_are_sent_under_their_names():
    filters = filters_from([text("from", form="date-time"), text("to", form="date-time"), text("grep")])
    assert filters.query(BEGIN, END, "a b&c") == {
        "from": "2025-07-24T12:21:10Z",
        "to": "2025-07-24T12:21:13Z",
        "grep": "a b&c",
    }


@pytest.mark.parametrize(
    ("description", "form", "begin", "end"),
    [
        ("", "date-time", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("", "", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("RFC 3339, with an offset", "", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("For example 2025-01-31T10:00:00+01:00.", "", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("YYYY-MM-DDTHH:MM:SSZ", "", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "", "2025-07-24T12:21:10.000Z", "2025-07-24T12:21:13.000Z"),
        ("YYYY-MM-DD HH:MM:SSZ", "", "2025-07-24 12:21:10Z", "2025-07-24 12:21:13Z"),
        ("YYYY-MM-DDTHH:MM:SS or YYYY-MM-DDTHH:MM:SSZ", "", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("YYYY-MM-DDTHH:MM:SS", "", "2025-07-23T22:21:10", "2025-07-25T02:21:13"),
        ("such as 2025-01-31T10:00:00.", "date-time", "2025-07-23T22:21:10", "2025-07-25T02:21:13"),
        ("yyyy-MM-dd HH:mm:ss", "", "2025-07-23 22:21:10", "2025-07-25 02:21:13"),
        ("", "yyyy-MM-dd HH:mm:ss", "2025-07-23 22:21:10", "2025-07-25 02:21:13"),
        ("as 2025-07-24 12:21:11.306", "", "2025-07-23 22:21:10.000", "2025-07-25 02:21:13.000"),
        ("YYYY-MM-DD HH:MM", "", "2025-07-23 22:20", "2025-07-25 02:22"),
        ("YYYY-MM-DD HH:MM:SS UTC", "", "2025-07-23 22:21:10", "2025-07-25 02:21:13"),
        ("Local time", "date-time", "2025-07-23T22:21:10", "2025-07-25T02:21:13"),
        ("ISO 8601 without a zone", "", "2025-07-23T22:21:10", "2025-07-25T02:21:13"),
        ("Any time since the Unix epoch", "date-time", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("ISO 8601, any time since the epoch", "", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("YYYY-MM-DDTHH:MM:SSZ since the epoch", "", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("New on 2025-04-01", "date-time", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("", "date", "2025-07-22", "2025-07-26"),
        ("YYYY-MM-DD", "", "2025-07-22", "2025-07-26"),
        ("Date as dd-MM-yyyy", "", None, None),
        ("Time as in RFC 1123", "", None, None),
        ("Unix time", "", "1753359670", "1753359673"),
        ("Milliseconds since 1970", "int64", "1753359670000", "1753359673000"),
    ],
)
def test_the_form_of_a_time_in_text(description, form, begin, end):
    assert sent(text("beginTime", description, form)) == begin
    assert sent(text("endTime", description, form)) == end


@pytest.mark.parametrize(
    ("name", "description", "form", "factor"),
    [
        ("Time", "Milliseconds since 1970", "int64", 1000),
        ("Time", "Time in ms", "", 1000),
        ("Time", "The epoch, in milliseconds", "", 1000),
        ("Time", "Such as 1753359671306", "", 1000),
        ("Time", "", "epoch_ms", 1000),
        ("Time", "", "unix-millis", 1000),
        ("_ms", "", "int64", 1000),
        ("TimeMillis", "", "int64", 1000),
        ("Time", "Microseconds since 1970", "int64", 10**6),
        ("Time", "Nanoseconds since 1970", "int64", 10**9),
        ("Time", "Seconds since 1970", "int64", 1),
        ("Time", "Unix time", "", 1),
        ("Time", "Unix timestamp", "", 1),
        ("Time", "", "epoch", 1),
        ("EpochSeconds", "", "", 1),
        ("Time", "Such as 1753359671", "", 1),
    ],
)
def test_the_unit_of_a_number(name, description, form, factor):
    assert sent(whole(f"begin{name}", description, form)) == str(1753359670 * factor)
    assert sent(whole(f"end{name}", description, form)) == str(1753359673 * factor)
    assert sent(Parameter(f"end{name}", "query", "number", form, description)) == str(1753359673 * factor)


@pytest.mark.parametrize("description", ["", "A point in time", "Seconds, or milliseconds", "A timestamp"])
def test_without_a_unit_the_begin_is_in_seconds_and_the_end_is_not_sent(description):
    assert sent(whole("beginTime", description, "int64")) == "1753359670"
    assert sent(whole("endTime", description, "int64")) is None
    assert sent(text("beginTime", description, "int64")) == "1753359670"
    assert sent(text("endTime", description, "int64")) is None


@pytest.mark.parametrize("offset", range(-14, 15))
def test_a_time_without_a_zone_holds_the_wanted_lines_in_every_zone(offset):
    begin = sent(text("begin", "YYYY-MM-DDTHH:MM:SS"), begin=0.0)
    end = sent(text("end", "YYYY-MM-DDTHH:MM:SS"), end=0.0)
    local = f"{1969 + (offset >= 0)}-{'01-01' if offset >= 0 else '12-31'}T{offset % 24:02}:00:00"
    assert begin < local < end


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -float("inf"), 1e12, -1e12])
def test_a_time_that_cannot_be_written_is_not_sent(seconds):
    assert sent(text("begin"), begin=seconds) is None
    assert sent(text("end"), end=seconds) is None


def test_no_number_is_negative():
    assert sent(whole("beginTime", "Unix time"), begin=-5.0) == "0"
    assert sent(whole("beginTime"), begin=-5.0) == "0"


@pytest.mark.parametrize(
    ("name", "description", "ignores"),
    [
        ("contains", "", None),
        ("message_contain_ci", "", True),
        ("contains", "Only lines with this text, in any case.", True),
        ("grep", "Case does not matter.", True),
        ("search", "Case-insensitive", True),
        ("contains", "Case-sensitive", False),
        ("contains", "Case matters", False),
    ],
)
def test_a_text_is_not_sent_where_the_search_heeds_case(name, description, ignores):
    filters = filters_from([text(name, description)])
    assert filters.query(None, None, "Error 7") == ({} if ignores is False else {name: "Error 7"})
    assert filters.query(None, None, "42 %") == {name: "42 %"}
