# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies that are not what the API promises, as whole HTTP answers and as JSON values."""

from __future__ import annotations

from typing import Any

from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.loopback import answer

ODDITIES: dict[str, bytes] = {
    "HTML": answer(200, b"<!DOCTYPE html><html><body>Please log in</body></html>", content_type="text/html"),
    "HTML said to be JSON": answer(200, b"  <html></html>", content_type="application/json"),
    "204": answer(204, b""),
    "empty": answer(200, b""),
    "white space": answer(200, b" \n "),
    "text": answer(200, b"maintenance"),
    "NaN": answer(200, b'{"total": NaN, "items": [NaN]}'),
    "Infinity": answer(200, b'{"items": [], "total": -Infinity}'),
    "5,000-digit integer": answer(200, b'{"items": [], "total": ' + b"7" * 5000 + b"}"),
    "10,000 deep": answer(200, b"[" * 10_000 + b"]" * 10_000),
    "100,000 deep objects": answer(200, b'{"items":' * 100_000 + b"[]" + b"}" * 100_000),
    "BOM": answer(200, b'\xef\xbb\xbf{"items": []}'),
    "UTF-16": answer(200, '{"items": []}'.encode("utf-16")),
    "not UTF-8": answer(200, b'{"items": [], "a": "\xff"}'),
    "two documents": answer(200, b'{"items": []}{"items": []}'),
    "single quotes": answer(200, b"{'items': []}"),
    "cut JSON": answer(200, b'{"items": [{"id": "a"}, {"id"'),
}
NOT_A_LIST: dict[str, Any] = {
    "a text": "not an object",
    "a number": 5,
    "true": True,
    "null": None,
    "an empty object": {},
    "only a message": {"message": "please wait"},
    "a null list": {"items": None, "total": 3},
    "an object for a list": {"items": {}},
    "a text for a list": {"items": "none"},
    "numbers for records": {"items": [1, 2]},
    "an array of arrays": [[], []],
    "an array of texts": ["a", "b"],
    "an error with status 200": {"errorId": "E1", "errorCode": 500, "message": "database is down"},
}
