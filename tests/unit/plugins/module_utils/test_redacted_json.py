# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets, taken out of what the server says as JSON: in the table between « and ». Proves rule 39."""

from __future__ import annotations

import re
import tracemalloc

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.masking import MASK
from ansible_collections.aimms.cloud.plugins.module_utils.redacted_json import redacted_value
from ansible_collections.aimms.cloud.plugins.module_utils.redaction import redacted


def raw(marked):
    return re.sub("[«»]", "", marked)


def masked(marked):
    return re.sub("«.*?»", MASK, marked, flags=re.DOTALL)


def marked_as(value, change):
    """The same JSON with ``change`` made to each text, keys too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): marked_as(item, change) for key, item in value.items()}
    return [marked_as(item, change) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "marked",
    [
        "start --logonToken\t«abc123»\r\nnext",
        {"m": "--logonToken\r\n«abc123» x", "--logonToken «abc»": [{"m": ["--logonToken \\\n  «abc123»"]}]},
        {"logonToken": '«a\tb "c" \\»', "n": 5, "password": ["«a b»", "«c»", None], "token": None, "secret": ""},
        {"Authorization": "Bearer «x»", "Cookie": "sid=«v; b=2»", "Set-Cookie": ["a=«v; Path=/»"], "tokens": ["v"]},
        {"name": "LOGON_TOKEN", "type": "x", "value": "«v»"},
        {"Value": ["«v»"], "x": 1, "Name": "api-key"},
        {"name": "port", "value": "5", "password hint": "dog", "secret": {"name": "x", "n": [1]}},
        {"password": {"value": "«v»", "hint": "x"}, "token": {}},
        {"token": "********", "m": "token=********"},
        {"Cookie": "token=«v; sid=w»", "m": "Cookie: token=«v; sid=w»"},
        [{"value": "token", "x": 1}, ["--token\n-abcdefg x"]],
        ["Bearer", "«a1b2c3d4" + "x" * 2**20 + "»"],
        ["logonToken:", "«v»", "x"],
        ["Authorization:", "Bearer", "«v»", "x"],
        ["password", "=>", "«v»", {"token": "«v»"}, "x"],
        ["--password", "«a b»", "--port", "22", "/logonToken", "«v»"],
        ["--logonToken", "", "\\\n", "«v»"],
        ["curl", "-H", "Cookie:", "«sid=v;»", "«b=2»", "x"],
        ['"logonToken":', '«"v"»', "api", "key:", "«v»", "the", "token", "is", "«abcdefg1»"],
        ["--token", None, "--token", {"a": "b"}, "--token", ["a"], "--token", "--port", "--token"],
        ["token:", '«"x»', "«y»", {"a": 1}],
        ["Enter the password:", "Reading the model", "token", "expired", "Unexpected token", "foo"],
        ["x"] * 511 + ["--logonToken", "«v»"] + ["x"] * 505 + ["Authorization:", "Bearer", "«v»"],
        ["x" * 5000 + " --logonToken", "«v»", "--logonToken", "«" + "v" * 5000 + "»", "x " * 5000, "y"],
        [b"x"[0], 1.5, True, "Bearer", "«a1b2c3d4»"],
    ],
    ids=range(25),
)
def test_in_a_structure_each_text_is_masked_and_what_stands_beside_or_below_a_name(marked):
    told = marked_as(marked, raw)
    assert redacted_value(told) == marked_as(marked, masked)


def test_what_holds_no_secret_is_not_copied():
    value = {"a": ["x", {"b": None}], "c": 1.5}
    assert redacted_value(value) is value


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"logonToken": "abc123def", "n": 1}, {"logonToken": "********", "n": 1}),
        (["cmd --logonToken abc123def"], ["cmd --logonToken ********"]),
        ({"password": 12345}, {"password": "********"}),
        ({"n": [1, None, "\u00e9"]}, {"n": [1, None, "\u00e9"]}),
        (None, None),
        (42, 42),
    ],
)
def test_any_json_comes_without_secrets(told, shown):
    assert redacted_value(told) == shown


def test_a_long_text_is_masked_in_parts_and_whole():
    before = "\N{GRINNING FACE}" + "x\n" * 2**22
    text = f"{before}password=hunter2"
    tracemalloc.start()
    try:
        assert redacted_value({"a": before, "b": [1]}) == {"a": before, "b": [1]}
        assert tracemalloc.get_traced_memory()[1] < len(text) * 4 * 2.5
    finally:
        tracemalloc.stop()
    assert redacted(text) == before + "password=" + MASK
