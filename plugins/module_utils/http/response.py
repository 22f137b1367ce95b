# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A successful response, and the text of an error response. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import TooMuch, json_in
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError


@dataclass(frozen=True)
class Response:
    """A complete response with a status of 2xx."""

    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON.

        :raises AnswerError: when there is none, or ``json_in`` refuses it.
        """
        if not self.body.strip():
            raise AnswerError(f"{self.request} answered {self.status} without a body.")
        try:
            return json_in(self.body)
        except TooMuch as error:
            raise AnswerError(f"{self.request} answered {self.status} with {error}.") from None
        except ValueError:
            raise AnswerError(f"{self.request} answered {self.status} with {_describe_body(self.body)}.") from None


def _describe_body(body: bytes) -> str:
    start = body[:200].lstrip().lower()
    return "an HTML page" if start.startswith((b"<!doctype html", b"<html")) else "something that is not valid JSON"


def error_text(body: bytes) -> str:
    """The message and the error id of an error body, under any of their usual names; '' without them."""
    try:
        error = json_in(body)
    except ValueError:
        return "(an HTML page)" if _describe_body(body) == "an HTML page" else ""
    if isinstance(error, Mapping) and isinstance(error.get("error"), Mapping):
        error = error["error"]
    if not isinstance(error, Mapping):
        return ""
    values = {name.lower().replace("_", ""): value for name, value in error.items() if isinstance(value, (str, int))}
    text = next((str(values[name]) for name in ("message", "detail", "title", "error", "msg") if name in values), "")
    error_id = values.get("errorid", "")
    return " ".join(f"{text} (errorId {error_id})".split()) if error_id else " ".join(text.split())
