# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that figures are pushed to, in this process."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme


class Gateway:
    """Takes figures; ``/denied`` answers with what it was sent, ``/moved`` with a redirect."""

    def __init__(self, authority: trustme.CA | None = None) -> None:
        self.requests: list[tuple[str, str, dict[str, str], str]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        if authority:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(context)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.url = self.url.replace("http:", "https:")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        kept = self.requests

        class Handler(BaseHTTPRequestHandler):
            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):  # any method
                    return self.take
                raise AttributeError(name)

            def take(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
                kept.append((self.command, self.path, dict(self.headers), body))
                what = self.path.split("/")[1]
                self.send_response({"denied": 401, "moved": 307}.get(what, 202))
                self.send_header("Location", "/elsewhere")
                answer = str(self.headers["Authorization"]).encode()
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_words: Any) -> None:
                pass

        return Handler

    def paths(self) -> list[str]:
        """The first part of the path of each request."""
        return sorted(path.split("/")[1] for _method, path, _headers, _body in self.requests)

    def close(self) -> None:
        """Take nothing more."""
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()
