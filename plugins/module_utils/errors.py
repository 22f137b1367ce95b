# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the collection. The text tells what happened, and what the user can do about it.

A text may still contain the API key: mask it (``masking``) before it is printed.
"""

from __future__ import annotations

from typing import Any, Optional


def printable(text: str) -> str:
    """``text`` on one line, control characters replaced by spaces: they could control a terminal."""
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)


def shown(text: str, longest: int = 60) -> str:
    """A server's text for a message: complete, or only its length if it is longer than ``longest`` characters."""
    # Never cut: a part of a secret could not be masked.
    return text if len(text) <= longest else f"({len(text)} characters)"


class AimmsError(Exception):
    """Base of all errors of the collection; ``str(error)`` is the text for the user."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(printable(f"{message} {hint}".strip()))

    @property
    def signature(self) -> str:
        """Failures with the same signature count as alike (``changes/circuit_breaker``); '' never counts."""
        return type(self).__name__


class OptionError(AimmsError):
    """An option has an invalid value; no request was sent."""


class TransportError(AimmsError):
    """No usable response arrived: none at all, or one that cannot be used (``AnswerError``, ``RedirectError``).

    ``sent``: the request may have reached the service, so a change may have been carried out.
    ``retryable``: a retry may help; ``only_once``: no further one. ``late``: the service may still be processing it.
    """

    retryable, only_once, late = True, False, False
    retry_after: Optional[float] = None

    def __init__(self, message: str, hint: str = "", *, sent: bool = True) -> None:
        super().__init__(message, hint)
        self.sent = sent


class TlsError(TransportError):
    """The TLS handshake failed, or the server's certificate is not trusted."""

    retryable = False


class RedirectError(TransportError):
    """The service answered with a redirect. It is never followed: the key would be sent to another address."""

    retryable = False


class AnswerError(TransportError):
    """A complete response arrived, but not in the form of the API (HTML, a wrong type, invalid JSON)."""

    retryable = False


class TurnError(TransportError):
    """Another target had to be changed first. Nothing was sent; this one is to be read again, and has not failed."""

    def __init__(self) -> None:
        super().__init__("Another session had to be ended first.", sent=False)


class UnsupportedError(AimmsError):
    """The server's OpenAPI document does not contain the requested operation."""


class RefusedError(AimmsError):
    """The collection refuses to act (a limit, an incomplete list); ``result`` is what the module returns."""

    signature = ""  # a refusal is no failure of the server

    def __init__(self, message: str, hint: str = "", *, result: Optional[dict[str, Any]] = None) -> None:
        super().__init__(message, hint)
        self.result = result or {}


class StoppedError(AimmsError):
    """Nothing more may be changed in this run. ``sent``: the change of this target was sent, the result is unknown."""

    def __init__(self, message: str, hint: str = "", *, sent: bool = False) -> None:
        super().__init__(message, hint)
        self.sent = sent


class UnseenError(AimmsError):
    """The server took a change, but what it does was not seen in the time for it."""


class PartlyFailedError(RefusedError):
    """Some of the targets failed; ``result`` contains all of them."""


_HINTS = {
    400: "The service refused the request as malformed.",
    401: "The API key is wrong or has expired (keys live at most one year), or is for another account: check account, "
    "or create a new one in the portal.",
    403: "The API key lacks the {scope} scope, or this belongs to another user: use an administrator's key with "
    "that scope.",
    404: "There is no such thing on this server: check account, url and the id.",
    405: "This server does not offer that operation.",
    409: "The service says that this conflicts with the present state.",
    429: "The service limits the rate of requests: lower concurrency, or raise max_time.",
}
_OF_A_PROXY = (408, 425, *range(520, 531))  # the service itself may be well
_TASK_HINTS = {
    403: "The API key lacks the Tasks scope, or its user lacks access to the app of the task: Read to see the task, "
    "Read and Execute to interrupt or delete it.",
    405: "The task is not running any more, or the service is from before PRO 24.12.2 and cannot interrupt an "
    "execution. It deletes a task only while it is queued, or when it is completed.",
}


class HttpError(AimmsError):
    """The service answered with an error status (4xx or 5xx)."""

    def __init__(
        self,
        request: str,
        status: int,
        detail: str = "",
        *,
        scope: str = "Session",
        retry_after: Optional[float] = None,
        form: str = "",
        coded: bool = False,
    ) -> None:
        """:param request: method and path. :param detail: the error text of the body. :param retry_after: seconds.

        :param form: the names and the text in a JSON body; empty: the body is none, so a service did not write it.
        :param coded: whether the body has an id or a code of an error, which only the service itself gives.
        """
        self.status, self.detail, self.form, self.coded = status, detail, form, coded
        self.only_once = status in _OF_A_PROXY
        self.retryable = self.only_once or status in (429, 500, 502, 503, 504)
        self.retry_after = retry_after
        hint = (_TASK_HINTS.get(status) if scope == "Tasks" else None) or _HINTS.get(status, "")
        if status >= 500 or self.only_once:
            hint = "The service has a problem of its own: try again later."
        reason = f": {detail.rstrip('.')}." if detail else "."
        super().__init__(f"{request} answered {status}{reason}", hint.format(scope=scope))

    @property
    def signature(self) -> str:
        """The class and the status."""
        return f"HttpError {self.status}"
