# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options, validated. An open connection is a ``PooledConnection`` (``http/connections``)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Union
from urllib.parse import urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError

NO_KEY = (
    "No API key: set the option api_key or the environment variable AIMMS_API_KEY to a key of the AIMMS Cloud portal."
)
_ACCOUNT = re.compile(r"\A[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z", re.ASCII)
_PREFIX = re.compile(r"\A(?:/[A-Za-z0-9][A-Za-z0-9._~-]*)*\Z", re.ASCII)
_LARGEST_PAGE = 1000  # records; more of them may be a larger answer than is read
_HOST = re.compile(r"\A[A-Za-z0-9.:_-]+\Z", re.ASCII)


@dataclass(frozen=True)
class Connection:
    """The server's address, the key and the limits of each request. Times are seconds."""

    base_url: str
    api_key: str = field(repr=False)
    validate_certs: bool = True
    ca_path: Optional[str] = None
    timeout: int = 30
    retries: int = 4
    max_time: int = 120
    api_generation: str = "auto"
    page_size: Optional[int] = None

    @property
    def verify(self) -> Union[bool, str]:
        """The argument ``verify`` of ``requests``."""
        return (self.ca_path or True) if self.validate_certs else False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Connection:
        """:raises OptionError: for a missing or invalid option."""
        ca_path = params.get("ca_path") or None
        if ca_path and not Path(ca_path).exists():
            raise OptionError(f"ca_path: there is no file or directory '{ca_path}'.")
        for name, least in (("timeout", 1), ("retries", 0), ("max_time", 1), ("page_size", 1)):
            if params.get(name) is not None and params[name] < least:
                raise OptionError(f"{name}: must be at least {least}, not {params[name]}.")
        if (params.get("page_size") or 0) > _LARGEST_PAGE:
            raise OptionError(f"page_size: must be at most {_LARGEST_PAGE}, not {params['page_size']}.")
        others = {name: params[name] for name in ("validate_certs", "timeout", "retries", "max_time", "api_generation")}
        base_url, key = _base_url(params.get("account"), params.get("url")), _checked_key(params.get("api_key"))
        return cls(base_url, key, ca_path=ca_path, page_size=params.get("page_size"), **others)


def address_from(*sources: Mapping[str, Any]) -> dict[str, Optional[str]]:
    """``account`` and ``url`` of the first source that has either. An empty text counts as not set.

    What is written in a task, a play or the inventory thus beats the environment, also where the other name is used:
    an ``AIMMS_URL`` that is around never sends a task for an ``account`` to another server.

    :param sources: options by name, the strongest source first.
    """
    for source in sources:
        found = {name: source.get(name) or None for name in ("account", "url")}
        if any(found.values()):
            return found
    return {"account": None, "url": None}


def _checked_key(key: Optional[str]) -> str:
    """The key, if it is valid in a header. The text of the error does not contain it."""
    if not key:
        raise OptionError(NO_KEY)
    if not all("!" <= character <= "~" for character in key):
        raise OptionError(
            "api_key: it has white space, control or non-ASCII characters.", "Copy the key again, without line ends."
        )
    return key


def _base_url(account: Optional[str], url: Optional[str]) -> str:
    if url:
        return _checked_url(url)
    if not account:
        raise OptionError(
            "Neither account nor url is set.",
            "Set account (or AIMMS_ACCOUNT) to the account's name, or url (or AIMMS_URL) to the address.",
        )
    if not _ACCOUNT.match(account):
        raise OptionError(
            f"account: '{account}' is not an account's name.", "Give only the part before .aimms.cloud, or use url."
        )
    return f"https://{account.lower()}.aimms.cloud"


def _checked_url(url: str) -> str:
    """``scheme://host[:port][/prefix]`` without a trailing slash."""
    form = "Use https://host[:port][/prefix]."
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OptionError("url: it is not an address.", form) from None
    if "@" in parts.netloc:
        raise OptionError("url: a user name or password in the address is refused.", "The key alone gives access.")
    prefix = parts.path.rstrip("/")
    if port == 0 or parts.scheme not in ("http", "https") or not _HOST.match(host) or not _PREFIX.match(prefix):
        raise OptionError("url: it is not an address of the needed form.", form)
    if parts.query or parts.fragment or any(character.isspace() for character in url.strip()):
        raise OptionError("url: a query, a fragment or white space does not belong there.", form)
    if parts.scheme == "http" and not is_loopback(host):
        raise OptionError(f"url: http:// to {host} would send the key unencrypted.", "Use https://.")
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}{prefix}"


def is_loopback(host: str) -> bool:
    """Whether a name or an address means this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
