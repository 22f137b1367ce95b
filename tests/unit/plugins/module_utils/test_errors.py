# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an error says and what it tells about the request: hint, sent, whether trying again may help. Proves rule 10."""

from __future__ import annotations

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils import errors
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    HttpError,
    OptionError,
    PartlyFailedError,
    RefusedError,
    TransportError,
    printable,
    shown,
)


def test_a_message_of_our_own_is_one_line_too():
    assert str(OptionError("owners:\x1b 'a\nb'", "Say more.")) == "owners:  'a b' Say more."
    assert printable("Zo\u00eb \u4e2d \U0001f600") == "Zo\u00eb \u4e2d \U0001f600"


def test_foreign_text_is_shown_whole_or_not_at_all():
    assert shown("a" * 60) == "a" * 60
    assert shown("a" * 61) == "(61 characters)"


def http(status, **more):
    return HttpError("GET /x", status, **more)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "malformed"),
        (401, "wrong or has expired"),
        (403, "lacks the Tasks scope"),
        (404, "check account, url and the id"),
        (405, "not running any more, or the service is from before PRO 24.12.2 and cannot interrupt an execution."),
        (409, "conflicts with the present state"),
        (429, "lower concurrency, or raise max_time"),
        (500, "try again later"),
        (599, "try again later"),
    ],
)
def test_a_status_is_told_with_what_the_body_says_and_what_to_do(status, advice):
    text = str(http(status, detail="as it is", scope="Tasks"))
    assert text.startswith(f"GET /x answered {status}: as it is. ")
    assert advice in text


def test_advice_about_permissions_and_operations_is_that_of_the_service_that_was_asked():
    assert str(http(403, scope="Tasks")).endswith("Read to see the task, Read and Execute to interrupt or delete it.")
    assert "lacks the Session scope, or this belongs to another user" in str(http(403))
    assert "does not offer that operation" in str(http(405))


def test_a_status_that_nobody_can_advise_on_is_told_alone():
    assert str(http(418)) == "GET /x answered 418."


def test_the_scope_of_sessions_is_the_one_that_is_told_where_none_is_named():
    assert "lacks the Session scope" in str(http(403))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_these_statuses_may_pass(status):
    assert (http(status).retryable, http(status).only_once) == (True, False)


@pytest.mark.parametrize("status", [408, 425, 520, 521, 524, 530])
def test_these_statuses_are_asked_about_once_more(status):
    assert (http(status).retryable, http(status).only_once) == (True, True)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 422, 501, 505])
def test_these_statuses_do_not_pass(status):
    assert http(status).retryable is False


@pytest.mark.parametrize("kind", [errors.TlsError, errors.RedirectError, errors.AnswerError])
def test_a_server_that_is_the_wrong_one_is_not_asked_again(kind):
    assert kind("x").retryable is False


def test_an_answer_that_did_not_arrive_may_arrive_and_the_request_may_have_been_carried_out():
    error = TransportError("no answer", "Try again.")
    assert (error.retryable, error.sent, error.late, error.retry_after) == (True, True, False, None)
    assert str(error) == "no answer Try again."
    assert TransportError("no connection", sent=False).sent is False


def test_what_had_to_wait_for_another_one_was_not_sent():
    assert (str(errors.TurnError()), errors.TurnError().sent) == ("Another session had to be ended first.", False)


def test_failures_are_alike_by_class_and_status():
    assert http(403).signature == http(403, detail="another").signature
    signatures = {error.signature for error in (http(403), http(500), TransportError("x"), errors.TlsError("x"))}
    assert len(signatures) == 4
    assert all(signatures)


@pytest.mark.parametrize("kind", [RefusedError, PartlyFailedError])
def test_what_is_refused_here_has_a_result_and_says_nothing_about_the_server(kind):
    assert (kind("No.").result, kind("No.").signature) == ({}, "")
    assert kind("No.", result={"changed": True}).result == {"changed": True}


def test_each_error_can_be_told_to_the_user():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) == 13
    assert all(issubclass(kind, errors.AimmsError) for kind in kinds)
