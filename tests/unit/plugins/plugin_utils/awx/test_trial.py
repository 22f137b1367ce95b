# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a job failed is said in the words of AWX: hosts, the end of the output, or what a launch was refused for."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.trial import reason, told


def serving(**answers):
    """A request function; names have _ for /."""

    def get(endpoint, **_query):
        found = answers[endpoint.replace("/", "_")]
        if isinstance(found, Exception):
            raise found
        return found

    return get


def event(host, message, **more):
    return {"event_data": {"host": host, "res": {"msg": message}, **more}}


JOB = {"type": "job", "id": 7, "status": "failed", "job_explanation": ""}


def test_hosts_that_failed_and_no_more_than_five():
    events = [event(f"h{n}", "no\nkey") for n in range(7)] + [event("x", "kept on", ignore_errors=True)]
    text = reason({"job_data": JOB}, serving(jobs_7_job_events=events))
    assert text == "job 7 ended as failed.  h0: no key; h1: no key; h2: no key; h3: no key; h4: no key; and 2 more."


def test_the_end_of_the_output_where_no_host_failed():
    output = [{"content": "PLAY\nERROR! couldn't resolve aimms.cloud\n\nbye\n"}]
    text = reason({"job_data": JOB}, serving(jobs_7_job_events=[], jobs_7_stdout=output))
    assert "ERROR! couldn't resolve aimms.cloud." in text
    sync = {**JOB, "type": "project_update", "job_explanation": "Canceled"}
    text = reason({"job_data": sync}, serving(project_updates_7_stdout=[{"content": "a\nb\nc\nd"}]))
    assert text == "job 7 ended as failed. Canceled b c d."


def test_slices_that_failed():
    nodes = [
        {"summary_fields": {"job": {"id": 8, "status": "failed"}}},
        {"summary_fields": {"job": {"status": "successful"}}},
    ]
    answers = serving(workflow_jobs_7_workflow_nodes=[*nodes, {}], jobs_8_job_events=[event("acme", "no key")])
    assert "acme: no key" in reason({"job_data": {**JOB, "type": "workflow_job"}}, answers)


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ({"msg": "Failed to launch job", "response": {"json": {"a": ["b"]}}}, "Failed to launch job {'a': ['b']}."),
        ({"msg": "aborted due to timeout."}, "aborted due to timeout."),
        ({}, "it did not end."),
    ],
)
def test_what_was_not_even_launched(result, text):
    assert reason(result, serving()) == text


def test_awx_that_no_longer_answers_is_no_traceback():
    assert "gone" in reason({"job_data": JOB}, serving(jobs_7_job_events=OptionError("gone")))


def test_all_jobs_are_told():
    results = [
        {"item": {"what": "the report"}, "status": "successful", "id": 5},
        {"item": {"what": "schedule every night"}, "msg": "no"},
    ]
    assert told(results, serving()) == (["the report: job 5 was successful"], ["schedule every night: no."])
