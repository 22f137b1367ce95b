# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections to one server: one for each thread, all with the same TLS context."""

from __future__ import annotations

import os
import re
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import TlsError
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.http.deadline import Deadline, bounded_pools

try:
    from requests import Session
    from requests.adapters import HTTPAdapter
    from requests.utils import DEFAULT_CA_BUNDLE_PATH, extract_zipped_paths
    from urllib3.util.ssl_ import create_urllib3_context
except ImportError:
    HTTPAdapter = Session = object  # type: ignore[assignment,misc]  # without requests no class here is used

_CERTIFICATES = re.compile(r"\.(?:pem|crt|cer|[0-9]+)\Z")


@dataclass
class PooledConnection:
    """A connection that stays open between requests, its deadline, and the thread that owns it."""

    session: Any
    deadline: Deadline
    thread: threading.Thread


class ConnectionPool:
    """The connections of one client, one for each thread: a change goes out on the connection of the read before it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._context: Optional[ssl.SSLContext] = None
        self._reset()

    def _reset(self) -> None:
        self._local = threading.local()
        self._lock = threading.Lock()
        self._all: list[PooledConnection] = []
        self._process = os.getpid()

    def acquire(self) -> PooledConnection:
        """The calling thread's connection: its own, else that of a thread that has ended, else a new one.

        :raises TlsError: when no trusted certificate can be read.
        """
        if self._process != os.getpid():  # a forked process must not use the connections of its parent
            self._reset()
        pooled: Optional[PooledConnection] = getattr(self._local, "pooled", None)
        if pooled is None:
            with self._lock:
                ended = (other for other in reversed(self._all) if not other.thread.is_alive())
                pooled = next(ended, None) or self._new()
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
        """Close the connections of all threads. Call it only while no other thread has a request."""
        connections = self._all if self._process == os.getpid() else []
        self._reset()
        for pooled in connections:
            pooled.session.close()

    def _new(self) -> PooledConnection:
        # One context for all connections: requests would read the file of trusted certificates for each again.
        if self._context is None and self._connection.base_url.startswith("https:"):
            self._context = tls_context(self._connection)
        deadline = Deadline()
        session = _new_session(self._connection, deadline, self._context)
        pooled = PooledConnection(session, deadline, threading.current_thread())
        self._all.append(pooled)
        return pooled


def tls_context(connection: Connection) -> ssl.SSLContext:
    """The TLS context by the options; certificate variables of the environment are ignored.

    :raises TlsError: when no trusted certificate can be read.
    """
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if connection.validate_certs else ssl.CERT_NONE)
    if connection.validate_certs:
        path = Path(connection.ca_path or extract_zipped_paths(DEFAULT_CA_BUNDLE_PATH))  # type: ignore[no-untyped-call]  # requests does not annotate it
        # By itself OpenSSL reads of a directory only files that are named by a hash.
        files = [one for one in path.glob("*") if _CERTIFICATES.search(one.name)] if path.is_dir() else [path]
        if not sum(_load(context, file) for file in files):
            raise TlsError(
                f"ca_path: there are no certificates that can be read in '{path}'.",
                "Give a file in PEM form (with BEGIN CERTIFICATE), or a directory with such files.",
                sent=False,
            )
    return context


def _load(context: ssl.SSLContext, path: Path) -> bool:
    """Trust the certificates in a file; whether it has any that can be read."""
    with suppress(OSError):
        context.load_verify_locations(path)
        return True
    return False


class _Adapter(HTTPAdapter):
    """One connection with a deadline and a given TLS context, and without the retries of ``urllib3``."""

    def __init__(self, deadline: Deadline, context: Optional[ssl.SSLContext]) -> None:
        self._deadline, self._context = deadline, context
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self._bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        known = proxy in self.proxy_manager
        own = {} if proxy.lower().startswith("socks") else {"proxy_ssl_context": self._context}
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **own, **kwargs)
        if not known:
            self._bound(manager)
        return manager

    def _bound(self, manager: Any) -> None:
        manager.pool_classes_by_scheme = bounded_pools(manager.pool_classes_by_scheme, self._deadline)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Not needed: the context has the certificates. The base would read their file for each connection."""

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Only the host: the base would add the certificates."""
        host, _trust = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}


class _Session(Session):
    def get_redirect_target(self, resp: Any) -> None:
        """Disable redirects: requests would read the whole body of a 3xx first."""


def _new_session(connection: Connection, deadline: Deadline, context: Optional[ssl.SSLContext]) -> Any:
    session = _Session()
    session.trust_env = False  # ignore netrc and REQUESTS_CA_BUNDLE; proxies are passed with each request
    session.headers.update({"apiKey": connection.api_key, "Accept": "application/json, */*;q=0.5"})
    session.headers.update({"Accept-Encoding": "gzip", "User-Agent": "ansible-aimms.cloud"})
    session.headers.update({"Cache-Control": "no-cache", "Pragma": "no-cache"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # a cookie may be of a guest's session
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(deadline, context))
    return session
