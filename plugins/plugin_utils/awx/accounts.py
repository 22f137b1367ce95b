# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of the inventory and credentials of AWX: one account has one host, and its key goes nowhere else. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional
from urllib.parse import urlsplit

import yaml

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.plugin_utils.awx.variables import PREFIX, Values, wrong

Hosts = dict[str, dict[str, Any]]
ENCRYPTED = "$encrypted$"
"""What AWX shows instead of a secret, and keeps when it gets it."""


def address(variables: Mapping[str, Any]) -> str:
    """The host that answers for ``aimms_account`` and ``aimms_url``, which wins; empty if there is neither."""
    url, account = (str(variables.get(f"aimms_{name}") or "").strip().lower() for name in ("url", "account"))
    if url:
        return urlsplit(url).netloc.rpartition("@")[2].removesuffix(":443")
    return f"{account}.aimms.cloud" if account else ""


def ambient(environment: Mapping[str, str]) -> dict[str, str]:
    """The account of the environment, as variables of a host."""
    found = {f"aimms_{name}": environment.get(f"AIMMS_{name.upper()}", "").strip() for name in ("account", "url")}
    return {name: value for name, value in found.items() if value}


def hosts(values: Values, environment: Mapping[str, str], there: Sequence[Mapping[str, Any]]) -> Hosts:
    """The variables of the hosts that are to be, with those that AWX has.

    :param there: the hosts of the inventory. What somebody added to one of them is kept.
    :raises OptionError: for a host without an account, for two of one account, for one that AWX has for another one.
    """
    before: Hosts = {str(one["name"]): variables_of(one) for one in there}
    given = _given(values, environment)
    found: Hosts = {}
    for name, variables in given.items():
        was, known = address(before.get(name, {})), before.get(name, {})
        merged = {**known, **variables}
        if not address(merged):
            merged["aimms_account"] = name
        if was and was != address(merged):
            raise OptionError(
                f"The host {name} is {was} in AWX, and would become {address(merged)}.",
                f"Name another host in {PREFIX}accounts, or change that host in AWX.",
            )
        found[name] = merged
    _check_unique({**before, **found})
    return found


def _given(values: Values, environment: Mapping[str, str]) -> Hosts:
    if values["accounts"] is None:
        own = ambient(environment)
        if values["inventory_source"] or not own:
            return {}
        return {own.get("aimms_account") or address(own): dict(own)}
    found: Hosts = {}
    for name, variables in values["accounts"].items():
        if not isinstance(variables or {}, Mapping):
            raise wrong(f"{PREFIX}accounts: {name}", "a mapping", variables)
        if "aimms_api_key" in (variables or {}):
            raise OptionError(f"aimms_awx_accounts: {name} has aimms_api_key.", "A key belongs into a credential.")
        found[name] = dict(variables or {})
    return found


def variables_of(one: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of a host, which AWX has as YAML or JSON."""
    text = one.get("variables")
    try:
        read = yaml.safe_load(text) if isinstance(text, str) else text
    except yaml.YAMLError:
        return {}
    return dict(read) if isinstance(read, Mapping) else {}


def _check_unique(every: Hosts) -> None:
    seen: dict[str, str] = {}
    for name, variables in sorted(every.items()):
        where = address(variables)
        if not where:
            raise OptionError(
                f"The host {name} of the inventory does not say which account it is.",
                f"Give it in {PREFIX}accounts, as {{{name}: {{aimms_account: ...}}}}, or delete it in AWX.",
            )
        if "{{" in where:  # only a job knows it
            continue
        account = str(variables.get("aimms_account") or "").strip().lower()
        for key in filter(None, (where, account and f"{account}.aimms.cloud")):
            if seen.setdefault(key, name) != name:
                raise OptionError(
                    f"The hosts {seen[key]} and {name} are one account ({key}): its sessions would be counted twice.",
                    "Keep one of them.",
                )


def credential(values: Values, environment: Mapping[str, str], there: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    """The credential that the templates get; None if there is none. It never has a secret.

    ``id`` is None for one that is to be made. ``inputs`` are all fields but the secret, and None where nothing of the
    credential is to change; ``secret`` is its field for the key, and ``write`` says whether it is written.

    :param there: ``credentials`` of the two types, and ``named``, all that bear the name that was given.
    :raises OptionError: for a name that there is not, or twice, and for a key of another account.
    """
    key, keys = (bool(environment.get(name, "").strip()) for name in ("AIMMS_API_KEY", "AIMMS_ACCOUNTS_FILE"))
    if key and keys:
        raise OptionError("Both AIMMS_API_KEY and AIMMS_ACCOUNTS_FILE are set.", "Unset one of them.")
    if values["credential"]:
        found = _named(values["credential"], there)
        if not (values["update_secrets"] and (key or keys)):
            return {**found, "inputs": None, "write": False}
        if found["kind"] != ("account" if key else "accounts"):
            raise OptionError(f"The credential {found['name']} is of the type {found['kind']}: its key is not changed.")
    elif key or keys:
        found = _own(values, environment, there, "account" if key else "accounts")
    else:
        return None
    return _written(found, values, environment)


def _named(name: str, there: Mapping[str, Any]) -> dict[str, Any]:
    own = [one for one in there["credentials"] if one["name"] == name]
    if len(own) == 1:
        return _shown(own[0], there)
    why = "is there twice" if own else "is of another type" if there["named"] else "is not there"
    known = ", ".join(sorted({one["name"] for one in there["credentials"]})) or "none"
    raise OptionError(
        f"aimms_awx_credential: the credential '{name}' {why}.", f"Of the types of this collection there are: {known}."
    )


def _own(values: Values, environment: Mapping[str, str], there: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The credential of the set-up, with the name of its account; one of an earlier version has another name."""
    account, prefix = ambient(environment), values["prefix"]
    name, former = f"{prefix}keys", None
    if kind == "account":
        if not account:
            raise OptionError("AIMMS_API_KEY is set, and neither AIMMS_ACCOUNT nor AIMMS_URL: whose key is it?")
        name, former = f"{prefix}key {account.get('aimms_account') or address(account)}", f"{prefix}key"
    shown = [_shown(one, there) for one in there["credentials"] if one["name"] in (name, former)]
    shown = [one for one in shown if one["kind"] == kind and one["organization"] in (None, there["organization"])]
    exact = [one for one in shown if one["name"] == name]
    old = [one for one in shown if one["name"] == former and one["address"] == address(account)]
    new: dict[str, Any] = {"id": None, "name": name, "kind": kind, "inputs": {}, "address": "", "organization": None}
    return (exact or old or [new])[0]


def _shown(one: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    inputs = dict(one.get("inputs") or {})
    fields = {f"aimms_{name}": inputs.get(name) for name in ("account", "url")}
    found = {"id": one["id"], "name": one["name"], "organization": one.get("organization"), "inputs": inputs}
    return {**found, "kind": there["kinds"][one["credential_type"]], "address": address(fields)}


def _written(found: dict[str, Any], values: Values, environment: Mapping[str, str]) -> dict[str, Any]:
    secret = "api_key" if found["kind"] == "account" else "accounts"
    write = found["id"] is None or values["update_secrets"]
    inputs = dict(found["inputs"])
    if found["kind"] == "account":
        own = {name.removeprefix("aimms_"): value for name, value in ambient(environment).items()}
        where = address({f"aimms_{name}": value for name, value in {**inputs, **own}.items()})
        if found["address"] and where != found["address"]:
            raise OptionError(
                f"The credential {found['name']} is for {found['address']}, and the key given is for {where}.",
                "One credential is for one account.",
            )
        inputs.update(own)
        found = {**found, "address": where}
    changed = write or {**inputs, secret: ENCRYPTED} != {**found["inputs"], secret: ENCRYPTED}
    has = inputs.pop(secret, None) is not None  # it has none where AWX gets it from an external source
    return {**found, "inputs": inputs if changed else None, "secret": secret, "write": write, "has": has}


def check_reach(found: Optional[Mapping[str, Any]], every: Hosts) -> None:
    """:raises OptionError: for a key to one account that jobs of another one would get."""
    if found is None or found["kind"] != "account":
        return
    if not found["address"]:
        if len(every) > 1:
            raise OptionError(
                f"The credential {found['name']} does not say which account it is for, and there are "
                f"{len(every)} hosts.",
                "Give it the account in AWX, or use a credential of the type for many accounts.",
            )
        return
    other = {name: where for name, one in sorted(every.items()) for where in [address(one)] if "{{" not in where}
    other = {name: where for name, where in other.items() if where != found["address"]}
    if other:
        told = ", ".join(f"{name} ({where})" for name, where in other.items())
        raise OptionError(
            f"The credential {found['name']} is for {found['address']}, and the inventory has other accounts: {told}.",
            "Use a credential of the type for many accounts, or another aimms_awx_prefix for each account.",
        )


def unlisted(text: str, every: Hosts) -> list[str]:
    """The hosts that have no line ``HOST: KEY`` in the file for a credential of many accounts."""
    listed = {line.partition(":")[0].strip() for line in text.splitlines() if line.partition(":")[2].strip()}
    return sorted(set(every) - listed)
