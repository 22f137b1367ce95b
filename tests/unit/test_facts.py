# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendor's documentation says of the service, and the test of what follows from it.

A new fact is one line: the sentence, and the test, or the guide with the words that tell it to the user.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).absolute().parents[2]
UNITS, E2E, GUIDES = "tests/unit/plugins/module_utils", "tests/e2e", "docs/docsite/rst"
CLEANUP = f"{GUIDES}/guide_safe_cleanup.rst"

SESSIONS = {
    "A record may name a type that its list does not: its own type counts.": (
        f"{UNITS}/models/test_states.py::test_the_own_type_of_a_record_counts",
        f"{E2E}/modules/test_vendor_style.py::test_every_session_is_listed_with_its_own_type",
    ),
    "External services are shared by all users, and verify belongs to a publication.": (
        f"{UNITS}/test_selection.py::test_external_and_verify_are_changed_only_where_they_are_named_and_unknown_types_never",
        f"{E2E}/modules/test_session_ending.py::test_a_record_of_another_type_is_ended_only_where_kinds_names_it",
    ),
    "The portal's columns are likely fields: times in seconds, memory in MiB, CPU in thousandths, GbHour.": (
        f"{UNITS}/models/test_quantities.py::test_an_amount_is_told_in_its_unit",
        f"{E2E}/modules/test_vendor_style.py::test_a_record_has_what_the_portal_shows",
    ),
    "WebUI sessions have no end, and no message.": (
        f"{E2E}/modules/test_session_listing.py::test_null_ended_at_proves_nothing",
        f"{E2E}/modules/test_deleting_meanwhile.py::test_end_is_told_by_the_record_or_by_the_last_line",
    ),
    "WebUI sessions are seen finished too; states differ between generations and in letter case.": (
        f"{UNITS}/models/test_states.py::test_these_states_are_ended_ones",
        f"{UNITS}/models/test_states.py::test_what_begins_is_active_on_all_generations",
        f"{UNITS}/models/test_states.py::test_a_state_is_the_same_in_any_spelling",
    ),
    "An end that somebody has asked for shows as termination_requested or closing.": (
        f"{UNITS}/models/test_states.py::test_what_is_about_to_end_is_active_in_every_spelling",
    ),
    "Ids are UUIDs, 32 hex digits, or names such as webui-tyg.": (
        f"{UNITS}/models/test_session_id.py::test_valid_ids",
    ),
    "The portal shows user@ENVIRONMENT, and a user name may have an @ itself.": (
        f"{UNITS}/models/test_names.py::test_user_and_environment_are_told_apart",
        f"{E2E}/modules/test_vendor_style.py::test_a_record_has_what_the_portal_shows",
    ),
    "SAML names may have _ for @.": (
        f"{UNITS}/models/test_names.py::test_the_owner_is_the_best_name_and_every_text_that_may_name_it_protects",
        f"{CLEANUP}#may have ``_`` for ``@``",
    ),
    "A job with scheduledAt, or the next run of a task, waits in created or queued on purpose.": (
        f"{UNITS}/test_selection.py::test_what_waits_on_purpose_is_never_stale_whatever_its_age",
        f"{E2E}/modules/test_vendor_style.py::test_only_what_is_stale_is_ended",
    ),
    "One task session serves several tasks, so its age says nothing about the present one.": (
        f"{UNITS}/api/test_task_activity.py::test_why_a_session_is_kept",
        f"{UNITS}/api/test_task_activity.py::test_the_list_of_tasks_is_read_once_for_all_sessions",
    ),
    "WebUI sessions end by themselves 5 minutes after the last tab.": (
        f"{CLEANUP}#5 minutes after its last browser tab",
    ),
    "Solve sessions end after their timeOut.": (f"{CLEANUP}#after its ``timeOut``",),
    "There are two stores, so a list may be half of what the portal shows.": (f"{CLEANUP}#two stores",),
    "A solve session can wait for an hour: created is not when it began.": (
        f"{UNITS}/test_selection_quiet.py::test_a_solve_that_waited_long_is_as_young_as_its_start",
    ),
    "A user's key sees that user's sessions only.": (
        f"{E2E}/modules/test_session_listing.py::test_user_key_sees_only_its_own",
        f"{E2E}/modules/test_session_ending.py::test_user_key_ends_only_its_own",
    ),
    "A killed task session is found dead after a while only.": (
        f"{E2E}/modules/test_session_ending.py::test_end_is_awaited_or_not_as_asked",
    ),
    "Records of WebUI and solve sessions go after 30 days, those of tasks stay.": (
        f"{Path(__file__).parent.relative_to(ROOT)}/test_facts.py::test_retention_comes_before_the_service",
        "roles/session_retention/README.md#The service keeps the records of tasks",
    ),
}
LOGS = {
    "Real logs contain tokens.": (
        f"{E2E}/modules/test_session_logs.py::test_whole_log_comes_in_order_and_unaltered_but_for_secrets",
    ),
    "logs/download answers 500 for a large log.": (
        f"{UNITS}/logs/test_download_answers.py::test_a_record_goes_only_if_its_log_is_on_the_disk_as_the_service_has_it",
    ),
    "A queued session has no log.": (
        f"{UNITS}/logs/test_download_answers.py::test_a_session_that_never_began_and_has_no_log_is_archived_with_none",
    ),
    "The filters of logs by time had no effect.": (
        f"{UNITS}/logs/test_info.py::test_a_filter_of_the_server_that_is_not_what_its_name_says_loses_no_line",
        f"{E2E}/modules/test_quiet_servers.py::test_only_quiet_sessions_are_selected",
    ),
}
GENERATIONS = {
    "DELETE ends a session on one generation and destroys its record on the other.": (
        f"{UNITS}/api/test_generations.py::test_each_generation_needs_evidence",
        f"{E2E}/modules/test_both_generations.py::test_delete_is_never_even_tried_on_the_current_generation",
    ),
    "404 and 405 to a request that ends a session prove nothing about the generation.": (
        f"{UNITS}/sessions/test_terminate_by_generation.py::test_any_other_refusal_is_no_sign_of_the_legacy_generation",
        f"{UNITS}/sessions/test_terminate_by_generation.py::test_on_a_documented_server_a_missing_route_is_no_reason_for_delete",
    ),
    "A current document may still have the old log route.": (
        f"{E2E}/modules/test_what_stands_between.py::test_what_the_document_tells_or_hides_ends_sessions_without_destroying_them",
    ),
    "What is answered for a session that has ended is not documented: error 1064, or any status.": (
        f"{E2E}/modules/test_answers_to_a_change.py::test_every_answer_to_a_change_is_taken_for_what_it_is_worth",
    ),
    "Lists of the user-manager have offset and limit (100), sort=-a,b and filters with operators.": (
        f"{E2E}/modules/test_vendor_style.py::test_the_filters_of_the_service_can_be_used",
        f"{E2E}/modules/test_paging_styles.py::test_every_session_is_listed_once",
    ),
    "The services exist in the cloud only.": (
        "plugins/doc_fragments/connection.py#not where AIMMS PRO runs on premises",
    ),
}
TASKS = {
    "Seeing a task needs Read on its app, interrupting it Read and Execute.": (
        f"{UNITS}/tasks/test_interrupt.py::test_what_is_not_seen_is_a_warning_that_names_the_permission",
        f"{UNITS}/api/test_task_api.py::test_a_refusal_of_an_interrupt_says_what_may_be_the_reason",
    ),
    "A task session whose task is not seen may be at work.": (
        f"{E2E}/modules/test_interrupts_without_tasks.py::test_a_session_of_which_no_task_is_seen_lives_on_with_a_warning",
    ),
    "The document of the Task API is at GET /pro-api/v2/.": (
        f"{UNITS}/api/test_task_document.py::test_the_document_shows_the_way_where_the_vendors_is_refused_or_not_whole",
    ),
    "Times of tasks have no zone, and durations are text.": (
        f"{UNITS}/api/test_task_api.py::test_a_time_without_a_zone_is_read_in_the_zone_given",
        f"{UNITS}/models/test_task.py::test_numbers_come_as_numbers_as_whole_floats_or_as_text",
    ),
    "Without groupIndex the last run is meant, which may be the next one.": (
        f"{UNITS}/tasks/test_interrupt.py::test_without_an_index_the_run_that_works_is_meant",
        f"{UNITS}/tasks/test_interrupt.py::test_by_session_what_waits_by_a_schedule_is_interrupted_only_where_it_is_named",
    ),
    "Without appVersion only the latest version was listed.": (
        f"{UNITS}/api/test_task_api.py::test_a_server_that_lists_by_app_only_is_asked_app_by_app",
    ),
    "interrupt-execution is known since 24.12.2, and a wrong state answers 405.": (
        f"{UNITS}/api/test_task_api.py::test_a_refusal_of_an_interrupt_says_what_may_be_the_reason",
    ),
    "A PUT may answer 200 with interrupt-processed.": (
        f"{UNITS}/api/test_task_api.py::test_whatever_a_taken_interrupt_answers_it_was_taken",
    ),
    "Services before 25.2 do not name the session of a task.": (
        f"{E2E}/modules/test_task_info.py::test_sessions_are_told_under_any_name_and_a_server_without_them_is_named",
    ),
}
KEYS = {
    "Keys expire after a year at most.": (
        f"{UNITS}/test_errors.py::test_a_status_is_told_with_what_the_body_says_and_what_to_do",
    ),
    "Repeated failed logins block the account: 401 is not tried again.": (
        f"{UNITS}/http/test_client.py::test_other_status_is_not_tried_again",
    ),
    "The Task API needs a key with the Tasks scope.": (
        f"{UNITS}/api/test_task_api.py::test_a_key_without_the_scope_is_told_which_one_it_lacks",
    ),
}
FACTS = {**SESSIONS, **LOGS, **GENERATIONS, **TASKS, **KEYS}

pytestmark = pytest.mark.skipif(not (ROOT / E2E).is_dir(), reason="these files are not part of this copy")


@cache
def functions(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@cache
def words(path):
    return re.sub(r"\s+", " ", (ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("fact", FACTS)
def test_each_fact_has_a_test_or_is_told_in_a_guide(fact):
    assert FACTS[fact]
    for place in FACTS[fact]:
        path, sign, name = re.split(r"(::|#)", place, maxsplit=1)
        assert name in (functions(path) if sign == "::" else words(path)), place


def test_retention_comes_before_the_service():
    told = re.search(
        r"ended_before: (\d+)d", (ROOT / "roles/session_retention/defaults/main.yml").read_text(encoding="utf-8")
    )
    assert told
    assert int(told[1]) <= 30 - 7
