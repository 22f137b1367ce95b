# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections to one server: one for each thread that asks, all with one set-up of TLS.

``requests`` reads the bundle of authorities again for each connection; here that is done once, and no connection
can be made without it. What a thread leaves when it ends, the next one takes over.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.http.deadline import Deadline, pool_classes

try:
    import requests
    from requests import Session
    from requests.adapters import HTTPAdapter
    from requests.utils import DEFAULT_CA_BUNDLE_PATH, extract_zipped_paths
    from urllib3.util.ssl_ import create_urllib3_context
except ImportError:
    HTTPAdapter = Session = object  # type: ignore[assignment,misc]  # without requests nothing is made of them


@dataclass
class PooledConnection:
    """One connection, kept open between calls, its deadline, and the thread that it belongs to."""

    session: Any
    deadline: Deadline
    thread: threading.Thread


class ConnectionPool:
    """All connections of one transport. A thread keeps its own: a change goes out where its read did."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._context: Optional[ssl.SSLContext] = None
        self._begin()

    def _begin(self) -> None:
        self._local = threading.local()
        self._lock = threading.Lock()
        self._all: list[PooledConnection] = []
        self._process = os.getpid()

    def acquire(self) -> PooledConnection:
        """The calling thread's pooled: its own, else one that an ended thread left, else a new one.

        :raises requests.exceptions.SSLError: when the authorities' certificates cannot be read.
        """
        if self._process != os.getpid():  # a forked child must not speak on its parent's connections
            self._begin()
        pooled: Optional[PooledConnection] = getattr(self._local, "pooled", None)
        if pooled is None:
            with self._lock:
                pooled = next(self._left(), None) or self._new()
                pooled.thread = threading.current_thread()
            self._local.pooled = pooled
        return pooled

    def discard(self) -> None:
        """Close the calling thread's connection; its next request opens a new one."""
        pooled = self._local.__dict__.pop("pooled", None)
        if pooled is not None:
            with self._lock:
                self._all.remove(pooled)
            pooled.session.close()

    def close_all(self) -> None:
        """Close every connection, those that ended threads left too; while no other thread asks."""
        connections = self._all if self._process == os.getpid() else []
        self._begin()
        for pooled in connections:
            pooled.session.close()

    def _left(self) -> Iterator[PooledConnection]:
        """Those of threads that have ended, the youngest first."""
        return (pooled for pooled in reversed(self._all) if not pooled.thread.is_alive())

    def _new(self) -> PooledConnection:
        if self._context is None and self._connection.base_url.startswith("https:"):
            self._context = trust(self._connection)
        deadline = Deadline()
        pooled = PooledConnection(
            _new_session(self._connection, deadline, self._context), deadline, threading.current_thread()
        )
        self._all.append(pooled)
        return pooled


def trust(connection: Connection) -> ssl.SSLContext:
    """The set-up of TLS that the options ask for; what the environment says of certificates stays out.

    :raises requests.exceptions.SSLError: when the authorities' certificates cannot be read.
    """
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if connection.validate_certs else ssl.CERT_NONE)
    if connection.validate_certs:
        place = connection.ca_path or str(extract_zipped_paths(DEFAULT_CA_BUNDLE_PATH))  # type: ignore[no-untyped-call]  # requests does not annotate it
        directory = Path(place).is_dir()
        try:
            context.load_verify_locations(None if directory else place, place if directory else None)
        except OSError as error:
            raise requests.exceptions.SSLError(error) from None
    return context


class _Adapter(HTTPAdapter):
    """One connection, bounded by a deadline, trusting by a given context only, no retries below ours."""

    def __init__(self, deadline: Deadline, context: Optional[ssl.SSLContext]) -> None:
        self._classes = pool_classes(deadline)
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._classes

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, proxy_ssl_context=self._context, **kwargs)
        manager.pool_classes_by_scheme = self._classes
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the context has been told whom to trust, and a bundle given here would be read each time."""

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """The host only, for the same reason."""
        host, _trust = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}


class _Session(Session):
    """Follows nothing. Left to itself, requests reads the whole body of a redirect, though it is told not to follow."""

    def get_redirect_target(self, resp: Any) -> None:
        """None: there is nowhere to go."""


def _new_session(connection: Connection, deadline: Deadline, context: Optional[ssl.SSLContext]) -> Any:
    session = _Session()
    session.trust_env = False  # netrc and REQUESTS_CA_BUNDLE stay out; proxies are passed with each request
    session.headers.update(
        {
            "apiKey": connection.api_key,
            "Accept": "application/json, */*;q=0.5",
            "Accept-Encoding": "gzip",
            "User-Agent": "ansible-aimms.cloud",
        }
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(deadline, context))
    return session
