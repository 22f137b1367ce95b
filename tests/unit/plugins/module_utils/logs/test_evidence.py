# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a download is, against what the route for lines tells; and what it is as text, however it comes in pieces."""

from __future__ import annotations

import codecs
import gzip
from contextlib import nullcontext

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AnswerError
from ansible_collections.aimms.cloud.plugins.module_utils.logs.evidence import NotTheLogError, Seen, decoded
from ansible_collections.aimms.cloud.plugins.module_utils.logs.reader import Extent

TEXT = "2026-01-31 08:00:00.000 Größe Δ\n2026-01-31 08:00:01.000 pod/x \U0001f680 done\n"
FORMS = {
    "as it is": TEXT.encode(),
    "UTF-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "gzip": gzip.compress(TEXT.encode()),
    "two members of gzip": gzip.compress(TEXT[:30].encode()) + gzip.compress(TEXT[30:].encode()),
    "UTF-16": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "UTF-16, the other way": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "UTF-16 in gzip": gzip.compress(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")),
}


@pytest.mark.parametrize("size", [1, 3, 7, 10_000])
@pytest.mark.parametrize("form", FORMS)
def test_any_form_of_text_is_decoded(form, size):
    pieces = [FORMS[form][at : at + size] for at in range(0, len(FORMS[form]), size)]
    assert b"".join(decoded(pieces, text_only=True)).decode("utf-8-sig") == TEXT
    assert b"".join(decoded([], text_only=True)) == b""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(TEXT.encode(), mtime=0)[:-3], "a gzip file that ends early"),
        (b"\x1f\x8b" + b"x" * 50, "a gzip file that is damaged"),
        (b"a\0b", "holds NUL bytes"),
        (TEXT.encode("utf-16-be"), "holds NUL bytes"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "holds NUL bytes"),
    ],
)
def test_what_cannot_be_decoded_is_not_the_log(content, said):
    with pytest.raises(NotTheLogError, match=said):
        list(decoded([content], text_only=True))


def test_nul_bytes_stay_where_nothing_is_to_be_found():
    assert b"".join(decoded([b"a\0b"], text_only=False)) == b"a\0b"


FRAMES = "2026-01-31 08:00 up\n  at a(1)\n  at b(2)\n2026-01-31 09:00 down\n  at c(3)\n"
OLD, NEW = "2026-01-31 08:00 up\n", '2026-01-31T09:00Z [pod] it is\tdone: "well"\n'


@pytest.mark.parametrize(
    ("download", "entries", "texts", "raised"),
    [
        (OLD + NEW, 2, "up|it is done|well", None),
        (OLD + NEW, 2, 'it is done: "well"|up', NotTheLogError),
        (OLD + NEW, 2, 'up|it is done: "well", and more', AnswerError),
        (OLD + OLD, 2, "up|it is done", NotTheLogError),
        (NEW + OLD, 2, 'up|it is done: "well"', NotTheLogError),
        (NEW, 2, 'up|it is done: "well"', NotTheLogError),
        (NEW + OLD, 2, "down|it is over", AnswerError),
        (NEW + OLD, 3, 'it is done: "well"|down|it is over', AnswerError),
        (OLD + NEW[:-3], 2, 'up|it is done: "well"', NotTheLogError),
        ('{"errorId": "x",\n "message": "up"}\n', 5, "up|it is done", NotTheLogError),
        ("<html>\n<p>up</p>\n", 5, "up|it is done", NotTheLogError),
        (OLD + "... truncated\n" * 9, 2, "up|it is done", AnswerError),
        (FRAMES[:-9], 2, "up\n  at a(1)\n  at b(2)|down\n  at c(3)", NotTheLogError),
        (FRAMES, 2, "up\n  at a(1)\n  at b(2)|down\n  at c(3)", None),
        (FRAMES.replace("\n  ", "\\n  "), 2, "up\n  at a(1)\n  at b(2)|down\n  at c(3)", None),
        ("tick\n" * 9, 9, "|".join(["tick"] * 9), None),
        ("tick\n" * 8 + "tock\n", 9, "|".join(["tick"] * 9), AnswerError),
        ("x" * 10_000, 1, "x" * 10_000, None),
        ("x" * 9_999, 1, "x" * 10_000, NotTheLogError),
        (OLD + NEW, 2, "up", None),
        (OLD + NEW, 2, 'it is done: "well"', None),
        (OLD + NEW, 1, "up", None),
        (OLD + NEW, 3, "up", NotTheLogError),
        (OLD + NEW, 2, "down", AnswerError),
        (OLD + NEW, 1, "down", AnswerError),
        (OLD + NEW, 0, "", AnswerError),
        (OLD + NEW.rstrip(), 2, "", None),
        (OLD + NEW, 2, "Größe", AnswerError),
        (OLD + NEW, 2, "Δ", None),
        (OLD + "x" * 300_000, 2, "up", None),
        ("x" * 300_000 + "\n" + OLD, 2, "up", None),
        ("", 0, "", None),
        ("", 1, "", NotTheLogError),
    ],
)
def test_a_download_is_the_log_if_it_has_its_entries(download, entries, texts, raised):
    for size in (1, 7, 10**6) if len(download) < 1000 else (1000, 65536):
        pieces = [download.encode()[at : at + size] for at in range(0, len(download), size)]
        seen, given = Seen(Extent(entries, texts.split("|"))), []
        with pytest.raises(raised) if raised else nullcontext():
            given.extend(seen.through(pieces))
        assert seen.lines == len(download.splitlines())
        assert raised or b"".join(given) == download.encode()


def test_without_an_extent_lines_are_only_counted():
    seen = Seen(None)
    assert list(seen.through([b"a\n", b"b"])) == [b"a\n", b"b"]
    assert seen.lines == 2
