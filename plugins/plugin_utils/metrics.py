# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of a cleanup, as a text for Prometheus: for a file of node_exporter, or a Pushgateway. Pure.

What the run does not know is left out: 0 would be a lie.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS
from ansible_collections.aimms.cloud.plugins.plugin_utils import role_outcomes
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.cost import stopped
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.key import expiry_of, key_of

Record = Mapping[str, Any]
Samples = Iterable[tuple[str, float]]

_REASONS = tuple(
    "announced busy max_active max_seats no_reliable_time not_selected policy protected recent_log scheduled "
    "too_young "
    "unknown_kind".split()
)
_HELP = {
    "sessions_running": "Sessions that run or wait after the last run, of the kinds that it looks at.",
    "sessions_stale": "Sessions older than the limit that still run after the last run, kept ones among them.",
    "sessions_stale_kept": "Sessions older than the limit that the last run kept.",
    "sessions_queued": "Sessions that wait in the queue after the last run, not for a time that was set.",
    "sessions_queued_longest_wait_seconds": "How long the longest of them has waited.",
    "sessions_gbhours": "GbHour that sessions that still run have used, as the service tells it.",
    "sessions_gbhours_sessions": "Of how many sessions that is the sum.",
    "session_cleanup_stopped_gbhours_per_hour": "GbHour that the ended sessions used in an hour of their run.",
    "session_cleanup_stopped_gbhours_sessions": "Of how many of the ended sessions that is the sum.",
    "session_cleanup_planned_sessions": "Sessions that the last run planned to end.",
    "session_cleanup_announced_sessions": "Sessions whose end was announced, and whose notice was not over.",
    "session_cleanup_due_sessions": "Planned sessions of the last run that were announced long enough before.",
    "session_cleanup_ended_sessions": "Sessions that the last run ended.",
    "session_cleanup_failed_sessions": "Sessions that the last run could not end.",
    "session_cleanup_skipped_sessions": "Planned sessions that had ended, gone or changed before their turn.",
    "session_cleanup_kept_sessions": "Sessions that the last run kept.",
    "session_cleanup_policy_sessions": "Sessions of each policy: planned, ended, failed to end, kept by the last run.",
    "session_cleanup_active_people": "People with an active WebUI session when the last run counted them.",
    "session_cleanup_max_seats": "People who may be active at once by max_seats.",
    "session_cleanup_freed_seats": "People whose sessions the last run ended, all of them.",
    "session_cleanup_last_run_timestamp_seconds": "When the last run ended, whatever came of it.",
    "session_cleanup_last_run_duration_seconds": "How long the last run took.",
    "session_cleanup_last_run_success": "Whether the last run succeeded.",
    "session_cleanup_last_run_applied": "Whether the last run was to end sessions (1) or only to plan (0).",
    "session_cleanup_last_success_timestamp_seconds": "When a run that was to end sessions last succeeded (0: never).",
    "session_cleanup_build_info": "1, with the version of the collection that the last run was made with.",
    "key_expiry_timestamp_seconds": "When the API key expires.",
}
_LAST_SUCCESS = re.compile(
    r"^aimms_session_cleanup_last_success_timestamp_seconds\{account=(.*)\} ([0-9.e+]+)$", re.MULTILINE
)


def metrics_text(
    account: str,
    found: Optional[Record],
    figures: Optional[Record],
    *,
    now: int,
    applied: bool,
    succeeded: bool,
    before: Optional[str] = "",
    seconds: Optional[float] = None,
    version: Optional[str] = None,
    key_expires_at: Optional[int] = None,
) -> str:
    """The whole file.

    :param found: what ``role_outcomes.gathered`` made, None if the run came to nothing. :param figures: the overview
        of the sessions that still run; None if this run has not listed them. :param now: seconds since 1970.
    :param before: the file of the run before, empty if this is the first one; None if nothing is kept from run to run.
    :param seconds: how long the run took. :param version: of the collection.
    :param key_expires_at: seconds since 1970. Of these three None is what is not known.
    """
    success = now if applied and succeeded else _last_success(account, before)
    samples: dict[str, Samples] = {
        **({} if figures is None else _running(figures)),
        **({} if found is None else _done(found["result"])),
        **({} if found is None or found.get("unannounced") is None else _notices(found["result"])),
        "session_cleanup_last_run_timestamp_seconds": [("", now)],
        **_told("session_cleanup_last_run_duration_seconds", seconds),
        "session_cleanup_last_run_success": [("", int(succeeded))],
        "session_cleanup_last_run_applied": [("", int(applied))],
        **_told("session_cleanup_last_success_timestamp_seconds", success),
        **({} if not version else {"session_cleanup_build_info": [(f"version={_quoted(version)}", 1)]}),
        **_told("key_expiry_timestamp_seconds", key_expires_at),
    }
    return "".join(_gauge(account, name, _HELP[name], each) for name, each in samples.items())


def run_text(
    settings: Record,
    found: Optional[Record],
    *,
    selection: Record,
    key: Record,
    now: float,
    succeeded: bool,
    before: Optional[str],
    version: Optional[str],
) -> str:
    """The same from what the tasks of the role registered.

    :param settings: what was read; if the variables were refused, only where the files go.
    :param selection: the result of the module that selects. :param key: that of ``aimms_key_info``.
    """
    figures = None
    if found and found["running"] is not None:
        figures = role_outcomes.figures(settings, selection, found["running"])
    began = float(settings["began"]) if "given" in settings else None
    return metrics_text(
        settings["account"],
        found,
        figures,
        now=int(now),
        applied=bool(settings.get("given", {}).get("apply")),
        succeeded=succeeded,
        before=before,
        seconds=None if began is None else round(max(0.0, now - began), 3),
        version=version,
        key_expires_at=expiry_of(key_of(key)) if found else None,
    )


def _last_success(account: str, before: Optional[str]) -> Any:
    """What the file of the run before has, 0 if it has none of this account; None if nothing is kept."""
    last = _LAST_SUCCESS.search(before or "")
    if not last:
        return None if before is None else 0
    is_named_by_host = "_build_info{" not in str(before)  # as 1.0.0 did
    return last[2] if is_named_by_host or last[1] == _quoted(account) else 0


def _told(name: str, value: Optional[float]) -> dict[str, Samples]:
    """A metric without labels of its own; none if its value is not known."""
    return {} if value is None else {name: [("", value)]}


def _running(figures: Record) -> dict[str, Samples]:
    """Of the sessions that still run: how many, how many of them are stale, and why stale ones were kept."""
    kinds = Counter(one["kind"] for one in figures["sessions"])
    reasons = Counter(one["reason"] for one in figures["sessions"] if one["stale"] and one.get("reason"))
    return {
        "sessions_running": _each("kind", KINDS, kinds),
        "sessions_stale": [("", figures["stale"])],
        "sessions_stale_kept": _each("reason", [name for name in _REASONS if name != "too_young"], reasons),
        **_queued(figures["queue"]),
        **_used(figures),
    }


def _queued(queue: Record) -> dict[str, Samples]:
    longest = queue["longest_wait_seconds"] if queue["sessions"] else 0
    return {"sessions_queued": [("", queue["sessions"])], **_told("sessions_queued_longest_wait_seconds", longest)}


def _used(figures: Record) -> dict[str, Samples]:
    """GbHour by app, by owner and by environment; those that the service does not tell are left out."""
    told = [
        (f"by={_quoted(by)},name={_quoted(one['name'] or '')}", one)
        for by in ("app", "owner", "environment")
        for one in figures[f"by_{by}"]
        if one["gb_hours"] is not None
    ]
    if not told:
        return {}
    return {
        "sessions_gbhours": [(labels, one["gb_hours"]) for labels, one in told],
        "sessions_gbhours_sessions": [(labels, one["gb_hours_of"]) for labels, one in told],
    }


def _done(result: Record) -> dict[str, Samples]:
    ended = Counter(one["result"] for one in result["terminated"])
    how = [('how="interrupt"', ended["interrupted"]), ('how="force"', ended["terminated"])]
    return {
        "session_cleanup_planned_sessions": [("", len(result["planned"]))],
        "session_cleanup_ended_sessions": how,
        **_stopped(stopped(result["terminated"])),
        "session_cleanup_failed_sessions": [("", len(result["failed"]))],
        "session_cleanup_skipped_sessions": [("", len(result["skipped"]))],
        "session_cleanup_kept_sessions": _each("reason", _REASONS, Counter(one["reason"] for one in result["kept"])),
        **(_seats(result["seats"]) if result.get("seats") else {}),
        **({"session_cleanup_policy_sessions": list(_policies(result["policies"]))} if result.get("policies") else {}),
    }


def _seats(seats: Record) -> dict[str, Samples]:
    names = {"active_people": "active", "max_seats": "max", "freed_seats": "freed"}
    return {f"session_cleanup_{name}": [("", seats[field])] for name, field in names.items()}


def _policies(rules: Iterable[Record]) -> Samples:
    """How many sessions of each list of the result are of each rule."""
    for rule in rules:
        for what, name in (("planned", "planned"), ("ended", "terminated"), ("failed", "failed"), ("kept", "kept")):
            yield f'policy={_quoted(rule["name"])},what="{what}"', rule[name]


def _notices(result: Record) -> dict[str, Samples]:
    return {f"session_cleanup_{name}_sessions": [("", len(result[name]))] for name in ("announced", "due")}


def _stopped(found: Record) -> dict[str, Samples]:
    if found["gb_hours_per_hour"] is None:
        return {}
    return {
        "session_cleanup_stopped_gbhours_per_hour": [("", found["gb_hours_per_hour"])],
        "session_cleanup_stopped_gbhours_sessions": [("", found["sessions"])],
    }


def _each(label: str, known: Iterable[str], counts: Mapping[str, int]) -> Samples:
    """A sample for each known value of a label, and for each other one that was seen."""
    return [(f"{label}={_quoted(name)}", counts.get(name, 0)) for name in dict.fromkeys([*known, *sorted(counts)])]


def _gauge(account: str, name: str, text: str, samples: Samples) -> str:
    lines = [f"# HELP aimms_{name} {text}", f"# TYPE aimms_{name} gauge"]
    own = f"account={_quoted(account)}"
    lines += [f"aimms_{name}{{{','.join(filter(None, (own, labels)))}}} {value}" for labels, value in samples]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
