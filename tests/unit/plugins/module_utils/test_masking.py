# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key, taken out of every text that leaves. Proves rules 12 and 13."""

from __future__ import annotations

import base64
import json
import random
import string
import tracemalloc
from urllib.parse import quote, quote_plus

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.masking import MASK, Masker
from ansible_collections.aimms.cloud.tests.timing import within

PLAIN = "k3yCanary0123456789abcdefXYZ"
ODD = "k+/=%&?#'\"\\<>{}~`$!*()[]^|@:;,.k3y"
KEYS = [PLAIN, ODD, "AbC+dEf/GhI=JkL==", "k" * 200, "short"]
FORMS = {
    "plain": str,
    "URL": lambda key: quote(key, safe=""),
    "path": quote,
    "query": quote_plus,
    "URL in lower case": lambda key: "".join(
        c if c in string.ascii_letters + string.digits + "_.-~" else f"%{ord(c):02x}" for c in key
    ),
    "JSON": json.dumps,
    "JSON in JSON's text": lambda key: json.dumps({"a": key}),
    "URL, each character": lambda key: "".join(f"%{byte:02X}" for byte in key.encode()),
    "URL, each sign": lambda key: "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in key),
    "URL, every third one, in lower case": lambda key: "".join(
        f"%{ord(c):02x}" if place % 3 == 0 or c == "%" else c for place, c in enumerate(key)
    ),
    "HTML": lambda key: "".join(f"&#{ord(c)};" for c in key),
    "HTML, each sign, hexadecimal": lambda key: "".join(c if c.isalnum() else f"&#x{ord(c):02X};" for c in key),
    "JavaScript": lambda key: "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in key),
    "JavaScript in JSON": lambda key: json.dumps("".join(f"\\u{ord(c):04x}" for c in key)),
    "Python": lambda key: "".join(f"\\x{ord(c):02x}" for c in key),
    "URL, twice": lambda key: quote(quote(key, safe="").replace("k", "%6B"), safe=""),
    "URL, three times": lambda key: quote(quote(key.replace("%", "%25").replace("k", "%6B"), safe=""), safe=""),
    "repr": repr,
    "repr of a list": lambda key: repr([key]),
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_form_is_masked(form, key):
    text = f"before {form(key)} between {form(key)} after"
    masked = Masker(key).text(text)
    assert key not in masked
    assert form(key).strip("\"'[]") not in masked
    assert masked.count(MASK) == 2
    assert masked.startswith("before ")
    assert masked.endswith(" after")


@pytest.mark.parametrize("key", [key for key in KEYS if len(key) >= 16])
@pytest.mark.parametrize(
    "form", [lambda key: key.encode().hex(), lambda key: key.encode().hex().upper(), lambda key: key[::-1]]
)
def test_a_long_key_is_masked_in_hexadecimal_and_reversed(form, key):
    assert Masker(key).text(f"<{form(key)}>") == f"<{MASK}>"


def test_a_short_key_in_hexadecimal_or_reversed_may_be_anything_and_stays():
    assert Masker("repaper").text("repaper 72657061706572") == f"{MASK} 72657061706572"
    assert Masker("stop").text("pots 73746f70") == "pots 73746f70"


@pytest.mark.parametrize("before", range(2**20 - 3 * len(PLAIN), 2**20 + 1, 5))
def test_escapes_are_found_where_a_long_text_is_parted(before):
    assert Masker(PLAIN).text("x" * before + FORMS["URL, each character"](PLAIN)) == "x" * before + MASK


@pytest.mark.parametrize("key", KEYS)
def test_a_text_with_the_key_in_escapes_within_other_escapes_is_masked_as_a_whole(key):
    assert Masker(key).text("before " + quote(FORMS["HTML"](key), safe="") + " after") == MASK


def test_a_key_that_looks_as_if_it_had_escapes_is_masked_as_a_whole():
    """Also the part of it that is too short to be masked alone."""
    key = "0123456789abcdef.%41\\x42c"
    assert Masker(key).text(f"<{key}> <{quote(key)}>") == f"<{MASK}> <{MASK}>"


HOSTILE = {
    "backslashes": "\\" * 100_000,
    "zeros": "&#" + "0" * 100_000,
    "signs within themselves": "%" + "25" * 50_000,
    "many of these": ("%" + "25" * 20) * 3000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("key", ["", PLAIN])
def test_a_long_text_of_what_may_begin_an_escape_takes_no_long_time(text, key):
    with within(5):
        assert (MASK in Masker(PLAIN).text(text + key)) is bool(key)


def test_a_key_of_two_thousand_characters_is_masked_at_once():
    """Such as a JSON Web Token."""
    key = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=2000))
    with within(2):
        assert Masker(key).text(f"<{key}>") == f"<{MASK}>"


def test_a_text_with_the_key_and_more_escapes_than_are_looked_at_is_masked_as_a_whole():
    assert Masker(PLAIN).text("%41" * 100_001 + PLAIN) == MASK
    assert Masker(PLAIN).text("%41" * 100_001) == "%41" * 100_001


def test_other_escapes_stay():
    text = f"100%, %, %4, %zz, %41%252D and {PLAIN[:-1]}%"
    assert Masker(PLAIN).text(text) is text


class Vaulted:
    """A value that is read when it is needed."""

    def __init__(self, text):
        self.text = text

    def __str__(self):
        if self.text is None:
            raise ValueError("no password was given")
        return self.text


@pytest.mark.parametrize(
    "given", [[PLAIN], [[PLAIN], None], (PLAIN,), {PLAIN}, {"a": PLAIN}, {PLAIN: 1}, Vaulted(PLAIN), [Vaulted(PLAIN)]]
)
def test_a_key_is_masked_however_it_is_given(given):
    assert Masker(given).text(f"['{PLAIN}']") == f"['{MASK}']"
    assert Masker(None, "other-key", given).text(f"{PLAIN} other-key") == f"{MASK} {MASK}"


@pytest.mark.parametrize("given", [None, "", " ", [], {}, True, False, [None, ""], Vaulted(None), Vaulted(" ")])
def test_what_is_no_key_masks_nothing(given):
    assert Masker(given).text("True False None a b") == "True False None a b"


@pytest.mark.parametrize("key", [PLAIN, ODD, "AbC+dEf/GhI=JkL=="])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", ["", "a", "ab", "apiKey: ", "apiKey:", "user:"])
def test_base64_is_masked_wherever_the_key_stands_in_it(key, encode, before):
    """Up to three characters at each end depend on the neighbours and stay; they tell four of the key at most."""
    for behind in ("", "z", "zz", "\r\n"):
        masked = Masker(key).text(encode(f"{before}{key}{behind}".encode()).decode())
        assert MASK in masked
        assert len(masked) - len(MASK) <= len(encode(f"{before}{behind}".encode())) + 8


def test_the_base64_of_random_keys():
    chance = random.Random(20250724)
    for _run in range(100):
        key = "".join(
            chance.choices(string.ascii_letters + string.digits + string.punctuation, k=chance.randint(12, 80))
        )
        encoded = base64.b64encode(b"x" * chance.randint(0, 5) + key.encode() + b"y" * chance.randint(0, 5)).decode()
        assert MASK in Masker(key).text(encoded)
        assert Masker(key).text(f"<{key}>") == f"<{MASK}>"


def test_a_tree_is_masked_in_values_keys_lists_and_tuples():
    tree = {"a": [PLAIN, {"b": (f"x{PLAIN}y", 7, None, True, 1.5)}], PLAIN: {"c": PLAIN}}
    assert Masker(PLAIN).tree(tree) == {"a": [MASK, {"b": [f"x{MASK}y", 7, None, True, 1.5]}], MASK: {"c": MASK}}


@pytest.mark.parametrize(
    "tree",
    [[PLAIN], {PLAIN: 1}, {7: {"a": PLAIN}}, {"a": (1, [{"b": f"x{PLAIN.upper()}"}])}, {"a": "b", "c": {"d": [PLAIN]}}],
)
def test_wherever_the_key_is_in_a_tree_it_is_found(tree):
    assert PLAIN.lower() not in repr(Masker(PLAIN).tree(tree)).lower()
    assert MASK in repr(Masker(PLAIN).tree(tree))


def test_a_tree_without_the_key_is_handed_back_as_it_is():
    tree = {"a": [PLAIN[:5], {PLAIN[5:]: (PLAIN[:-1],)}], 7: None}
    assert Masker(PLAIN).tree(tree) is tree


def test_a_large_tree_is_not_held_twice():
    tree = [f"{number:07d} some text of a session" for number in range(200_000)]
    size = sum(map(len, tree))
    tracemalloc.start()
    try:
        assert Masker(PLAIN).tree(tree) is tree
        assert tracemalloc.get_traced_memory()[1] < size
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("before", range(2**20 - len(PLAIN), 2**20 + 1))
def test_the_key_is_found_where_a_long_text_is_parted(before):
    assert Masker(PLAIN).text("x" * before + PLAIN.upper()) == "x" * before + MASK


def test_a_long_text_is_not_held_again():
    text = "\N{GRINNING FACE}" + "x" * 2**23
    tracemalloc.start()
    try:
        assert Masker(PLAIN).text(text) is text
        assert tracemalloc.get_traced_memory()[1] < len(text) * 4
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("number", [0, 49_999, 99_999])
def test_the_key_is_found_anywhere_in_a_large_tree(number):
    tree = ["x" * 30] * 100_000
    tree[number] = PLAIN
    assert Masker(PLAIN).tree(tree)[number] == MASK


def test_the_tree_itself_is_not_changed():
    tree = {"a": [PLAIN]}
    Masker(PLAIN).tree(tree)
    assert tree == {"a": [PLAIN]}


@pytest.mark.parametrize("nothing", ["", " ", "\n", None, 7, True, [PLAIN]])
def test_without_a_key_nothing_is_masked(nothing):
    assert Masker(nothing).text("a text, 7 True None") == "a text, 7 True None"


def test_what_is_not_the_key_stays():
    assert Masker(PLAIN).text(f"{PLAIN[:-1]} {PLAIN[1:]} Sessions") == f"{PLAIN[:-1]} {PLAIN[1:]} Sessions"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("7f3a91c2e8b64d05.K3yCanary0123456789", "7f3a91c2e8b64d05"),
        ("7f3a91c2e8b64d05.K3yCanary0123456789", "K3yCanary0123456789"),
        ("7f3a91c2e8b64d05-K3yCanary0123456789", "K3yCanary0123456789"),
        ("abc:K3y-Canary_0123-456789", "K3y-Canary_0123-456789"),
        ("svc_7f3a91c2e8b64d05", "7F3A91C2E8B64D05"),
    ],
)
def test_a_long_part_of_a_key_is_masked_by_itself(key, told):
    assert Masker(key).text(f"The key {told} has expired.") == f"The key {MASK} has expired."


def test_a_short_part_of_a_key_may_be_a_word_and_stays():
    assert Masker("svc-cleanup-3f9a0c71").text("svc cleanup of acme") == "svc cleanup of acme"


def test_case_does_not_hide_a_key():
    assert Masker(PLAIN).text(f"State {PLAIN.lower()} or {PLAIN.upper()}") == f"State {MASK} or {MASK}"


@pytest.mark.parametrize("key", [f" {PLAIN}", f"{PLAIN}\n", f"\t{PLAIN} "])
def test_a_key_with_white_space_around_it_is_masked_without_it_too(key):
    assert PLAIN not in Masker(key).text(f"it was '{PLAIN}'")


def test_a_key_that_is_not_ascii_is_masked_in_every_form():
    key = "clé-ключ-\udcff-0123456789"
    for form in (str, repr, json.dumps):
        assert MASK in Masker(key).text(form(key))
