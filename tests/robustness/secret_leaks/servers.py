"""Servers that echo the key of a request, and listeners that only record what they receive."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import quote

from .forms import spoken
from .telling import told

DECOY = "DecoyThatMustBeFound"
"""In every text that a server here gives: where it does not show up, nothing was looked at."""
_CUT = 300


class Trap:
    """A listener that answers 403 and records what it receives: a proxy, or the target of a redirect."""

    def __init__(self) -> None:
        self.received = b""
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                self.connections += 1
                try:
                    self.received += connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                except OSError:
                    continue

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _answer(self) -> None:
        _empty, behaviour, mark, *rest = (self.path + "///").split("/")
        self.server.hits[mark] += 1
        key = self.headers.get("apiKey", "")
        # Every request is refused, unless the behaviour needs the document first.
        getattr(self, f"_{behaviour}", lambda *_args: self._status(int(behaviour), key))(key, "/".join(rest))

    do_GET = do_PATCH = do_PUT = do_DELETE = do_POST = _answer  # noqa: N815  names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as the base names it
        """Log nothing."""

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _status(self, status: int, key: str) -> None:
        said = {"message": f"{DECOY} not welcome: {key}", "errorId": key, "errorCode": status}
        self._send(status, json.dumps(said).encode(), X_Echo=key, **({"Retry_After": "0"} if status >= 429 else {}))

    def _cut(self, key: str, _rest: str) -> None:
        """A message in which the key is at the position where long messages are cut."""
        text = f"{DECOY} " + "x" * (_CUT - len(DECOY) - 1 - len(key) + 7) + key
        self._send(400, json.dumps({"message": text}).encode())

    def _form(self, key: str, rest: str) -> None:
        """A message with one form after the other, each in its place: `form/MARK/NUMBER`."""
        number = int(rest.split("/")[0])
        self._send(400, json.dumps({"message": f"{DECOY} {spoken(key)[number]}", "errorId": DECOY}).encode())

    def _tells(self, _key: str, rest: str) -> None:
        """A whole service: `tells/MARK/NAME` and the paths of the service below that."""
        name, _slash, path = rest.partition("/")
        path = path.partition("?")[0].rstrip("/")
        status, body, kind = told(self.command, path, name, self.server.secret, DECOY)
        self._send(status, body, Content_Type=kind)

    def _redirect(self, key: str, _rest: str) -> None:
        target = f"http://{quote(key, safe='')}@127.0.0.1:{self.server.trap.port}/{quote(key)}?apiKey={quote(key)}"
        self._send(302, b"", Location=target)

    def _page(self, key: str, _rest: str) -> None:
        self._send(200, f"<html><body>{DECOY} {' '.join(spoken(key))}</body></html>".encode(), Content_Type="text/html")

    def _text(self, key: str, _rest: str) -> None:
        self._send(200, f"{DECOY} {' '.join(spoken(key))}".encode())

    def _short(self, key: str, _rest: str) -> None:
        self.close_connection = True
        self._send(200, json.dumps({"message": key}).encode(), Content_Length="100000")

    def _line(self, key: str, _rest: str) -> None:
        """The key instead of a status line: libraries put it into the texts of their errors."""
        self.close_connection = True
        self.wfile.write(f"{key} {DECOY}\r\n\r\n".encode())

    def _code(self, key: str, _rest: str) -> None:
        self.close_connection = True
        self.wfile.write(f"HTTP/1.1 {key} {DECOY}\r\n\r\n".encode())

    def _chunk(self, key: str, _rest: str) -> None:
        """The chunk length is the key."""
        self.close_connection = True
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.wfile.write(f"{head}{key}\r\n{DECOY}\r\n0\r\n\r\n".encode())

    def _coding(self, key: str, _rest: str) -> None:
        self._send(200, b"{}", Content_Encoding=key)

    def _length(self, key: str, _rest: str) -> None:
        self._send(200, b"{}", Content_Length=key)

    def _wait(self, key: str, _rest: str) -> None:
        self._send(429, json.dumps({"message": f"{DECOY} {key}"}).encode(), Retry_After=key)

    def _document(self, key: str, _rest: str) -> None:
        """A document with filters named like the key: each error text that lists them contains it."""
        if not self.path.split("?")[0].endswith("openapi.yaml"):
            self._status(400, key)
            return
        names = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in (DECOY, *spoken(key))]
        get = {"operationId": "list", "parameters": names, "responses": {}}
        one: dict[str, object] = {"get": {"responses": {}}, "delete": {"responses": {}}}
        end: dict[str, object] = {"patch": {"responses": {}}}
        paths = {"/sessions/{kind}": {"get": get}, "/sessions/{kind}/{id}": one, "/sessions/{kind}/{id}/terminate": end}
        self._send(200, json.dumps({"openapi": "3.0.0", "info": {"title": key}, "paths": paths}).encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, trap: Trap) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.trap = trap
        self.hits: Counter[str] = Counter()
        self.secret = ""

    def handle_error(self, request: object, client_address: object) -> None:
        """Broken connections are expected."""


class Parrot:
    """The server that echoes the key: `http://host/BEHAVIOUR/MARK/...` answers as ``_BEHAVIOUR`` or with a status."""

    def __init__(self) -> None:
        self.trap, self.proxy = Trap(), Trap()
        self._servers = [_Server(self.trap), _Server(self.trap)]
        self._servers[1].socket = _untrusted().wrap_socket(self._servers[1].socket, server_side=True)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.tls = f"https://127.0.0.1:{self._servers[1].server_address[1]}"

    def __enter__(self) -> Parrot:
        """Serve."""
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self.trap.close()
        self.proxy.close()

    def tells(self, secret: str) -> None:
        """What the service behind `tells` tells in all its texts."""
        for server in self._servers:
            server.secret = secret

    def url(self, behaviour: str, mark: str) -> str:
        """The URL for a behaviour."""
        return f"http://127.0.0.1:{self._servers[0].server_address[1]}/{behaviour}/{mark}"

    def hits(self, mark: str) -> int:
        """The number of requests for a case."""
        return self._servers[0].hits[mark]


def _untrusted() -> ssl.SSLContext:
    """A certificate of an untrusted authority."""
    import trustme

    made = trustme.CA().issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.configure_cert(context)
    return context
