# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection for each thread, kept for the next one, and one set-up of TLS for all. Proves rule 4's 'ca_path'."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import trustme

from ansible_collections.aimms.cloud.plugins.module_utils.errors import TlsError
from ansible_collections.aimms.cloud.plugins.module_utils.http import connections
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.tests.timing import PATIENCE
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, connection


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(name="tls", scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """A server's context and the file of the authority that vouches for it."""
    made, path = trustme.CA(), tmp_path_factory.mktemp("tls") / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.1").configure_cert(context)
    return context, str(path)


@pytest.fixture(name="loads")
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """All certificates that were loaded from now on."""
    made: list[Any] = []
    really = ssl.SSLContext.load_verify_locations

    def load(self: ssl.SSLContext, *args: Any, **kwargs: Any) -> None:
        made.append((args, kwargs))
        really(self, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load)
    return made


def together(transport: HttpClient, threads: int) -> None:
    """One read in each of so many threads, all alive at the same time."""
    barrier = Barrier(threads)

    def read(_number: int) -> None:
        transport.get("/a")
        barrier.wait(PATIENCE)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(read, range(threads)))


def test_the_authorities_are_read_once_for_all_threads(tls: tuple[ssl.SSLContext, str], loads: list[Any]) -> None:
    with Server(tls=tls[0]) as service:
        transport = HttpClient(connection(service.url, ca_path=tls[1]))
        together(transport, 4)
        transport.close()
        transport.get("/a")
        assert service.connections == 4
    assert len(loads) == 1


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("options", [{}, {"validate_certs": False, "ca_path": "/nowhere"}])
def test_what_is_not_needed_is_not_read(
    options: dict[str, Any], tls: tuple[ssl.SSLContext, str], loads: list[Any]
) -> None:
    with Server(tls=tls[0] if options else None) as service:
        assert HttpClient(connection(service.url, **options)).get("/a").status == 200
    assert loads == []


def test_an_authority_that_is_not_among_those_given_is_refused_by_every_thread(
    tls: tuple[ssl.SSLContext, str], tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with Server(tls=tls[0]) as service:
        transport = HttpClient(connection(service.url, ca_path=str(tmp_path / "other.pem")))
        for _number in range(2):
            with ThreadPoolExecutor(1) as pool, pytest.raises(TlsError):
                pool.submit(transport.get, "/a").result()
        assert service.received == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="only openssl names the files of such a directory")
def test_a_directory_of_authorities(tls: tuple[ssl.SSLContext, str], tmp_path: Path) -> None:
    with Server(tls=tls[0]) as service:
        with pytest.raises(TlsError):
            HttpClient(connection(service.url, ca_path=str(tmp_path))).get("/a")
        command = ["openssl", "x509", "-noout", "-subject_hash", "-in", tls[1]]
        name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        (tmp_path / f"{name}.0").symlink_to(tls[1])
        assert HttpClient(connection(service.url, ca_path=str(tmp_path))).get("/a").status == 200


def test_a_file_that_holds_no_certificate_is_a_failure_of_tls(tls: tuple[ssl.SSLContext, str], tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing", encoding="utf-8")
    with Server(tls=tls[0]) as service:
        with pytest.raises(TlsError, match="ca_path"):
            HttpClient(connection(service.url, ca_path=str(tmp_path / "ca.pem"))).get("/a")
        assert service.connections == 0


def test_threads_take_over_the_connections_of_those_that_have_ended() -> None:
    with Server() as service:
        transport = HttpClient(connection(service.url))
        for _phase in range(3):
            together(transport, 4)
        assert (service.connections, len(service.requests)) == (4, 12)


def test_all_connections_can_be_closed_those_of_ended_threads_too() -> None:
    with Server() as service:
        transport = HttpClient(connection(service.url))
        transport.get("/a")
        together(transport, 3)
        transport.close_all()
        transport.get("/a")
        together(transport, 3)
        assert service.connections == 8


def test_a_connection_of_a_living_thread_is_its_own() -> None:
    with Server() as service:
        transport = HttpClient(connection(service.url))
        transport.get("/a")
        together(transport, 2)
        transport.get("/a")
        assert service.requests[0].connection == service.requests[-1].connection
        assert service.connections == 3


def test_a_connection_that_was_closed_is_forgotten() -> None:
    with Server() as service:
        transport = HttpClient(connection(service.url))
        for _time in range(3):
            transport.get("/a")
            transport.close()
        assert (service.connections, transport._connections._all) == (3, [])


def test_a_forked_process_makes_its_own_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as service:
        transport = HttpClient(connection(service.url))
        transport.get("/a")
        monkeypatch.setattr(connections.os, "getpid", lambda: -1)
        transport.get("/a")
        assert service.connections == 2
