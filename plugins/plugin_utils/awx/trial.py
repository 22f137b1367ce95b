# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs at the end of the set-up of AWX: what became of them, and why one failed. Requests come as an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, printable

Data = Mapping[str, Any]
Get = Callable[..., list[Any]]
"""``get(endpoint, **query)`` gives the objects that AWX answers with."""
TYPES = ("account", "accounts")
_MOST_HOSTS = 5
_LONGEST = 500


def told(results: Sequence[Data], get: Get) -> tuple[list[str], list[str]]:
    """Lines about jobs that were tried, and sentences about those that failed.

    :param results: of ``job_launch``; each ``item`` has ``what``.
    """
    lines, failed = [], []
    for result in results:
        what = result["item"]["what"]
        if result.get("status") == "successful":
            lines.append(f"{what}: job {result.get('id')} was successful")
        else:
            failed.append(f"{what}: {reason(result, get)}")
    return lines, failed


def reason(result: Data, get: Get) -> str:
    """Why a job, a sync or its launch failed, in a sentence.

    :param result: what the module returned that started it.
    """
    job = result.get("job_data")
    if not isinstance(job, Mapping):
        answer = result.get("response")
        body = answer.get("json") if isinstance(answer, Mapping) else None
        return _sentence(f"{result.get('msg', 'it did not end')} {body or ''}")
    said = []
    try:
        for one in _parts(job, get):
            said += list(_failures(one, get)) or [_last_lines(one, get)]
    except AimmsError as error:
        said.append(str(error))
    more = len(said) - _MOST_HOSTS
    texts = said[:_MOST_HOSTS] + ([f"and {more} more"] if more > 0 else [])
    explained = job.get("job_explanation") or ""
    return _sentence(f"job {job['id']} ended as {job['status']}. {explained} {'; '.join(filter(None, texts))}")


def _parts(job: Data, get: Get) -> Iterator[Data]:
    """The job, or those of its slices that failed."""
    if job.get("type") != "workflow_job":
        yield job
        return
    for node in get(f"workflow_jobs/{job['id']}/workflow_nodes"):
        part = node.get("summary_fields", {}).get("job") or {}
        if part.get("status") not in (None, "successful"):
            yield {"type": "job", **part}


def _failures(job: Data, get: Get) -> Iterator[str]:
    """What each host that failed was told."""
    if job.get("type") != "job":
        return
    for event in get(f"jobs/{job['id']}/job_events", event="runner_on_failed"):
        result = event.get("event_data", {})
        if not result.get("ignore_errors"):
            said = result.get("res", {}).get("msg", "")
            yield f"{result.get('host', '')}: {_shortened(str(said))}"


def _last_lines(job: Data, get: Get) -> str:
    """The end of the output, where no host failed: the playbook did not begin."""
    kind = {"job": "jobs", "project_update": "project_updates", "inventory_update": "inventory_updates"}.get(
        str(job.get("type"))
    )
    if not kind:
        return ""
    (output,) = get(f"{kind}/{job['id']}/stdout", format="json") or [{}]
    lines = [line for line in str(output.get("content", "")).splitlines() if line.strip()]
    wrong = [line for line in lines if "ERROR" in line or "fatal:" in line]
    return _shortened(" ".join((wrong or lines)[-3:]))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _sentence(text: str) -> str:
    return f"{printable(text).strip().rstrip('.')}."
