# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for secrets in any log: how it is cut makes no difference, and nothing makes it slow."""

from __future__ import annotations

import random
import string

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.masking import MASK
from ansible_collections.aimms.cloud.tests.timing import costs_at_most
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.test_redaction import KEY, run


def test_neither_output_nor_count_depends_on_how_a_log_is_cut():
    """Logs are made of pieces, so that what must come out is known; 10,000 cuttings."""
    chance = random.Random(20250724)
    for _log in range(100):
        log, expected, secrets = pieces(chance)
        assert run(log, key=KEY) == (expected, len(secrets))
        assert not [secret for secret in secrets if secret in expected]
        for _cutting in range(100):
            assert run(log, cutting(chance, len(log)), KEY) == (expected, len(secrets))


def pieces(chance):
    """A log with secrets, the same log masked, and the secrets."""
    forms = (
        b"--logonToken %s\n", b"--logonToken=%s -x ", b'--token   "%s" ', b"--%s-password '%%s'\r\n" % (b"x" * 100),
        b'{"token": "%s"}', b"password=%s ", b"?a=1&access_token=%s&b=2", b"Authorization: Bearer %s\n", b"pwd:\t%s\n",
        b"https://me:%s@host/", b'["--secret","%s"]', b"key %s key", b'{\\"apiKey\\":\\"%s\\"}', b"a.secret = '%s'\x00",
    )  # fmt: skip
    texts = (
        b"2025-07-24 12:21:11.306 pod/daaimmsbox-1 annotated\n", b"token expired, 5 tokens: ok\r\n", b"\xff\x00\xfe",
        b"info http://host:8080/x?a=b\n", b"Password changed ", b"-- ", b"toke", b"=", b'{"a": "b"}\n', b"-\n", b"\\",
    )  # fmt: skip
    log, expected, secrets = [], [], []
    while sum(map(len, log)) < 4000:
        text = b"".join(chance.choices(texts, k=chance.randint(0, 8))) + b"\n"
        form = chance.choice(forms)
        secret = KEY.encode()
        if form != b"key %s key":
            alphabet = string.ascii_letters + string.digits + "-_.+/~!$^*"
            secret = "".join(chance.choices(alphabet, k=chance.choice([9, 20, 64, 500, 2100]))).encode()
            secret = secret.replace(b"/", b"") if b"://" in form else secret
        secrets.append(secret)
        log += [text, form % secret]
        expected += [text, form % MASK.encode()]
    return b"".join(log), b"".join(expected), secrets


def cutting(chance, length):
    """Sizes of chunks: a few, or very small ones somewhere."""
    cuts = sorted(chance.randint(0, length) for _cut in range(chance.choice([1, 2, 4, 8])))
    if chance.random() < 0.3:
        cuts += range(cuts[-1] + 1, min(length, cuts[-1] + 40), chance.choice([1, 2, 3, 7]))
    return [after - before for before, after in zip([0, *cuts], cuts)]


NONSENSE = (
    "token password api_key secret Authorization credentials Bearer basic -- - = : \\ \\\\ \\n & , ; ( ) [ ] { } < > . "
    '| @ / :// u abc x null *** %3d %26 u00 26 n=1 \x1b[3 1m \x1b[0m " \' b\' --opt \x00 \udcff "," k3yCan ' + KEY
).split(" ")
NONSENSE += (
    "cookie Cookie: sid= value value= is -> => &quot; %22 %3A%22 &lt; > otp= sig= kennwort \u2013 \uff1a a1b2c3d4 \\t"
).split(" ")
NONSENSE += ["\n", "\r\n", "\t", " ", "  "]


def test_neither_does_it_with_nonsense():
    chance = random.Random(1)
    for _log in range(60):
        parts = chance.choices(NONSENSE, k=1500)
        parts[700:700] = [chance.choice(NONSENSE) * chance.choice([17, 65, 256, 1025, 2060])]
        log = "".join(parts).encode("utf-8", "surrogateescape")
        whole = run(log, key=KEY)
        assert KEY.encode() not in whole[0]
        for _cutting in range(20):
            assert run(log, cutting(chance, len(log)), KEY) == whole


SLOW = [
    b"k",
    b":",
    b"-",
    b" ",
    b"\\",
    b'"',
    b"://a:",
    b"://a:x@",
    b"token=",
    b"--token ",
    b"token=[",
    b"token=a,",
    b"w=\n",
    b"token=&quot;",
    b"token%3D%22",
    b"&",
    b"%",
    b"<token a ",
    b"token ",
    b"token is ",
    b"token 'a",
    b"token\n",
    b"cookie:a=b;",
    b"cookie:a=;",
    b"a=",
    b"; a=",
    b"\x1b[1m",
    b"\\t",
    b"--",
    b"\xe2\x80\x93",
    b"otp=",
    b",",
    b"a1",
]


@pytest.mark.parametrize("unit", SLOW)
@pytest.mark.parametrize("opening", [b"", b"--token ", b'"token": "', b"x://u:", b"cookie: a=", b"<token &quot;"])
def test_no_text_makes_it_slow(unit, opening):
    """Not even 20 times what a log of the same length costs in which every line holds a secret."""
    log, secrets = opening + unit * (200_000 // len(unit)), b"at 12:00 --token abcdefgh12 and more\n" * 5_405
    assert abs(len(log) - len(secrets)) < 200
    costs_at_most(20, lambda: run(log, [65536] * 3, KEY), lambda: run(secrets, [65536] * 3, KEY))
