# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, and what to tell the user about it.

Every error is one sentence about what happened and, where there is something to do, one about that.
Texts never hold the API key: whoever prints one passes it through ``masking`` first.
"""

from __future__ import annotations

from typing import Any, Optional


def printable(text: str) -> str:
    """``text`` on one line, without characters that would steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def shown(text: str, longest: int = 60) -> str:
    """Foreign text as it may stand in a message: whole or not at all, for half of a secret could not be masked."""
    return text if len(text) <= longest else f"({len(text)} characters)"


class AimmsError(Exception):
    """Base of all errors of the collection; ``str(error)`` is the whole text for the user."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(printable(f"{message} {hint}".strip()))

    @property
    def signature(self) -> str:
        """What makes two failures alike (see the stop after several alike failures in ``bulk``)."""
        return type(self).__name__


class OptionError(AimmsError):
    """An option of the user's that cannot be used; nothing was sent."""


class TransportError(AimmsError):
    """No usable answer arrived.

    ``sent`` says whether the request may have reached the service: a change may then have been carried out.
    ``final`` says that trying again cannot help, ``late`` that the service may still be at work on it.
    """

    final = late = False
    retry_after: Optional[float] = None

    def __init__(self, message: str, hint: str = "", *, sent: bool = True) -> None:
        super().__init__(message, hint)
        self.sent = sent

    @property
    def passing(self) -> bool:
        """Whether trying again may help."""
        return not self.final


class TlsError(TransportError):
    """The server could not prove who it is."""

    final = True


class RedirectError(TransportError):
    """The service answered with a redirect, which is never followed: the key would go to another place."""

    final = True


class AnswerError(TransportError):
    """An answer arrived whole, but it is not what the API promises (HTML, a wrong type, broken JSON)."""

    final = True


class UnsupportedError(AimmsError):
    """The server's OpenAPI document does not offer what was asked."""


class RefusedError(AimmsError):
    """The collection itself refuses to act (a breaker, an incomplete listing); ``result`` is what a module returns."""

    def __init__(self, message: str, hint: str = "", *, result: Optional[dict[str, Any]] = None) -> None:
        super().__init__(message, hint)
        self.result = result or {}

    @property
    def signature(self) -> str:
        """Nothing: what is refused here says nothing about the server, however many are."""
        return ""


class PartlyFailedError(RefusedError):
    """Some sessions could not be dealt with; ``result`` has all of them."""


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
    ) -> None:
        """``request`` is method and path, ``detail`` what the body said, ``retry_after`` the seconds it asked for."""
        self.status = status
        self.retry_after = retry_after
        hint = _HINTS.get(status, "")
        if status >= 500:
            hint = "The service has a problem of its own: try again later."
        said = f": {detail}." if detail else "."
        super().__init__(f"{request} answered {status}{said}", hint.format(scope=scope))

    @property
    def passing(self) -> bool:
        """Whether trying again may help."""
        return self.status in (429, 500, 502, 503, 504)

    @property
    def signature(self) -> str:
        """The class and the status."""
        return f"HttpError {self.status}"
