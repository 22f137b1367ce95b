# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send the figures of a run to a URL, as of a Pushgateway: what is sent where, and what to say when it fails. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional
from urllib.parse import quote, urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError, printable
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import is_loopback
from ansible_collections.aimms.cloud.plugins.module_utils.masking import Masker
from ansible_collections.aimms.cloud.plugins.plugin_utils.role_variables import CLEANUP, truth

OPTIONS = ("metrics_user", "metrics_password", "metrics_validate_certs", "metrics_ca_path")
_NAME = f"{CLEANUP}_metrics_url"
_TIMEOUT = 10  # seconds for each read; the task in roles/ bounds the whole
_TAKEN = [200, 201, 202, 204]


def url_of(place: Mapping[str, Any], given: Any, user: Any = None) -> Optional[str]:
    """The URL for this host, with ``{host}`` and ``{account}`` replaced; None if none is given, and in check mode.

    :param place: as ``place_of`` made it. :param user: who pushes, if that is given.
    :raises OptionError: for what is no such URL, and for one that all hosts of the run would share.
    """
    text = given.strip() if isinstance(given, str) else given
    if text is None or text == "":
        return None
    try:
        parts = urlsplit(str(text))
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise OptionError(f"{_NAME}: it is not a URL.") from None
    if parts.scheme not in ("http", "https") or not host or not str(text).isprintable() or " " in str(text):
        raise OptionError(f"{_NAME}: it must begin with https:// or http:// and a host.")
    if "@" in parts.netloc:
        raise OptionError(
            f"{_NAME}: it must not contain a user or password.",
            f"Set {CLEANUP}_metrics_user and {CLEANUP}_metrics_password instead.",
        )
    if user and parts.scheme == "http" and not is_loopback(host):
        raise OptionError(f"{_NAME}: with {CLEANUP}_metrics_user it must begin with https://.")
    if place["hosts"] > 1 and not any(name in str(text) for name in ("{host}", "{account}")):
        raise OptionError(
            f"{_NAME}: the hosts of this run would overwrite the figures of each other.",
            "Put {account} or {host} into it, such as /metrics/job/aimms_session_cleanup/account/{account}.",
        )
    if place["check_mode"]:
        return None
    names = {"{host}": place["host_stem"], "{account}": place["account"]}
    for name, value in names.items():
        text = str(text).replace(name, quote(value, safe=""))
    return str(text)


def request(url: str, text: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``ansible.builtin.uri``. A redirect is not followed, and netrc not read.

    :param values: of the variables of the role that are ``OPTIONS``.
    :raises OptionError: for a value that cannot be read.
    """
    user, password, checks, ca_path = (values.get(name) for name in OPTIONS)
    access = {"url_username": user, "url_password": password or "", "force_basic_auth": True} if user else {}
    trusted = {"ca_path": ca_path} if ca_path else {}
    return {
        "url": url,
        "method": "PUT",  # at a Pushgateway it replaces what is there: what this run does not know is gone
        "body": text,
        "headers": {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        "status_code": _TAKEN,
        "timeout": _TIMEOUT,
        "follow_redirects": "none",
        "use_netrc": False,
        "validate_certs": checks in (None, "") or truth(checks, f"{CLEANUP}_metrics_validate_certs"),
        **trusted,
        **access,
    }


def warning(url: str, reason: Any, secret: Any = None) -> str:
    """Why the figures were not taken. It has neither the password nor what stands after the host of the URL."""
    parts = urlsplit(url)
    place = f"{parts.scheme}://{parts.netloc}"
    told = Masker(secret).text(str(reason or "no reason was given").replace(url, place))
    return printable(f"The figures were not pushed to {place}: {told[:300]}")
