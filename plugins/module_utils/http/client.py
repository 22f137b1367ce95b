# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to one server, and all that may go wrong with them.

It holds the key, size caps and the retries of reads, and takes the key out of every text that leaves.
Each thread has its own single connection: a change goes out on the one that the read just before it proved alive.
"""

from __future__ import annotations

import random
import time
import traceback
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any, Callable, NoReturn, Optional, TypeVar, Union
from urllib.parse import urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    RedirectError,
    TlsError,
    TransportError,
    shown,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http import retry
from ansible_collections.aimms.cloud.plugins.module_utils.http.body import body_pieces, read_body
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.http.connections import ConnectionPool
from ansible_collections.aimms.cloud.plugins.module_utils.http.failures import NO_ANSWER, describe_failure
from ansible_collections.aimms.cloud.plugins.module_utils.http.rate_limit import ClientRateLimiter
from ansible_collections.aimms.cloud.plugins.module_utils.http.response import Response, error_text
from ansible_collections.aimms.cloud.plugins.module_utils.masking import Masker
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock

try:
    import requests
    import urllib3
    from urllib3.exceptions import HTTPError as Urllib3Error
    from urllib3.exceptions import InsecureRequestWarning
except ImportError:
    REQUESTS_IMPORT_ERROR: Optional[str] = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None
    urllib3.disable_warnings(InsecureRequestWarning)

_SHORTEST_TRY = 0.1
_LONGEST_DETAIL = 300
Query = Iterable[tuple[str, str]]
Made = TypeVar("Made")


class HttpClient:
    """One server, one key. Safe to use from several threads; ``close`` ends the calling thread's connection."""

    def __init__(self, connection: Connection, scope: str = "Session") -> None:
        """:param scope: the scope a key needs here, named when the service answers 403."""
        self.connection = connection
        self._scope = scope
        self._masker = Masker(connection.api_key)
        self._connections = ConnectionPool(connection)
        self.rate_limiter = ClientRateLimiter(time.monotonic, time.sleep)
        self._server_clock: Optional[tuple[float, float]] = None

    def clock(self) -> Clock:
        """Both clocks, now. The server's is its last ``Date`` header and the time that passed since."""
        if self._server_clock is None:
            return Clock(None, time.time())
        date, at = self._server_clock
        return Clock(date + time.monotonic() - at, time.time())

    def get(self, path: str, query: Query = (), *, attempts: Optional[int] = None, fresh: bool = False) -> Response:
        """Read; tried again ``retries`` times, all within ``max_time``.

        :param attempts: at most so many tries, where the option ``retries`` allows more.
        :param fresh: leave the connection at hand and open a new one.
        :raises HttpError: for 4xx and 5xx.
        :raises TransportError: when no usable answer came.
        """

        def once(end: float) -> Response:
            return self._finish("GET", path, *self._exchange("GET", path, query, None, end))

        return self._patiently(once, attempts, fresh)

    def stream(self, path: str, query: Query, consume: Callable[[Iterator[bytes]], Made]) -> Made:
        """Read a body of any size in pieces, tried again as ``get``; ``timeout`` bounds each pause, not the whole.

        :param consume: takes the decoded pieces; called anew for each try, so it must begin anew.
        :return: what ``consume`` returned after the last piece.
        """

        def once(end: float) -> Made:
            request = f"GET {path}"
            with self._asked("GET", path, query, None, end, whole=False) as response:
                if not 200 <= response.status_code < 300:
                    self._finish("GET", path, response.status_code, response.headers, read_body(response, request))
                if "html" in response.headers.get("Content-Type", "").lower():
                    raise AnswerError(f"{request} answered {response.status_code} with an HTML page.")
                return consume(body_pieces(response, request))

        return self._patiently(once)

    def _patiently(self, once: Callable[[float], Made], attempts: Optional[int] = None, fresh: bool = False) -> Made:
        """``once``, given the moment when all must be over, until it succeeds or no try is left."""
        end = time.monotonic() + self.connection.max_time
        tries = 1 + self.connection.retries if attempts is None else min(attempts, 1 + self.connection.retries)
        attempt = 0
        while True:
            attempt += 1
            if fresh or attempt > 1:
                self.close()
            try:
                return once(end)
            except (HttpError, TransportError) as error:
                if attempt >= tries or not error.passing:
                    raise
                failure = error
            self._pause(failure, attempt, end)

    def _pause(self, failure: Union[HttpError, TransportError], attempt: int, end: float) -> None:
        """Wait before the next try; fail at once where that would be longer than what is left."""
        asked = failure.retry_after
        seconds = retry.backoff(attempt - 1, random.uniform) if asked is None else asked
        if seconds + _SHORTEST_TRY > end - time.monotonic():
            raise TransportError(
                f"{failure} The next try would have to wait {seconds:.0f} s, more than is left of max_time "
                f"({self.connection.max_time} s)."
            )
        time.sleep(seconds)

    def send(self, method: str, path: str, body: Any = None, query: Query = ()) -> Response:
        """Send a change, exactly once; the same errors as ``get``.

        A TransportError with ``sent`` or an HttpError of 500 and above leaves open whether the service acted.
        """
        end = time.monotonic() + self.connection.max_time
        return self._finish(method, path, *self._exchange(method, path, query, body, end))

    def close(self) -> None:
        """Close the calling thread's connection; the next request opens a new one."""
        self._connections.discard()

    def close_all(self) -> None:
        """Close the connections of all threads, while none of them is asking."""
        self._connections.close_all()

    def masked(self, text: str) -> str:
        """``text`` without the key."""
        return self._masker.text(text)

    def _exchange(
        self, method: str, path: str, query: Query, body: Any, end: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request and its whole answer, whatever the status."""
        with self._asked(method, path, query, body, end) as response:
            return response.status_code, response.headers, read_body(response, f"{method} {path}")

    @contextmanager
    def _asked(
        self, method: str, path: str, query: Query, body: Any, end: float, *, whole: bool = True
    ) -> Iterator[Any]:
        """One request and its answer, whose body is still to be read.

        :param whole: whether ``timeout`` bounds all of it, or only each pause.
        """
        change = method != "GET"
        begun = self.rate_limiter.begin(change=change, patience=end - time.monotonic() - _SHORTEST_TRY)
        limit = min(float(self.connection.timeout), end - time.monotonic())
        connection = None
        try:
            connection = self._connections.acquire()
            connection.deadline.begin(limit if whole else end - time.monotonic(), limit)
            response = connection.session.request(
                method,
                self.connection.base_url + path,
                params=list(query),
                json=body,
                timeout=limit,
                allow_redirects=False,
                stream=True,
                verify=self.connection.verify,
                proxies=_proxies(self.connection.base_url),
            )
            with response:
                self.rate_limiter.end(begun, response.status_code, change=change)
                yield response
        except AimmsError:
            self.close()
            raise
        except (requests.RequestException, Urllib3Error, HTTPException, zlib.error, OSError, ValueError) as error:
            self.close()
            self._fail(f"{method} {path}", error, connection is not None and connection.deadline.connected)
        date = retry.http_date(response.headers.get("Date"))
        if date is not None:
            self._server_clock = (date, time.monotonic())

    def _finish(self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> Response:
        """The answer, when its status says success."""
        request = f"{method} {path}"
        if 200 <= status < 300:
            return Response(request, status, headers, body)
        if status < 400:
            place = _host_of(headers.get("Location", ""), self.connection.base_url)
            raise RedirectError(
                self.masked(f"{request} was redirected ({status}) to {place}; redirects are not followed."),
                "Check account and url; the address of the service itself is needed.",
                sent=False,
            )
        asked = retry.retry_after(headers.get("Retry-After"), time.time())
        said = self.masked(error_text(body))[:_LONGEST_DETAIL]
        raise HttpError(request, status, said, scope=self._scope, retry_after=asked)

    def _fail(self, request: str, error: Exception, connected: bool) -> NoReturn:
        """Say what went wrong on the way, in the user's terms, without the chain of library errors."""
        host = urlsplit(self.connection.base_url).netloc
        text, hint, sent = describe_failure(error, host, self.connection.timeout, connected)
        failure = TlsError if text.startswith("TLS ") else TransportError
        raised = failure(self.masked(f"{request}: {text}"), hint, sent=sent)
        raised.late = text.startswith(NO_ANSWER)
        raise raised from None


def _proxies(url: str) -> dict[str, str]:
    """The proxies of the environment, for https only: a proxy for http would see the key."""
    return dict(requests.utils.get_environ_proxies(url)) if url.startswith("https:") else {}


def _host_of(location: str, base_url: str) -> str:
    """The host that a redirect names, for the message; never its path or query, which may echo the key."""
    try:
        return shown(urlsplit(location).netloc.rpartition("@")[2] or urlsplit(base_url).netloc, 255)
    except ValueError:
        return "an unreadable address"
