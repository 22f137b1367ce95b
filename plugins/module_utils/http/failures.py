# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong, in the user's terms: refusals, and errors of the connection by the names of their classes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    RedirectError,
    TlsError,
    TransportError,
    shown,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http import retry
from ansible_collections.aimms.cloud.plugins.module_utils.http.error_body import error_body
from ansible_collections.aimms.cloud.plugins.module_utils.redaction import redacted

NO_ANSWER = "no complete answer"
"""The first words of the text if the service was reached but did not respond in time."""
_LONGEST_DETAIL = 300  # characters
_SOCKS = "Install PySocks for Ansible's Python, or set HTTPS_PROXY to an HTTP proxy."
_UNKNOWN_AUTHORITY = (
    "Give the certificates of the authority that issued it as ca_path; validate_certs: false would let anyone read the "
    "key."
)
_OTHER_NAME = "The certificate is for another name: check account and url."
_CERTIFICATE_HINTS = (
    ((9, 10), "Have the server's certificate renewed, or set the clock of this machine right."),
    ((62, 63, 64), _OTHER_NAME),
    (
        (66, 67, 68),
        "The certificate is too weak for this machine: have it issued again with a longer key or newer hash.",
    ),
    (range(79, 95), "Python 3.13 and later refuse such a certificate: have it issued again, or use an older Python."),
)
"""By the codes of OpenSSL; all others mean that the authority is not among the trusted ones."""
_HANDSHAKES = (
    (
        re.compile("WRONG_VERSION_NUMBER|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE|PACKET_LENGTH_TOO_LONG"),
        "what answers there does not speak TLS",
        "Check url and its port, and HTTPS_PROXY.",
    ),
    (
        re.compile("PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|UNSUPPORTED_SSL_VERSION|NO_PROTOCOLS_AVAILABLE"),
        "it offers no version of TLS that this machine allows",
        "TLS 1.2 or later is needed.",
    ),
    (
        re.compile("HANDSHAKE_FAILURE|CIPHER|KEY_TOO_SMALL|INSUFFICIENT_SECURITY"),
        "it offers no encryption that this machine allows",
        "The server, or the crypto policy of this machine, must be changed.",
    ),
    (re.compile("UNRECOGNIZED_NAME"), "it does not know that name", "Check account and url."),
)
_CLOSED = "Check account and url, and what stands in between, such as a proxy or a firewall."


class Refusal(NamedTuple):
    """An answer whose status is not 2xx, and its request: method and path."""

    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def refusal_of(refusal: Refusal, base_url: str, scope: str, now: float, masked: Callable[[str], str]) -> AimmsError:
    """The error of a refusal or redirect. :param scope: what the key needs. :param masked: hides the key in a text."""
    request, status, headers, body = refusal
    if status < 400:
        place = _host_of(headers.get("Location", ""), base_url)
        return RedirectError(
            masked(f"{request} was redirected ({status}) to {place}; redirects are not followed."),
            "Check account and url; the address of the service itself is needed.",
            sent=not request.startswith("GET "),
        )
    told, date = error_body(body), retry.http_date(headers.get("Date"))
    # A date to wait for is one of the server's clock, which may be off.
    pause = retry.retry_after(headers.get("Retry-After"), now if date is None else date)
    detail, form = redacted(masked(told.text))[:_LONGEST_DETAIL], masked(told.form)
    return HttpError(request, status, detail, scope=scope, retry_after=pause, form=form, coded=told.coded)


def failure_of(
    error: Exception, request: str, base_url: str, timeout: int, connected: bool, masked: Callable[[str], str]
) -> TransportError:
    """The error of a request without an answer, with a text for the user. Parameters as for the functions here."""
    text, hint, sent = describe_failure(error, urlsplit(base_url).netloc, timeout, connected)
    failure = (TlsError if text.startswith("TLS ") else TransportError)(masked(f"{request}: {text}"), hint, sent=sent)
    failure.late = text.startswith(NO_ANSWER)
    return failure


def describe_failure(error: Exception, host: str, timeout: int, connected: bool) -> tuple[str, str, bool]:
    """The error text, a hint, and whether the request may have reached the service.

    :param timeout: the time limit of the request in seconds. :param connected: whether the connection was open.
    """
    chain = _chain(error)
    names = {type(link).__name__ for link in chain}
    if not connected and ("SSLError" in names or "SSLCertVerificationError" in names):
        why, hint = _why_no_tls(chain)
        return f"TLS to {host} failed: {why}.", hint, False
    if "NameResolutionError" in names or "gaierror" in names:
        return f"the host {host} is not known.", "Check account and url, and the DNS of this machine.", False
    if "InvalidSchema" in names:
        return f"the proxy on the way to {host} is of a kind that needs the Python library PySocks.", _SOCKS, False
    if names & {"InvalidProxyURL", "ProxySchemeUnknown", "URLSchemeUnknown"}:
        return f"the address of the proxy on the way to {host} cannot be used.", "Check HTTPS_PROXY.", False
    if "ProxyError" in names:
        return f"the proxy on the way to {host} failed.", "Check HTTPS_PROXY and NO_PROXY.", False
    if "ConnectTimeoutError" in names or "ConnectTimeout" in names:
        return f"{host} did not accept a connection in {timeout} s.", "Check account, url and network.", False
    if names & {"NewConnectionError", "ConnectionRefusedError"}:
        return f"{host} refused the connection.", "Check account and url, and that the service runs.", False
    if names & {"ReadTimeoutError", "ReadTimeout", "timeout", "TimeoutError"}:
        return f"{NO_ANSWER} within {timeout} s.", "Raise timeout, or try again later.", True
    if "LocationParseError" in names or "InvalidURL" in names or "UnicodeError" in names:
        return f"'{host}' is not a host name.", "Check account and url.", False
    return f"the connection to {host} broke ({type(chain[-1]).__name__}).", "Try again later.", True


def _why_no_tls(chain: Sequence[BaseException]) -> Sequence[str]:
    """What is wrong and a hint, by the code of the certificate's check or by the reason of the handshake."""
    unverified = next((link for link in chain if hasattr(link, "verify_message")), None)
    if unverified is not None:
        code = getattr(unverified, "verify_code", 0)
        hint = next((hint for codes, hint in _CERTIFICATE_HINTS if code in codes), _UNKNOWN_AUTHORITY)
        return [str(unverified.verify_message).rstrip("."), hint]
    named = [[str(link), _OTHER_NAME] for link in chain if type(link).__name__ == "CertificateError"]
    reasons = (getattr(link, "reason", None) for link in chain)
    reason = next((reason for reason in reasons if isinstance(reason, str)), "")
    told = [rest for pattern, *rest in _HANDSHAKES if pattern.search(reason)]
    return next(iter([*named, *told]), ["the handshake failed", _CLOSED])


def _host_of(location: str, base_url: str) -> str:
    """The host of a redirect, for the message; never its path or query, which may contain the key."""
    try:
        return shown(urlsplit(location).netloc.rpartition("@")[2] or urlsplit(base_url).netloc, 255)
    except ValueError:
        return "an unreadable address"


def _chain(error: BaseException) -> list[BaseException]:
    """The error and the errors in its cause, context, ``reason`` or arguments."""
    chain: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(chain) < 20:
        link = waiting.pop(0)
        if isinstance(link, BaseException) and link not in chain:
            chain.append(link)
            waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
    return chain
