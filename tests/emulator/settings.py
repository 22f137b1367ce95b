"""What can be set at the start and changed at run time."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from http import HTTPStatus
from typing import Any

from .dialects.dialect import DIALECTS, Dialect, default_for

DOCUMENTS = ("yaml", "json", "missing", "broken", "html")
ORDERS = ("oldest", "newest")


@dataclass
class Settings:
    """The behaviour of the emulator. Times are seconds unless the name says otherwise."""

    generation: str = "current"
    dialect: str = "current"
    document: str = "yaml"  # yaml, json, missing (404), broken, html (200 with a page)
    latency_ms: float = 0.0
    page_cap: int | None = None  # None: as the dialect says
    end_delay: float = 0.0  # until a terminated session shows its end
    interrupt_delay: float | None = None  # until an interrupted task has ended; None: end_delay
    date_offset: float = 0.0  # of the Date header
    date_header: str = "normal"  # normal, drop, malformed
    churn_vanish: int = 0  # sessions that vanish on each list request
    churn_appear: int = 0
    churn_mode: str = "remove"  # remove, hide (still there by id, ended, but not listed)
    ignore_paging: bool = False
    ignore_filters: bool = False
    wrong_total: int = 0  # added to every total
    replace_on_get: int = 0  # after the k-th GET another session has the id
    reown_on_get: int = 0  # after the k-th GET another user owns it
    terminate_ignored: bool = False  # terminating answers well and does nothing
    interrupt_ignored: bool = False
    expired_keys: bool = False  # every key is refused
    rate_limit: float = 0.0  # requests a second; 0: none
    rate_burst: int = 5
    rate_retry_after: bool = True  # a 429 says after how long to ask again
    ignore_log_filters: bool = False  # begin, end and contains
    logs_status: int = 0  # the answer to every request for logs; 0: they are answered well
    log_order: str | None = None  # the log line that comes first: oldest, newest; None: as the dialect says
    gzip: bool = False  # compress answers for clients that accept it
    tasks_status: int = 0  # the answer to every request for tasks; 0: they are answered well
    task_missing: bool = False  # task sessions have no task
    task_session_field: str = "sessionId"  # where a task names its session; a dot nests; "": nowhere, as before 25.2
    log_subjects: bool = False  # the request log tells which sessions an answer was about, as they then were
    proxy_paths: bool = False  # a proxy in front decodes and normalises the path

    def change(self, values: dict[str, Any]) -> None:
        """Take new values. Raises ValueError naming what is unknown."""
        known = {item.name for item in fields(self)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(unknown)}")
        if "dialect" in values:
            if values["dialect"] not in DIALECTS:
                raise ValueError(f"unknown dialect; there are: {', '.join(DIALECTS)}")
            values = {**values, "generation": DIALECTS[values["dialect"]].generation}
        elif "generation" in values:
            values = {**values, "dialect": default_for(values["generation"]).name}
        if values.get("document", "yaml") not in DOCUMENTS:
            raise ValueError(f"document is one of: {', '.join(DOCUMENTS)}")
        if values.get("log_order") not in (None, *ORDERS):
            raise ValueError(f"log_order is one of: {', '.join(ORDERS)}")
        for name in ("logs_status", "tasks_status"):
            if values.get(name, 0) not in (0, *(status.value for status in HTTPStatus if status >= 400)):
                raise ValueError(f"{name} is 0 or the status of an error")
        for name, value in values.items():
            setattr(self, name, value)

    def current_dialect(self) -> Dialect:
        """The dialect in force."""
        return DIALECTS[self.dialect]

    def page_limit(self) -> int:
        """The largest page in force."""
        return self.page_cap or self.current_dialect().page_cap

    def current_log_order(self) -> str:
        """The log line that comes first: oldest or newest."""
        return self.log_order or self.current_dialect().log_order

    def as_dict(self) -> dict[str, Any]:
        """All settings."""
        return asdict(self)
