# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a run as its statistic, which AWX keeps as the artifact of the job and gives to the next job. Pure.

AWX stores an artifact with each later job of the workflow. So there it has of the planned sessions what an apply needs,
of the others what tells them apart, and of the kept ones, which are most of an account, only their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.aimms.cloud.plugins.plugin_utils.role_outcomes import merged

Data = dict[str, Any]
Record = Mapping[str, Any]

_IDENTITY = ("kind", "id", "app_name", "owner", "created_at")
_NOT_NEEDED = frozenset(
    "active state message description started_at ended_at user_name environment scheduled_for queue_seconds "
    "launch_seconds run_seconds gb_hours peak_memory_mib peak_cpu_millicores link result msg raw".split()
)
"""Fields of a planned session that an apply reads again, or does not need."""
_OF_OUTCOMES = ("host", "kind", "id", "owner", "app_name", "result", "msg")


def statistic(results: Sequence[Record], hosts: Sequence[str], in_awx: bool) -> Any:
    """The results of all hosts of a run.

    :param results: see ``merged``. :param hosts: all hosts of the run, also those without a result.
    """
    found = merged(results, len(hosts))
    if not in_awx or "planned" not in found:
        return found
    if len(hosts) == 1:  # the next job may have other hosts: each session tells whose it is
        found = {**found, **{name: _of_host(value, hosts[0]) for name, value in found.items()}}
    if "terminated" in found:  # records that were deleted are told nowhere else
        found = {**found, "planned": [_planned(one) for one in found["planned"]]}
        found.update({name: [_outcome(one) for one in found[name]] for name in ("terminated", "failed", "skipped")})
    kept = Counter(str(one["reason"]) for one in found["kept"])
    return {
        **{name: value for name, value in found.items() if name != "kept"},
        "kept_by_reason": dict(sorted(kept.items())),
        "hosts_without_result": sorted(set(hosts) - {str(one["host"]) for one in results}),
    }


def _of_host(value: Any, host: str) -> Any:
    is_records = isinstance(value, list) and all(isinstance(one, Mapping) for one in value)
    return [{**one, "host": host} for one in value] if is_records else value


def _planned(session: Record) -> Data:
    """All that tells a session apart, also where it is null, and what else is known of it."""
    known = {name: value for name, value in session.items() if value is not None and name not in _NOT_NEEDED}
    return {**{name: session.get(name) for name in _IDENTITY}, **known}


def _outcome(session: Record) -> Data:
    return {name: session[name] for name in _OF_OUTCOMES if session.get(name)}
