# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said when TLS fails is about what is wrong, and not always about ca_path. Real sockets; one line each."""

from __future__ import annotations

import re
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from ansible_collections.aimms.cloud.plugins.module_utils.errors import TlsError
from ansible_collections.aimms.cloud.plugins.module_utils.http import connections
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.failures import describe_failure
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import Server, answer, connection

AUTHORITY, OTHER = trustme.CA(), trustme.CA()
NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)
CA_PATH, STRICT = "as ca_path", "Python 3.13 and later refuse such a certificate"
OTHER_NAME = "The certificate is for another name: check account and url."


def served(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """The context of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def of_another_name() -> ssl.SSLContext:
    """The certificate is for other names."""
    return served(AUTHORITY.issue_cert("acme.example", "127.0.0.2"))


def expired() -> ssl.SSLContext:
    """The certificate was good until yesterday."""
    return served(AUTHORITY.issue_cert("127.0.0.1", not_before=NOW - 9 * DAY, not_after=NOW - DAY))


def not_yet() -> ssl.SSLContext:
    """The certificate will be good from tomorrow on."""
    return served(AUTHORITY.issue_cert("127.0.0.1", not_before=NOW + DAY, not_after=NOW + 9 * DAY))


def unknown() -> ssl.SSLContext:
    """The certificate is from another authority."""
    return served(OTHER.issue_cert("127.0.0.1"))


def self_signed() -> ssl.SSLContext:
    """The certificate of an authority itself."""
    return served(trustme.LeafCert(OTHER.private_key_pem.bytes(), OTHER.cert_pem.bytes(), []))


def old_version() -> ssl.SSLContext:
    """Nothing newer than TLS 1.1."""
    context = served(AUTHORITY.issue_cert("127.0.0.1"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


def no_cipher() -> ssl.SSLContext:
    """No certificate at all, so no encryption that both have."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


def unknown_name() -> ssl.SSLContext:
    """A server of several names, of which it does not know this one."""
    context = served(AUTHORITY.issue_cert("127.0.0.1"))
    context.sni_callback = lambda *_arguments: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return context


def no_key_identifier() -> ssl.SSLContext:
    """The certificate does not name the key of its authority."""
    key = serialization.load_pem_private_key(AUTHORITY.private_key_pem.bytes(), None)
    issuer = x509.load_pem_x509_certificate(AUTHORITY.cert_pem.bytes())
    good = AUTHORITY.issue_cert("127.0.0.1")
    whole = x509.load_pem_x509_certificate(good.cert_chain_pems[0].bytes())
    made = x509.CertificateBuilder().subject_name(whole.subject).issuer_name(issuer.subject)
    made = made.public_key(whole.public_key()).serial_number(7).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    names = whole.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    pem = made.add_extension(names.value, names.critical).sign(key, hashes.SHA256())  # type: ignore[arg-type]  # of a CA
    return served(trustme.LeafCert(good.private_key_pem.bytes(), pem.public_bytes(serialization.Encoding.PEM), []))


SERVERS: dict[Callable[[], ssl.SSLContext], tuple[str, str]] = {
    of_another_name: ("IP address mismatch", OTHER_NAME),
    expired: ("certificate has expired", "set the clock of this machine right"),
    not_yet: ("certificate is not yet valid", "set the clock of this machine right"),
    unknown: ("unable to get local issuer certificate", CA_PATH),
    self_signed: ("self.signed certificate", CA_PATH),
    old_version: ("it offers no version of TLS that this machine allows", "TLS 1.2 or later is needed"),
    no_cipher: ("it offers no encryption that this machine allows", "must be changed"),
    unknown_name: ("it does not know that name", "Check account and url"),
    no_key_identifier: ("Missing Authority Key Identifier", STRICT),
}


@pytest.fixture(autouse=True)
def _strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """As from Python 3.13 on, and without a proxy."""
    really = connections.create_urllib3_context

    def strict(**options: Any) -> ssl.SSLContext:
        context = really(**options)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(connections, "create_urllib3_context", strict)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(name="authority")
def file_of_the_authority(tmp_path: Path) -> str:
    """The file with its certificate."""
    path = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return str(path)


def failure(url: str, ca_path: str) -> TlsError:
    """What is raised; nothing was sent."""
    with pytest.raises(TlsError) as caught:
        HttpClient(connection(url, ca_path=ca_path)).get("/x")
    assert not caught.value.sent
    return caught.value


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("make", SERVERS, ids=lambda make: str(make.__name__))
def test_what_is_wrong_is_said_with_what_helps(make: Callable[[], ssl.SSLContext], authority: str) -> None:
    why, hint = SERVERS[make]
    with Server(tls=make()) as server:
        told = str(failure(server.url, authority))
        assert server.received == []
    assert told.startswith(f"GET /x: TLS to 127.0.0.1:{server.port} failed: ")
    assert re.search(why, told), told
    assert hint in told
    assert ("ca_path" in told) == (hint == CA_PATH)


def test_a_server_that_is_as_it_should_be(authority: str) -> None:
    with Server(tls=served(AUTHORITY.issue_cert("127.0.0.1"))) as server:
        assert HttpClient(connection(server.url, ca_path=authority)).get("/x").status == 200


class WithoutTls(Server):
    """Says something as soon as anything arrives: HTTP without TLS, or nothing."""

    def handle(self, sock: Any, number: int) -> bool:
        """Whatever arrives."""
        sock.recv(65536)
        sock.sendall(b"".join(reply for reply in self.replies if isinstance(reply, bytes)))
        return False


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (answer(400), "what answers there does not speak TLS. Check url and its port, and HTTPS_PROXY."),
        (b"", "the handshake failed. Check account and url, and what stands in between"),
    ],
)
def test_a_port_that_does_not_speak_tls(reply: bytes, said: str, authority: str) -> None:
    with WithoutTls(reply) as server:
        assert said in str(failure(server.url.replace("http:", "https:"), authority))


CODES = {9: "clock", 10: "clock", 18: CA_PATH, 19: CA_PATH, 20: CA_PATH, 21: CA_PATH, 62: OTHER_NAME, 64: OTHER_NAME}
CODES |= {66: "too weak", 67: "too weak", 68: "too weak", 85: STRICT, 86: STRICT, 89: STRICT, 92: STRICT}


class Unverified(Exception):
    """As of the library."""

    verify_message = "no."


Unverified.__name__ = "SSLCertVerificationError"


@pytest.mark.parametrize("code", CODES)
def test_the_codes_of_openssl(code: int) -> None:
    error = Unverified()
    error.verify_code = code  # type: ignore[attr-defined]  # as of the library
    text, hint, sent = describe_failure(error, "h", 7, connected=False)
    assert (text, sent) == ("TLS to h failed: no.", False)
    assert CODES[code] in hint


def test_the_names_are_compared_by_urllib3_itself() -> None:
    """In its versions before 2."""

    class SSLError(Exception):
        pass

    class CertificateError(Exception):
        pass

    text, hint, _sent = describe_failure(SSLError(CertificateError("'h' is not 'x'")), "h", 7, connected=False)
    assert (text, hint) == ("TLS to h failed: 'h' is not 'x'.", OTHER_NAME)


# ca_path


@pytest.mark.parametrize("name", ["a.pem", "a.crt", "a.cer"])
def test_a_directory_of_files_that_are_not_named_by_a_hash(name: str, tmp_path: Path) -> None:
    (tmp_path / "README").write_text("no certificate", encoding="utf-8")
    (tmp_path / "key.pem").write_text("no certificate", encoding="utf-8")
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / name))
    with Server(tls=served(AUTHORITY.issue_cert("127.0.0.1"))) as server:
        assert HttpClient(connection(server.url, ca_path=str(tmp_path))).get("/x").status == 200
    with Server(tls=unknown()) as server:
        assert CA_PATH in str(failure(server.url, str(tmp_path)))


@pytest.mark.parametrize("content", [{}, {"a.pem": "nothing"}, {"a.txt": AUTHORITY.cert_pem.bytes().decode()}])
def test_a_directory_without_certificates_is_said_to_be_one(content: dict[str, str], tmp_path: Path) -> None:
    for name, text in content.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with Server(tls=unknown()) as server:
        told = str(failure(server.url, str(tmp_path)))
        assert server.connections == 0
    assert told.startswith(
        f"ca_path: there are no certificates that can be read in '{tmp_path}'. Give a file in PEM form"
    )
