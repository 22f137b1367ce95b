# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection errors in the user's terms. Pure: the errors are recognized by the names of their classes."""

from __future__ import annotations

from typing import Any

NO_ANSWER = "no complete answer"
"""The first words of the text if the service was reached but did not respond in time."""


def describe_failure(error: Exception, host: str, timeout: int, connected: bool) -> tuple[str, str, bool]:
    """The error text, a hint, and whether the request may have reached the service.

    :param timeout: the time limit of the request in seconds. :param connected: whether the connection was open.
    """
    chain = _chain(error)
    names = {type(link).__name__ for link in chain}
    if not connected and ("SSLError" in names or "SSLCertVerificationError" in names):
        why = next((link.verify_message for link in chain if hasattr(link, "verify_message")), "the handshake failed")
        return (
            f"TLS to {host} failed: {why}.",
            "Give the authority's certificates as ca_path; validate_certs: false would let anyone read the key.",
            False,
        )
    if "NameResolutionError" in names or "gaierror" in names:
        return f"the host {host} is not known.", "Check account and url, and the name service.", False
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
