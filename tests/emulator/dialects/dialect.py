"""Dialects: names, envelopes, times and status codes of a possible server. To add one, add an entry to DIALECTS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FIELDS = (
    "id", "kind", "name", "description", "state", "account", "app_name", "app_version", "owner",
    "created_at", "started_at", "ended_at", "message", "queue_time", "run_time", "gb_hour",
)  # fmt: skip
MORE_FIELDS = ("launch_time", "peak_memory", "peak_cpu", "schedule", "owner_user", "owner_environment")
"""Fields that only some dialects have."""
# Paging style → canonical names of its parameters.
PAGING = {"offset": ("offset", "limit"), "page": ("page", "limit"), "cursor": ("cursor", "limit"), "none": ()}


def snake(**changes: str | None) -> dict[str, str]:
    """Field name → dotted path in a record, in snake_case; a change of None leaves the field out."""
    return _changed({name: name for name in FIELDS}, changes)


def camel(**changes: str | None) -> dict[str, str]:
    """Field name → dotted path in a record, in camelCase; a change of None leaves the field out."""
    return _changed({name: to_camel(name) for name in FIELDS}, changes)


def to_camel(name: str) -> str:
    """`created_at` → `createdAt`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _changed(fields: dict[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    for name, path in changes.items():
        fields.pop(name, None)
        if path is not None:
            fields[name] = path
    return fields


@dataclass(frozen=True, eq=False)
class Dialect:
    """One way in which a session-manager may answer. Dotted paths name places in a JSON body."""

    name: str
    generation: str
    paging: str = "offset"  # offset, page, cursor, none
    first_page: int = 1
    next_via: str = "none"  # where an answer names its next page: none, body, header (Link)
    next_path: str = "next"  # path in the body; the value is a token, or a URL if next_is_url
    next_is_url: bool = False
    names: Mapping[str, str] = field(default_factory=dict)  # canonical parameter → its name here, if different
    descriptions: Mapping[str, str] = field(default_factory=dict)  # canonical parameter → its description here
    absent: frozenset[str] = frozenset()  # parameters this server does not have
    page_cap: int = 100
    page_size: int = 20  # if the request has no limit
    over_cap: str = "reject"  # a larger limit: reject (400; the document has a maximum) or clamp
    strict: bool = True  # an unknown query parameter gets 400
    items: str = "items"  # path of the list in a page; "": the page is a bare array
    total: str | None = "total"  # path of the total; None: no total
    fields: Mapping[str, str] = field(default_factory=snake)
    time: str = "z"  # z, z_ms, offset, offset_ms, epoch, epoch_ms, naive, naive_us (microseconds, a blank for the T)
    seconds_as_text: bool = False  # durations are text with two decimals
    state_case: str = "lower"  # lower, upper, title
    log_fields: Mapping[str, str] = field(default_factory=lambda: {"timestamp": "timestamp", "message": "message"})
    log_strings: bool = False  # a log line is a string that begins with its time
    log_order: str = "oldest"  # the log line that comes first: oldest, newest
    error: Mapping[str, str] = field(default_factory=lambda: {"code": "code", "message": "message"})
    terminate_status: int = 204  # 200 (with the record), 202 (with the record), 204
    ended_status: int = 409  # for a terminate request on an ended session: 204, 404, 409
    task_status: int = 409  # for a request on a task that is in the wrong state for it: 405, 409
    foreign_status: int = 403  # for another user's session: 403, 404
    kind_status: int = 404  # for an unknown kind: 400, 404
    inline: bool = False  # the document has no $ref in parameters
    literal_kinds: bool = False  # one path for each kind (/sessions/webui) instead of a placeholder

    end_route: str = ""  # method and last part of the route that ends a session, such as `post stop`
    old_logs: bool = False  # the log route of the legacy generation is there too
    operators: bool = False  # each text filter in the forms of OPERATORS, and `sort` takes several fields
    unified: bool = False  # `external` and `verify` sessions are in the list of `webui` ones; all users see external

    def parameter_name(self, parameter: str) -> str:
        """The name of a canonical parameter in requests."""
        return self.names.get(parameter, parameter)

    def has(self, parameter: str) -> bool:
        """Whether this server has the parameter."""
        if parameter == "kind" and self.literal_kinds:
            return False
        paging = {"offset", "page", "cursor", "limit"}
        return parameter not in self.absent and (parameter not in paging or parameter in PAGING[self.paging])


SPLIT_OWNER = {"owner": None, "owner_user": "userName", "owner_environment": "userEnvironment"}
NESTED = {
    "owner": None,
    "owner_user": "owner.name",
    "owner_environment": "owner.environment",
    "app_name": "app.name",
    "app_version": "app.version",
}
VENDOR_FILTERS = {
    "state": "state_in",
    "app_name": "app_name_equal_ci",
    "app_version": "app_version_equal_ci",
    "owner": "owner_equal_ci",
    "created_after": "after",
    "created_before": "before",
}

OPERATORS = ("equal_cs", "equal_ci", "contain_cs", "contain_ci", "in", "not_in")
"""What the names of filters end with: equal or contained, in the same or any case; lists are separated by commas."""
FILTERED = ("state", "app_name", "app_version", "user_name", "environment_name")
"""Fields that can be filtered by with `Dialect.operators`."""

DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            "legacy", "legacy", strict=False, items="current_batch", total="total_sessions", time="z_ms",
            state_case="title", over_cap="clamp", terminate_status=200, ended_status=404,
            error={"id": "errorId", "code": "errorCode", "message": "message"},
        ),
        Dialect("current", "current", names=VENDOR_FILTERS),
        Dialect(
            "current-page", "current", paging="page",
            names={
                "limit": "size", "created_after": "from", "created_before": "to", "app_name": "app",
                "app_version": "version",
            },
            items="data", total="meta.total", fields=camel(**NESTED), time="offset_ms", terminate_status=202,
            error={"code": "error.code", "message": "error.message"}, ended_status=204,
        ),
        Dialect(
            "current-page0", "current", paging="page", first_page=0, names={"limit": "per_page"}, items="content",
            total="totalElements", fields=camel(), time="offset", state_case="upper", over_cap="clamp", strict=False,
            foreign_status=404, ended_status=404, kind_status=400,
        ),
        Dialect(
            "current-cursor", "current", paging="cursor", next_via="body", next_path="next",
            names={
                "limit": "max", "created_after": "createdAfter", "created_before": "createdBefore",
                "app_name": "appName", "app_version": "appVersion",
            },
            total=None, fields=camel(**SPLIT_OWNER), time="epoch_ms", state_case="upper", terminate_status=200,
            error={"code": "status", "message": "detail"}, foreign_status=404,
        ),
        Dialect(
            "current-link", "current", paging="cursor", next_via="header", names={"cursor": "page_token"}, items="",
            total=None, time="epoch", inline=True, ended_status=204,
        ),
        Dialect(
            "current-next-url", "current", paging="offset", next_via="body", next_path="links.next", next_is_url=True,
            items="data", total="meta.count", time="z_ms", state_case="title", absent=frozenset({"owner", "sort"}),
        ),
        Dialect(
            "current-bare", "current", items="", total=None, time="naive", log_strings=True, over_cap="clamp",
            absent=frozenset({"app_version"}), terminate_status=202, error={"message": "error"},
        ),
        Dialect("current-unpaged", "current", paging="none", items="sessions", total=None, absent=frozenset({"sort"})),
        Dialect(
            "legacy-bare", "legacy", items="", total=None, fields=camel(**SPLIT_OWNER), time="z", terminate_status=204,
            ended_status=409,
        ),
        Dialect(
            "current-rows", "current", paging="page", log_order="newest", inline=True,
            names={
                "kind": "sessionType", "id": "sessionId", "service": "serviceName", "page": "pageNo",
                "limit": "rowsPerPage", "state": "inPhase", "app_name": "applicationName",
                "app_version": "applicationVersion", "owner": "login", "created_after": "createdFrom",
                "created_before": "createdTo", "sort": "orderBy", "begin": "fromTime", "end": "untilTime",
                "contains": "text",
            },
            descriptions={
                "id": "The UUID of the session.", "page": "Which page of the result to give, the first being 1.",
                "limit": "The number of rows on a page.", "state": "Keeps the sessions that are in this phase.",
                "begin": "Lines written before this moment are left out.",
                "end": "Lines written after this moment are left out.",
                "contains": "Keeps the lines in which this text occurs, in upper or lower case.",
            },
            items="payload.rows", total="payload.rowCount", time="z_ms", terminate_status=202,
            fields={
                "id": "sessionUuid", "kind": "sessionType", "name": "title", "description": "remarks",
                "state": "phase", "account": "tenant", "app_name": "applicationName",
                "app_version": "applicationVersion", "owner_user": "who.login", "owner_environment": "who.env",
                "created_at": "createdOn", "started_at": "launchedOn", "ended_at": "closedOn",
                "message": "statusMessage", "queue_time": "secondsQueued", "run_time": "secondsRun",
                "gb_hour": "gigabyteHours",
            },
            log_fields={"timestamp": "ts", "message": "line"},
            error={"id": "fault.name", "code": "fault.number", "message": "fault.text"},
        ),
        Dialect(
            "current-literal", "current", literal_kinds=True, paging="cursor", next_via="body",
            next_path="result.continuationToken",
            names={
                "id": "sid", "service": "svc", "cursor": "continuationToken", "limit": "batchSize", "state": "status",
                "app_name": "project", "app_version": "release", "owner": "user", "created_after": "newerThan",
                "created_before": "olderThan", "sort": "order", "begin": "since", "end": "until", "contains": "grep",
            },
            descriptions={
                "id": "What identifies the session.", "limit": "At most this many entries in one answer.",
                "cursor": "The token that the previous answer ended with. Left out, the answer starts at the top.",
                "created_after": "Sessions that came into being later than this.",
                "created_before": "Sessions that came into being earlier than this.",
                "begin": "The time from which on lines are wanted.", "end": "The time up to which lines are wanted.",
                "contains": "A piece of text; lines without it are not given. Case does not matter.",
            },
            items="result.list", total=None, time="epoch_ms", state_case="upper", foreign_status=404,
            ended_status=204,
            fields={
                "id": "guid", "kind": "category", "name": "label", "state": "lifecycle.stage", "account": "account",
                "app_name": "project.name", "app_version": "project.release", "owner": "startedBy",
                "created_at": "times.creation", "started_at": "times.begin", "ended_at": "times.finish",
                "message": "reason", "run_time": "duration",
            },
            log_fields={"timestamp": "time", "message": "text"}, error={"code": "statusCode", "message": "reason"},
        ),
        Dialect(
            "legacy-skip", "legacy", strict=False, over_cap="clamp",
            names={
                "kind": "category", "id": "guid", "offset": "skipRows", "limit": "takeRows", "state": "phase",
                "app_name": "model", "app_version": "modelVersion", "owner": "startedBy",
                "created_after": "submittedAfter", "created_before": "submittedBefore", "sort": "sortBy",
                "begin": "startDate", "end": "endDate", "contains": "search",
            },
            descriptions={
                "kind": "The category that the session is in.", "id": "The GUID of the session.",
                "offset": "The number of rows to pass over.", "limit": "The number of rows to return.",
                "begin": "Date and time of the first line of interest.",
                "end": "Date and time of the last line of interest.", "contains": "Words to look for in the lines.",
            },
            items="records", total="count", time="offset", state_case="title", terminate_status=202, ended_status=409,
            fields={
                "id": "SessionGuid", "kind": "Category", "name": "DisplayName", "state": "Status",
                "app_name": "ModelName", "app_version": "ModelVersion", "owner": "StartedBy",
                "created_at": "SubmittedOn", "started_at": "BeganOn", "ended_at": "CompletedOn", "message": "Reason",
            },
            log_fields={"timestamp": "logTime", "message": "logMessage"},
            error={"id": "problem", "message": "explanation"},
        ),
        Dialect(
            "current-vendor", "current", operators=True, unified=True, page_size=100, time="naive_us", task_status=405,
            seconds_as_text=True, absent=frozenset({"owner"}),
            names={
                "kind": "type", "id": "name", "state": "state_equal_ci", "app_name": "app_name_equal_ci",
                "app_version": "app_version_equal_ci", "created_after": "after", "created_before": "before",
                "contains": "message_contain_ci",
            },
            fields={
                "id": "name", "kind": "type", "description": "description", "state": "state",
                "account": "account_name", "owner_environment": "environment_name", "owner_user": "user_name",
                "app_name": "app_name", "app_version": "app_version", "created_at": "created_at",
                "started_at": "started_at", "ended_at": "ended_at", "message": "message", "queue_time": "queue_time",
                "launch_time": "launch_time", "run_time": "run_time", "gb_hour": "gb_hour",
                "peak_memory": "peak_memory_mi", "peak_cpu": "peak_cpu_m", "schedule": "schedule",
            },
            error={"id": "error_id", "code": "error_code", "message": "message"},
        ),
    )
}  # fmt: skip


DEFAULTS = {"legacy": "legacy", "current": "current-vendor"}
"""The dialects of the generations when none is named."""


def default_for(generation: str) -> Dialect:
    """The dialect of a generation when none is named."""
    return DIALECTS[DEFAULTS[generation]]
