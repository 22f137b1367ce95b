# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts for pages: sessions as the modules return them, reports of cleanups, and names that mean harm."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

NOW = datetime(2026, 3, 14, 6, 30, tzinfo=timezone.utc)
HOUR = 3600
APPS = ("TransportPlanner", "CrewRoster", "UnitCommitment", "Blending", "NetworkDesign", "Inventory", "Cutting stock")
HOSTILE = (
    '<script>document.title = "run"</script>',
    "\"'><img src=x onerror=\"document.title='run'\">",
    "</script><script>document.title='run'</script><!--",
    "\x1b[31mred\x1b[0m \u202egnp.exe\u202c",
    "{{ 7 * 7 }}{% raw %}",
    '=HYPERLINK("http://x")&amp;',
    "a" * 400,
    "O\u2019Brien \u5c71\u7530 \u05d0\u05d1\u05d2",
)


def written(moment: datetime) -> str:
    """As the modules write a time."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def session(number: int, age: float, **values: Any) -> dict[str, Any]:
    """One running session."""
    made = written(NOW - timedelta(seconds=age))
    return {
        "id": f"{number:08x}-2b87-457c-bc83-305bb5daa4cc",
        "kind": ("webui", "webui", "task", "solve")[number % 4],
        "state": ("running", "running", "running", "queued", "solving")[number % 5],
        "active": True,
        "app_name": APPS[number * number % len(APPS)],
        "app_version": f"{1 + number % 3}.{number % 7}",
        "owner": f"user{number % 23}@{('ROOT', 'PLANNING')[number % 2]}",
        "created_at": made,
        "started_at": made,
        "ended_at": None,
        "age_seconds": int(age),
        "message": "",
        **values,
    }


def sessions(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """So many, most of them young."""
    draw = random.Random(seed)
    return [session(number, draw.expovariate(1 / (14 * HOUR))) for number in range(count)]


def history(count: int) -> list[dict[str, Any]]:
    """The last runs, a night each: some that only followed a plan, some without figures of what was freed."""
    draw = random.Random(count)
    runs: list[dict[str, Any]] = []
    for night in range(count):
        running = 300 + int(draw.gauss(0, 25)) + night
        run = {"at": written(NOW - timedelta(days=count - 1 - night)), "running": running, "stale": running // 5}
        run |= {"ended": running // 9, "freed": round(draw.expovariate(0.2), 2) if night % 5 else None}
        runs.append(run | ({"running": None, "stale": None} if night % 7 == 3 else {}))
    return runs


def hostile() -> list[dict[str, Any]]:
    """One session for each bad name, which is its app, its version, its owner and its state."""
    return [
        session(number, HOUR * (20 + number), app_name=name, app_version=name, owner=name, state=name)
        for number, name in enumerate(HOSTILE)
    ]


def cleanup(running: list[dict[str, Any]]) -> dict[str, Any]:
    """The report of a cleanup that ended some sessions, failed with two, and kept each of ``running``."""
    reasons = ("too_young", "too_young", "too_young", "protected", "recent_log", "no_reliable_time", "not_selected")
    done = [session(90_000 + number, 26 * HOUR + number * 999) for number in range(7)]
    results = ("interrupted", "terminated", "terminated", "interrupted", "failed", "not_tried", "already_ended")
    ended = [{**one, "result": result, "msg": ""} for one, result in zip(done, results)]
    ended[4]["msg"] = "PATCH /pro/session-manager/v1/sessions/task/x/terminate: 503 Service Unavailable <b>busy</b>."
    return {
        "host": "acme",
        "written_at": written(NOW - timedelta(hours=3)),
        "applied": True,
        "refused": "",
        "followed_a_plan": False,
        "cutoff": written(NOW - timedelta(hours=27)),
        "planned": done,
        "terminated": ended[:4],
        "failed": ended[4:6],
        "skipped": ended[6:],
        "kept": [
            {**one, "reason": reasons[number % len(reasons)], "msg": ""} for number, one in enumerate(running[::2])
        ],
    }
