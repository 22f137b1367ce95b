# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which parameters a server filters a log: known names with a type. No line may be lost by one that is doubtful."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.openapi.document import Parameter
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.log_filters import LogFilters, filters_from

BEGIN, END = 1753359671.306, 1753359671.9  # 2025-07-24 12:21:11


def text(name, form=""):
    return Parameter(name, "query", "string", form)


def whole(name, form=""):
    return Parameter(name, "query", "integer", form)


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
    assert told(text(name)) == told(whole(name)) == (None, None, None)


@pytest.mark.parametrize("name", ENDS)
def test_names_of_the_end(name):
    assert told(text("level"), text(name, form="date-time"), whole("limit")) == (None, name, None)
    assert told(text(name)) == told(whole(name)) == (None, None, None)


@pytest.mark.parametrize(
    "name",
    "contains contain search grep text substring keyword message_contain message_contain_ci messageContains "
    "containsText searchText search_term searchTerm filter[contains] line_contains searchString log_search "
    "contains_ci".split(),
)
def test_names_of_the_text_search(name):
    assert told(text("level"), text(name)) == (None, None, name)


@pytest.mark.parametrize(
    "parameter",
    [
        text("q"), text("filter"), text("query"), text("match"), text("pattern"), text("regex"), text("message"),
        text("text", form="regex"), text("not_contains"), whole("contains"), text("contains_cs"),
        Parameter("text", "query", "boolean"), Parameter("grep", "query"),
        Parameter("search", "query", "string", enum=("a", "b")), Parameter("contains", "header", "string"),
        text("from"), text("start", form="uuid"),
        text("createdAfter", form="date-time"), text("startedBefore", form="date-time"), text("startIndex"),
        whole("fromLine"), whole("min"), whole("maxSeconds"), whole("beginTime"), whole("endEpoch"),
        text("since"), whole("startSeconds"), text("begin", form="binary"),
        text("at", "date-time"), text("startEnd", form="date-time"), Parameter("begin", "query", "array"),
        text("log" * 30 + "begin", form="date-time"), Parameter("begin", "header", "string", "date-time"),
        Parameter("begin", "query", "string", "date-time", enum=("a",)),
    ],
    ids=lambda parameter: parameter.name[:20],
)  # fmt: skip
def test_what_is_doubtful_is_not_used(parameter):
    assert told(parameter) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "text_", "is_sent"),
    [
        ("contains", "1064", True),
        ("contains", "12:21:11, 07/24", True),
        ("contains", "error", False),
        ("contains", "Error 7", False),
        ("contains_ci", "Error 7", True),
        ("message_contain_ci", "a-b_c", True),
        ("searchIgnoreCase", "x", True),
        ("contains_ci", "a.b", False),
        ("contains_ci", "a*", False),
        ("contains", "1064?", False),
        ("contains", "%", False),
    ],
)
def test_a_text_is_sent_only_if_every_way_to_look_for_it_finds_it(name, text_, is_sent):
    """A server may tell upper from lower case, or take the text for a pattern: the lines would be missing."""
    assert sent(text(name), contains=text_) == (text_ if is_sent else None)


def test_nothing_is_found_and_nothing_sent_where_there_is_nothing():
    assert filters_from([]) == LogFilters()
    assert LogFilters().query(BEGIN, END, "x") == {}
    everything = filters_from([text("begin", form="date-time"), text("end", form="date-time"), text("contains")])
    assert everything.query(None, None, None) == everything.query(None, None, "") == {}


def test_all_three_are_sent_under_their_names():
    filters = filters_from([text("from", form="date-time"), text("to", form="date-time"), text("grep_ci")])
    assert filters.query(BEGIN, END, "a b=c") == {
        "from": "2025-07-24T12:21:10Z",
        "to": "2025-07-24T12:21:13Z",
        "grep_ci": "a b=c",
    }


@pytest.mark.parametrize(
    ("form", "begin", "end"),
    [
        ("date-time", "2025-07-24T12:21:10Z", "2025-07-24T12:21:13Z"),
        ("date", "2025-07-22", "2025-07-26"),
    ],
)
def test_a_time_is_written_with_a_second_or_a_day_in_any_zone_to_spare(form, begin, end):
    assert sent(text("beginTime", form)) == begin
    assert sent(text("endTime", form)) == end


@pytest.mark.parametrize(
    ("unit", "form", "factor"),
    [
        ("EpochMs", "int64", 1000),
        ("_unix_millis", "", 1000),
        ("EpochMilliseconds", "", 1000),
        ("EpochSeconds", "", 1),
        ("Time", "unix-seconds", 1),
        ("Epoch", "int64", None),
        ("Ms", "int64", None),
        ("EpochMsSeconds", "", None),
    ],
)
@pytest.mark.parametrize("kind", ["integer", "number"])
def test_a_number_is_sent_where_its_unit_and_1970_are_told(kind, unit, form, factor):
    assert sent(Parameter(f"begin{unit}", "query", kind, form)) == (factor and str(1753359670 * factor))
    assert sent(Parameter(f"end{unit}", "query", kind, form)) == (factor and str(1753359673 * factor))


@pytest.mark.parametrize("form", ["date-time", "date"])
@pytest.mark.parametrize("offset", range(-14, 15))
def test_whatever_day_it_is_on_the_server_the_wanted_lines_are_asked_for(offset, form):
    begin, end = (sent(text(name, form=form), begin=0.0, end=0.0) for name in ("begin", "end"))
    local = f"{1969 + (offset >= 0)}-{'01-01' if offset >= 0 else '12-31'}"
    assert begin < (local if form == "date" else "1970-01-01T00:00:00Z") < end


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -float("inf"), 1e12, -1e12])
@pytest.mark.parametrize("form", ["date-time", "date"])
def test_a_time_that_cannot_be_written_is_not_sent(seconds, form):
    assert sent(text("begin", form=form), begin=seconds) is None
    assert sent(text("end", form=form), end=seconds) is None


def test_no_number_is_negative():
    assert sent(whole("beginEpochMs"), begin=-5.0) == "0"
