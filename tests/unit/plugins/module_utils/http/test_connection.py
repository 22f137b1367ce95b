# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options, checked at the door. Proves rules 2, 11 and 4 (ca_path is passed on)."""

from __future__ import annotations

import pytest
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection, address_from
from ansible_collections.aimms.cloud.plugins.module_utils.options import CONNECTION, env_value

KEY = "Canary-0123456789abcdef"
GIVEN = {name: option.get("default") for name, option in CONNECTION.items()}


def connect(**options):
    return Connection.from_params({**GIVEN, "account": "acme", "api_key": KEY, **options})


def test_the_defaults_are_those_of_the_contract():
    assert connect() == Connection(
        base_url="https://acme.aimms.cloud",
        api_key=KEY,
        validate_certs=True,
        ca_path=None,
        timeout=30,
        retries=4,
        max_time=120,
        api_generation="auto",
        page_size=None,
    )


@pytest.mark.parametrize(
    ("sources", "account", "url"),
    [
        ([{"account": "acme"}, {"url": "https://env"}], "acme", None),
        ([{"url": "https://a"}, {"account": "acme", "url": "https://env"}], None, "https://a"),
        ([{"account": "", "url": None}, {"account": "acme", "url": "https://env"}], "acme", "https://env"),
        ([{"api_key": "k"}, {"url": "", "account": "vars"}, {"url": "https://env"}], "vars", None),
        ([{}, {}, {}, {"account": "ini"}], "ini", None),
        ([{}, {"url": ""}], None, None),
        ([], None, None),
    ],
)
def test_the_strongest_source_gives_the_address_alone(sources, account, url):
    assert address_from(*sources) == {"account": account, "url": url}


def test_from_one_source_the_url_wins():
    assert connect(url="https://a.example").base_url == "https://a.example"


def test_the_key_is_not_in_what_is_shown():
    assert KEY not in repr(connect())


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://aimms.example", "https://aimms.example"),
        ("https://aimms.example/", "https://aimms.example"),
        ("HTTPS://AIMMS.Example:8443/Some/prefix_1.2/", "https://aimms.example:8443/Some/prefix_1.2"),
        (" https://aimms.example ", "https://aimms.example"),
        ("https://10.0.0.7", "https://10.0.0.7"),
        ("https://[fe80::1]:8443", "https://[fe80::1]:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_url_wins_over_the_account(url, base):
    assert connect(url=url).base_url == base


@pytest.mark.parametrize(
    "host",
    "aimms.example 10.0.0.7 localhost.example localhost.evil.example 127.0.0.1.example 127.1 2130706433 0x7f000001 0 "
    "0.0.0.0 [::] [fe80::1] 128.0.0.1 169.254.169.254 192.168.1.1".split(),
)
def test_http_to_anything_but_loopback_is_refused(host):
    with pytest.raises(OptionError, match=r"http:// to .* would send the key unencrypted"):
        connect(url=f"http://{host}:8080")


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret-word@aimms.example",
        "https://secret-word@aimms.example",
        "http://user:secret-word@localhost",
        "https://@aimms.example",
        "https://aimms.example:443@evil.example",
        "https://aimms.example\\@evil.example",
    ],
)
def test_a_user_in_the_address_is_refused_and_not_repeated(url):
    with pytest.raises(OptionError, match="user name or password") as refused:
        connect(url=url)
    assert "secret-word" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        *"aimms.example //aimms.example /path ftp://aimms.example file:///etc/passwd https:// https:///x https://:443 "
        "https://aimms.example:99999 https://aimms.example:x https://aimms.example:0 https://[broken https://[::1 "
        "https://aimms.example/a/../b https://aimms.example/./a https://aimms.example//a https://aimms.example/a%2fb "
        "https://aimms.example/?x=1 https://aimms.example?x https://aimms.example/#x https://aimms.example/a;b "
        "https://münchen.example https://aimms.example%00 https://a*b https://a,b https://a%20b".split(),
        " ",
        "https://a b",
        "https://aimms.example/a b",
        "https://aimms.ex\nample",
        "https://aimms.example/\tx",
        "https://a\x00b",
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(OptionError, match=r"^url: "):
        connect(url=url)


@pytest.mark.parametrize("account", ["acme", "ACME", "acme-2", "a", "4cme", "a" * 63])
def test_an_account_gives_the_address(account):
    assert connect(account=account).base_url == f"https://{account.lower()}.aimms.cloud"


@pytest.mark.parametrize(
    "account",
    [
        *"acme.aimms.cloud acme.evil.example/ acme@evil -acme acme- acme/.. evil.example# evil.example? a:1".split(),
        "a_b",
        "acmé",
        "\uff41",
        " ",
        "ac me",
        "acme\n",
        "a" * 64,
        "evil.example\\",
    ],
)
def test_what_is_no_account_is_refused(account):
    with pytest.raises(OptionError, match=r"(?s)^account: .* is not an account's name"):
        connect(account=account)


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_account_and_url_both_and_their_variables_are_named(nothing):
    with pytest.raises(OptionError) as refused:
        connect(account=nothing, url=nothing)
    for name in ("account", "url", "AIMMS_ACCOUNT", "AIMMS_URL"):
        assert name in str(refused.value)


@pytest.mark.parametrize(
    "key",
    [
        f"{KEY} ",
        f" {KEY}",
        f"{KEY}\n",
        f"{KEY}\r\nX-Evil: 1",
        f"a {KEY}",
        f"\t{KEY}",
        f"{KEY}\x00",
        f"{KEY}\x7f",
        f"{KEY}é",
        f"{KEY}\u200b",
        f"{KEY}\xa0",
        f"{KEY}\udcff",
        f"ключ{KEY}",
        " ",
        "\n",
    ],
)
def test_a_key_that_cannot_stand_in_a_header_is_refused_without_repeating_it(key):
    with pytest.raises(OptionError, match="white space, control or non-ASCII") as refused:
        connect(api_key=key)
    assert KEY not in str(refused.value)
    assert KEY not in repr(refused.value.args)


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_the_option_and_its_variable_are_named(key):
    with pytest.raises(OptionError, match=r"api_key.*AIMMS_API_KEY"):
        connect(api_key=key)


@pytest.mark.parametrize(
    ("option", "value"),
    [("timeout", 0), ("timeout", -1), ("retries", -1), ("max_time", 0), ("max_time", -5), ("page_size", 0)],
)
def test_numbers_out_of_range(option, value):
    with pytest.raises(OptionError, match=f"^{option}: must be at least"):
        connect(**{option: value})


@pytest.mark.parametrize("size", [1001, 10**6, 2**63])
def test_a_page_has_a_largest_size(size):
    assert connect(page_size=1000).page_size == 1000
    with pytest.raises(OptionError, match=f"^page_size: must be at most 1000, not {size}"):
        connect(page_size=size)


def test_no_retries_at_all_is_allowed():
    assert connect(retries=0).retries == 0


def test_ca_path_must_exist_and_is_what_certificates_are_verified_with(tmp_path):
    with pytest.raises(OptionError, match="ca_path: there is no file"):
        connect(ca_path=str(tmp_path / "missing.pem"))
    assert connect(ca_path=str(tmp_path)).verify == str(tmp_path)
    assert connect(ca_path="").verify is True
    assert connect(ca_path=str(tmp_path), validate_certs=False).verify is False


def test_an_empty_environment_variable_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("AIMMS_ACCOUNT", "acme")
    assert env_value("AIMMS_ACCOUNT") == "acme"
    monkeypatch.setenv("AIMMS_ACCOUNT", "")
    with pytest.raises(AnsibleFallbackNotFound):
        env_value("AIMMS_ACCOUNT")
    monkeypatch.delenv("AIMMS_ACCOUNT")
    with pytest.raises(AnsibleFallbackNotFound):
        env_value("AIMMS_ACCOUNT")
