# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A successful response. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import TooMuch, json_in
from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.http.retry import http_date

_CACHE_HEADERS = ("X-Cache", "X-Cache-Status", "CF-Cache-Status", "Cache-Status", "X-Proxy-Cache")
_STALE = re.compile(r"(?:\A|,)\s*11[0-3]\s")  # the codes of a cache that could not or did not ask the service
_ASKED_AGAIN = ("refresh", "revalidat")  # the cache has asked the service whether its copy is the present one


@dataclass(frozen=True)
class Response:
    """A complete response with a status of 2xx."""

    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def age(self) -> Optional[float]:
        """The seconds since the service made the answer; None: a cache does not tell how many."""
        return age_of(self.headers)

    @property
    def cached(self) -> bool:
        """Whether a cache gave the answer without asking the service."""
        return self.age != 0

    @property
    def dated(self) -> Optional[float]:
        """When the service made the answer, by its ``Date`` (seconds since 1970)."""
        return http_date(self.headers.get("Date"))

    def json(self, *, unique: bool = False) -> Any:
        """The body as JSON. :param unique: whether to refuse an object that has a name twice.

        :raises AnswerError: when there is none, or ``json_in`` refuses it.
        """
        if not self.body.strip():
            raise AnswerError(f"{self.request} answered {self.status} without a body.")
        try:
            return json_in(self.body, unique=unique)
        except TooMuch as error:
            raise AnswerError(f"{self.request} answered {self.status} with {error}.") from None
        except ValueError:
            raise AnswerError(f"{self.request} answered {self.status} with {_describe_body(self.body)}.") from None


def age_of(headers: Mapping[str, str]) -> Optional[float]:
    """The age of an answer in seconds: 0 from the service itself, None from a cache that does not tell it."""
    text = headers.get("Age", "0").strip()
    age = float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    told = " ".join(headers.get(name, "") for name in _CACHE_HEADERS).lower()
    hit = "hit" in told and not any(word in told for word in _ASKED_AGAIN)
    return None if age == 0 and (hit or _STALE.search(headers.get("Warning", ""))) else age


def _describe_body(body: bytes) -> str:
    start = body[:200].lstrip().lower()
    return "an HTML page" if start.startswith((b"<!doctype html", b"<html")) else "something that is not valid JSON"
