# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to one server: retries of reads, deadlines, rate limit, and errors without the key."""

from __future__ import annotations

import random
import time
import traceback
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException
from typing import Any, Callable, Optional, TypeVar, Union

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.strict_json import is_page
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    AnswerError,
    HttpError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.http import retry
from ansible_collections.aimms.cloud.plugins.module_utils.http.body import body_pieces, read_body
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.http.connections import ConnectionPool
from ansible_collections.aimms.cloud.plugins.module_utils.http.rate_limit import ClientRateLimiter
from ansible_collections.aimms.cloud.plugins.module_utils.http.response import Response, age_of
from ansible_collections.aimms.cloud.plugins.module_utils.masking import Masker
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock
from ansible_collections.aimms.cloud.plugins.module_utils.workers import in_thread

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

_SHORTEST_TRY = 0.1  # seconds
_WHOLE = (200, 204)  # 204: there is nothing
Query = Iterable[tuple[str, str]]
Decode = Callable[[Iterator[bytes]], Iterator[bytes]]
T = TypeVar("T")


class HttpClient:
    """One server and one key. Safe to use from several threads; each has its own connection."""

    def __init__(self, connection: Connection, scope: str = "Session") -> None:
        """:param scope: the scope that the key needs, for the text of a 403."""
        self.connection = connection
        self._scope = scope
        self._masker = Masker(connection.api_key)
        self._connections = ConnectionPool(connection)
        self.rate_limiter = ClientRateLimiter(time.monotonic, time.sleep)
        self._server_clock: Optional[tuple[float, float]] = None

    def clock(self) -> Clock:
        """Both clocks, now. The server's is its last ``Date`` header plus ``Age`` and the time since then."""
        if self._server_clock is None:
            return Clock(None, time.time())
        date, at = self._server_clock
        return Clock(date + time.monotonic() - at, time.time())

    def get(
        self,
        path: str,
        query: Query = (),
        *,
        attempts: Optional[int] = None,
        fresh: bool = False,
        live: bool = False,
        static: bool = False,
    ) -> Response:
        """Read, with up to ``retries`` retries within ``max_time``.

        :param attempts: the most attempts, if fewer than ``retries`` allows.
        :param fresh: open a new connection first.
        :param live: refuse an answer from a cache.
        :param static: a file, whose ``Date`` is not the service's clock.
        :raises AnswerError: for a part of an answer or one that a proxy has changed; from a cache, if ``live``.
        :raises HttpError: for 4xx and 5xx.
        :raises TransportError: when no usable response arrived.
        """

        def once(deadline: float) -> Response:
            answer = self._request("GET", path, query, None, deadline, static=static)
            in_part = answer.headers.get("Content-Range", "").strip().lower().startswith("bytes")
            _check_whole(answer.request, answer.status, answer.headers, in_part, live)
            return answer

        return self._with_retries(once, attempts, fresh)

    def begin(self, path: str) -> Callable[[], Response]:
        """Begin to read a static file, in a thread. The result waits for the answer; errors as ``get``."""
        return in_thread(partial(self.get, path, static=True))

    def stream(self, path: str, query: Query, consume: Callable[[Iterator[bytes]], T], decode: Decode = iter) -> T:
        """Read a body of any size in pieces, with retries and errors as ``get`` with ``live``.

        ``timeout`` limits each wait, ``max_time`` all. ``consume`` gets the pieces of each try, unpacked by ``decode``.
        """

        def once(deadline: float) -> T:
            request = f"GET {path}"
            with self._open("GET", path, query, None, deadline, whole=False) as response:
                if not 200 <= response.status_code < 300:
                    self._check(request, response.status_code, response.headers, read_body(response, request))
                in_part = "Content-Range" in response.headers
                _check_whole(request, response.status_code, response.headers, in_part, live=True)
                if "html" in response.headers.get("Content-Type", "").lower():
                    raise AnswerError(f"{request} answered {response.status_code} with an HTML page.")
                return consume(self._until(deadline, decode(body_pieces(response, request)), request))

        return self._with_retries(once)

    def _until(self, deadline: float, pieces: Iterator[bytes], request: str) -> Iterator[bytes]:
        """The pieces. :raises AnswerError: after the deadline, as a few bytes may unpack to any number of pieces."""
        for piece in pieces:
            if time.monotonic() > deadline:
                raise AnswerError(f"{request}: not read to its end within max_time.", "Raise it for a large log.")
            yield piece

    def _with_retries(self, once: Callable[[float], T], attempts: Optional[int] = None, fresh: bool = False) -> T:
        """Call ``once`` until it succeeds or no attempt is left; its argument is the deadline of all attempts."""
        deadline = time.monotonic() + self.connection.max_time
        tries = 1 + self.connection.retries if attempts is None else min(attempts, 1 + self.connection.retries)
        attempt = 0
        while True:
            attempt += 1
            if fresh or attempt > 1:
                self.close()
            try:
                return once(deadline)
            except (HttpError, TransportError) as error:
                if attempt >= (min(tries, 2) if error.only_once else tries) or not error.retryable:
                    raise
                failure = error
            self._pause(failure, attempt, deadline)

    def _pause(self, failure: Union[HttpError, TransportError], attempt: int, deadline: float) -> None:
        """Wait before the next attempt; fail at once if the wait would exceed the time that is left."""
        seconds = failure.retry_after
        if seconds is None:
            seconds = retry.backoff(attempt - 1, random.uniform)
        if seconds + _SHORTEST_TRY > deadline - time.monotonic():
            raise TransportError(
                f"{failure} The next try would have to wait {seconds:.0f} s, more than is left of max_time "
                f"({self.connection.max_time} s)."
            )
        time.sleep(seconds)

    def send(self, method: str, path: str, body: Any = None, query: Query = ()) -> Response:
        """Send a change once, without retries. Any answer of 2xx took it, whatever its body, except a page.

        After a TransportError with ``sent``, or an HttpError of 500 and above, the service may have made the change.

        :raises HttpError: for 4xx and 5xx.
        :raises TransportError: when no usable response arrived. AnswerError: when a page did, as of a login.
        """
        deadline = time.monotonic() + self.connection.max_time
        answer = self._request(method, path, query, body, deadline)
        if is_page(answer.body):
            raise AnswerError(
                f"{answer.request} answered {answer.status} with a page, not as the service does.",
                "A proxy or a login page may stand in between: it is not known whether the request arrived.",
            )
        return answer

    def close(self) -> None:
        """Close the calling thread's connection; its next request opens a new one."""
        self._connections.discard()

    def close_all(self) -> None:
        """Close the connections of all threads. Call it only while no other thread has a request."""
        self._connections.close_all()

    def masked(self, text: str) -> str:
        """``text`` without the key."""
        return self._masker.text(text)

    def _request(
        self, method: str, path: str, query: Query, body: Any, deadline: float, *, static: bool = False
    ) -> Response:
        """One request and its complete response. The status alone says that a change was taken: its body may break."""
        request = f"{method} {path}"
        status, content = 0, b""
        headers: Mapping[str, str] = {}
        try:
            with self._open(method, path, query, body, deadline) as response:
                status, headers = response.status_code, response.headers
                content = read_body(response, request)
        except TransportError:
            if method == "GET" or not 200 <= status < 300:
                raise
        date, age = retry.http_date(headers.get("Date")), age_of(headers)
        if date is not None and age is not None and not static:
            self._server_clock = (date + age, time.monotonic())
        return self._check(request, status, headers, content)

    @contextmanager
    def _open(
        self, method: str, path: str, query: Query, body: Any, deadline: float, *, whole: bool = True
    ) -> Iterator[Any]:
        """One request and its response, whose body the caller reads.

        :param deadline: on the monotonic clock.
        :param whole: whether ``timeout`` limits the request and its body, or only each wait for data.
        """
        change = method != "GET"
        begun = self.rate_limiter.begin(change=change, patience=deadline - time.monotonic() - _SHORTEST_TRY)
        limit = min(float(self.connection.timeout), deadline - time.monotonic())
        connection = None
        try:
            connection = self._connections.acquire()
            connection.deadline.begin(limit if whole else deadline - time.monotonic(), limit)
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
                self.rate_limiter.end(begun, response.status_code)
                yield response
        except AimmsError:
            self.close()
            raise
        except (requests.RequestException, Urllib3Error, HTTPException, zlib.error, OSError, ValueError) as error:
            self.close()
            from ansible_collections.aimms.cloud.plugins.module_utils.http.failures import failure_of

            connected = connection is not None and connection.deadline.connected
            url, timeout = self.connection.base_url, self.connection.timeout
            raise failure_of(error, f"{method} {path}", url, timeout, connected, self.masked) from None

    def _check(self, request: str, status: int, headers: Mapping[str, str], body: bytes) -> Response:
        """:raises HttpError, RedirectError: unless the status is 2xx."""
        if 200 <= status < 300:
            return Response(request, status, headers, body)
        # Imported here, as above: only errors need it.
        from ansible_collections.aimms.cloud.plugins.module_utils.http.failures import Refusal, refusal_of

        refusal = Refusal(request, status, headers, body)
        raise refusal_of(refusal, self.connection.base_url, self._scope, time.time(), self.masked)


def _check_whole(request: str, status: int, headers: Mapping[str, str], in_part: bool, live: bool) -> None:
    """:raises AnswerError: for an answer to a read that is not the service's whole, or if ``live`` present, word."""
    if status not in _WHOLE or in_part:
        raise AnswerError(f"{request} answered {status}, which is not the whole answer of the service itself.")
    if live and age_of(headers) != 0:
        raise AnswerError(f"{request} was answered from a cache.", "Let no cache answer for the service.")


def _proxies(url: str) -> dict[str, str]:
    """The proxies of the environment, for https only: a proxy for http would see the key."""
    return dict(requests.utils.get_environ_proxies(url)) if url.startswith("https:") else {}
