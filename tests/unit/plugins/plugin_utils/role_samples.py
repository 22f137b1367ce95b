# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of a role hand on: settings, and the results of its tasks."""

from __future__ import annotations

from collections import Counter

from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, RETENTION

HOUR = 3600
HINT = "Narrow the selection, or raise the limit if this is meant."


def record(number, age=30 * HOUR, **values):
    """A session as the modules return it."""
    return {
        "id": f"s{number}",
        "kind": "webui",
        "state": "running",
        "active": True,
        "app_name": "A",
        "app_version": "1",
        "owner": f"user{number}@ROOT",
        "created_at": "2026-03-01T00:00:00Z",
        "started_at": "2026-03-01T00:00:00Z",
        "ended_at": None,
        "age_seconds": age,
        **values,
    }


def stale(count, result="would_terminate", first=0):
    return [record(first + number, result=result, msg="") for number in range(count)]


def settings(role=CLEANUP, **values):
    """Settings of a run that may change something. ``follows`` and the values of the role can be given."""
    given = {"batch_size": None, "archive_logs": False, "apply": True, "archive_dir": None}
    if role == CLEANUP:
        given |= {"older_than": "24h", "age_from": "created", "quiet_for": None, "interrupt_tasks": "solve"}
        given |= {"fail_on_stale": False, "kinds": None, "notice": None}
    follows = values.pop("follows", False)
    changes, in_awx = values.get("apply", True), values.pop("in_awx", False)
    given |= dict.fromkeys(("max_sessions", "max_percent", "max_per_owner"))
    limits = {name: values[name] for name in ("max_sessions", "max_percent") if name in values}
    began = values.pop("began", "1")
    given |= values
    own = {"host": "h", "account": "acme", "files": None, "began": began, "check_mode": False, "in_awx": in_awx}
    own.update(limits=limits, address="https://acme.aimms.cloud")
    return {"role": role, "given": given, "follows": follows, "plan_notes": [], "changes": changes, **own}


def selection(sessions, kept=(), **more):
    """The result of the module of a role."""
    summary = dict(Counter(one["result"] for one in sessions))
    return {"sessions": sessions, "kept": list(kept), "summary": summary, "cutoff": "2026-03-02T00:00:00Z", **more}


def refused(sessions, limit="max_sessions"):
    """The result of a module where a limit tripped."""
    text = f"Nothing was ended: {len(sessions)} sessions are selected and {limit} is 1. {HINT}"
    return selection([{**one, "result": "not_tried"} for one in sessions], msg=text, failed=True)


__all__ = ["CLEANUP", "HOUR", "RETENTION"]
