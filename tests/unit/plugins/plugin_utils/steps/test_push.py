# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where figures are pushed to, with what, and what is said when it fails. Proves rule 12 for the password."""

from __future__ import annotations

import base64

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.steps.push import OPTIONS, request, url_of, warning

PLACE = {"hosts": 1, "check_mode": False, "account": "acme", "host_stem": "host-1"}
SEVERAL = {**PLACE, "hosts": 2}
GROUP = "https://push.example.com/metrics/job/aimms_session_cleanup/account"
PASSWORD = "canary/pass word+0123456789"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (None, None),
        ("", None),
        (" \n", None),
        (f" {GROUP}/acme ", f"{GROUP}/acme"),
        (GROUP + "/{account}", f"{GROUP}/acme"),
        (GROUP + "/{account}/host/{host}", f"{GROUP}/acme/host/host-1"),
        ("http://10.0.0.1:9091/x?y={host}", "http://10.0.0.1:9091/x?y=host-1"),
        ("http://[::1]:9091/{other}", "http://[::1]:9091/{other}"),
    ],
)
def test_the_url_has_the_names_of_the_account_and_the_host(given, url):
    assert url_of(PLACE, given) == url


def test_names_are_quoted():
    assert url_of({**PLACE, "account": "a/b c?d#ä"}, GROUP + "/{account}") == f"{GROUP}/a%2Fb%20c%3Fd%23%C3%A4"


def test_nothing_is_pushed_in_check_mode_but_a_wrong_url_is_told():
    assert url_of({**PLACE, "check_mode": True}, GROUP) is None
    with pytest.raises(OptionError):
        url_of({**PLACE, "check_mode": True}, "push")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("push.example.com:9091", "must begin with"),
        ("ftp://push.example.com", "must begin with"),
        ("file:///etc/passwd", "must begin with"),
        ("https:///metrics", "must begin with"),
        ("https://a b/metrics", "must begin with"),
        ("https://push.example.com/\r\nX: y", "must begin with"),
        ("https://push.example.com:port/", "not a URL"),
        ("https://[push/", "not a URL"),
        (7, "must begin with"),
        (["https://push.example.com"], "must begin with"),
        ("https://user:pass@push.example.com/", "must not contain a user or password"),
        ("https://user@push.example.com/", "must not contain a user or password"),
    ],
)
def test_what_is_no_url_is_refused_without_telling_it(given, said):
    with pytest.raises(OptionError, match=said) as raised:
        url_of(PLACE, given)
    assert "pass@" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://push.example.com/m", "http://10.0.0.1:9091/m"])
def test_a_password_goes_over_tls_or_stays_on_this_machine(url):
    with pytest.raises(OptionError, match="must begin with https"):
        url_of(PLACE, url, "me")
    for other in (url.replace("http:", "https:"), "http://127.0.0.1/m", "http://localhost:9091/m"):
        assert url_of(PLACE, other, "me") == other


def test_hosts_do_not_overwrite_the_figures_of_each_other():
    with pytest.raises(OptionError, match="overwrite"):
        url_of(SEVERAL, f"{GROUP}/acme")
    for name, value in (("{account}", "acme"), ("{host}", "host-1")):
        assert url_of(SEVERAL, f"{GROUP}/{name}") == f"{GROUP}/{value}"


def test_a_request_replaces_what_is_there_and_checks_the_certificate():
    made = request("https://push/x", "text", {})
    assert (made["method"], made["body"], made["validate_certs"], made["follow_redirects"]) == (
        "PUT",
        "text",
        True,
        "none",
    )
    assert made["use_netrc"] is False
    assert not {"url_username", "url_password", "ca_path"} & set(made)


@pytest.mark.parametrize(("given", "checked"), [(None, True), ("", True), ("yes", True), (False, False), ("no", False)])
def test_only_a_clear_no_leaves_the_certificate_unchecked(given, checked):
    assert request("https://push/x", "text", {"metrics_validate_certs": given})["validate_certs"] is checked


def test_a_value_that_is_neither_is_refused():
    with pytest.raises(OptionError, match="metrics_validate_certs"):
        request("https://push/x", "text", {"metrics_validate_certs": "perhaps"})


def test_a_user_has_a_password_and_a_password_alone_is_not_sent():
    values = dict(zip(OPTIONS, ("me", PASSWORD, True, "/ca.pem")))
    made = request("https://push/x", "text", values)
    assert (made["url_username"], made["url_password"], made["force_basic_auth"]) == ("me", PASSWORD, True)
    assert made["ca_path"] == "/ca.pem"
    assert PASSWORD not in str(request("https://push/x", "text", {**values, "metrics_user": None}))


@pytest.mark.parametrize("form", [PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), repr(PASSWORD)])
def test_a_warning_has_neither_the_password_nor_the_path_nor_control_characters(form):
    url = "https://push.example.com/secret/path?token=hidden"
    said = warning(url, f"{url} answered 401 {form}\x1b[31m\n", PASSWORD)
    assert said.startswith("The figures were not pushed to https://push.example.com: ")
    assert not any(word in said for word in (PASSWORD, form, "hidden", "secret", "\x1b", "\n"))
    assert len(warning(url, "x" * 5000)) < 400
    assert "no reason was given" in warning(url, None)
