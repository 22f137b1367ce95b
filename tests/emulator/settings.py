"""The settings of the emulator; all of them can be changed while it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from http import HTTPStatus
from typing import Any

from .dialects.dialect import DEFAULTS, DIALECTS, FIELDS, MORE_FIELDS, Dialect, default_for
from .dialects.encoding import CASES
from .dialects.odd import ODD, dialect_of

DOCUMENTS = ("yaml", "json", "missing", "broken", "html")
_PARTS = (*MORE_FIELDS, "environment")
ORDERS = ("oldest", "newest")


@dataclass
class Settings:
    """Behaviour of the emulator. Times are in seconds unless the name has another unit."""

    generation: str = "current"
    dialect: str = DEFAULTS["current"]
    document: str = "yaml"  # yaml, json, missing (404), broken, html (200 with a page)
    document_of: str = ""  # the document is that of another dialect; "": of its own
    latency_ms: float = 0.0
    page_cap: int | None = None  # largest page; None: of the dialect
    end_delay: float = 0.0  # from a terminate request until the session has ended
    interrupt_delay: float | None = None  # from an interrupt request until the task has ended; None: end_delay
    date_offset: float = 0.0  # added to the time in the Date header
    date_header: str = "normal"  # normal, drop, malformed
    churn_vanish: int = 0  # sessions that disappear at each list request
    churn_appear: int = 0  # sessions that appear at each list request
    churn_mode: str = "remove"  # remove; hide: the session has ended, can be read by id, and is not listed
    ignore_paging: bool = False  # every request gets the first page
    ignore_filters: bool = False  # lists contain all sessions of the kind
    wrong_total: int = 0  # added to every total
    replace_on_get: int = 0  # after the k-th GET of a session, another one has its id; 0: never
    reown_on_get: int = 0  # after the k-th GET of a session, another user owns it; 0: never
    terminate_ignored: bool = False  # a terminate request succeeds and does nothing
    interrupt_ignored: bool = False  # an interrupt request succeeds and does nothing
    expired_keys: bool = False  # every key gets 401
    rate_limit: float = 0.0  # requests per second; 0: no limit
    rate_burst: int = 5  # requests that may come at once after a pause
    rate_retry_after: bool = True  # 429 has a Retry-After header
    ignore_log_filters: bool = False  # of the log filters begin, end and contains
    logs_status: int = 0  # error status for every request for logs; 0: none
    log_order: str | None = None  # the line that comes first: oldest, newest; None: of the dialect
    gzip: bool = False  # compress answers for clients that accept it
    tasks_status: int = 0  # error status for every request for tasks; 0: none
    users_status: int = 0  # error status for every request to the user-manager; 0: none
    users: dict[str, Any] = field(default_factory=dict)  # user@ENVIRONMENT → what is told otherwise; None: no such user
    keys: dict[str, Any] = field(default_factory=dict)  # role of a key → `scopes`, `days` left, `shown`; None: deleted
    task_missing: bool = False  # task sessions have no task
    task_session_field: str = "sessionId"  # where a task has its session's id; a dot nests; "": nowhere, as before 25.2
    log_subjects: bool = False  # the request log contains the sessions that each answer was about
    list_omit: list[str] = field(default_factory=list)  # canonical fields not in the records of lists; or "environment"
    list_names: dict[str, str] = field(default_factory=dict)  # canonical field → its path in the records of lists
    list_case: str = ""  # of owners and app names in lists: upper, lower, title; "": as in single records
    terminate_error: list[Any] = field(default_factory=list)  # [status, message] for a session that is not active
    proxy_paths: bool = False  # a proxy in front decodes and normalises the path

    def change(self, values: dict[str, Any]) -> None:
        """Change settings. Raises ValueError for an unknown name or value."""
        known = {item.name for item in fields(self)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(unknown)}")
        if "dialect" in values:
            _check_dialect(values["dialect"])
            values = {**values, "generation": dialect_of(values["dialect"]).generation}
        elif "generation" in values:
            values = {**values, "dialect": default_for(values["generation"]).name}
        _check(values)
        for name, value in values.items():
            setattr(self, name, value)

    def reset(self, values: dict[str, Any]) -> None:
        """The defaults, but for these values. Raises ValueError for an unknown name or value."""
        for name, value in asdict(Settings()).items():
            setattr(self, name, value)
        self.change(values)

    def current_dialect(self) -> Dialect:
        """The dialect of the current settings."""
        return dialect_of(self.dialect)

    def page_limit(self) -> int:
        """The largest page size: of the settings, or else of the dialect."""
        return self.page_cap or self.current_dialect().page_cap

    def current_log_order(self) -> str:
        """Which log line comes first, oldest or newest: of the settings, or else of the dialect."""
        return self.log_order or self.current_dialect().log_order

    def as_dict(self) -> dict[str, Any]:
        """All settings as JSON."""
        return asdict(self)


def _check_dialect(name: str) -> None:
    if name not in DIALECTS and name not in ODD:
        raise ValueError(f"unknown dialect; there are: {', '.join((*DIALECTS, *ODD))}")


def _check(values: dict[str, Any]) -> None:
    """Raises ValueError for a value that is none of those of its setting."""
    if values.get("document_of"):
        _check_dialect(values["document_of"])
    if values.get("document", "yaml") not in DOCUMENTS:
        raise ValueError(f"document is one of: {', '.join(DOCUMENTS)}")
    if values.get("log_order") not in (None, *ORDERS):
        raise ValueError(f"log_order is one of: {', '.join(ORDERS)}")
    if values.get("list_case", "") not in ("", *CASES):
        raise ValueError(f"list_case is one of: {', '.join(CASES)}")
    if wrong := {*values.get("list_omit", ()), *values.get("list_names", ())} - {*FIELDS, *_PARTS}:
        raise ValueError(f"unknown fields of a session: {', '.join(sorted(wrong))}")
    for name in ("logs_status", "tasks_status", "users_status"):
        if values.get(name, 0) not in (0, *(status.value for status in HTTPStatus if status >= 400)):
            raise ValueError(f"{name} is 0 or the status of an error")
