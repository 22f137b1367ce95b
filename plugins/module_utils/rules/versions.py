# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which versions of an app are older than its newest ones, of those that are in use. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cmp_to_key
from itertools import groupby, zip_longest

from ansible_collections.aimms.cloud.plugins.module_utils.errors import shown
from ansible_collections.aimms.cloud.plugins.module_utils.selection import AppVersion

_PART = re.compile(r"[0-9]+|[^0-9.\-_+\s]+")
_NUMBER = re.compile(r"[0-9]")
_SIGN = re.compile(r"v(?=[0-9])")


def outdated(
    in_use: Iterable[AppVersion], others: Iterable[AppVersion], newest: int
) -> tuple[set[AppVersion], list[str]]:
    """The versions that are older than the ``newest`` ones in use of their app, each with the app; and warnings.

    Where the order of two versions is not certain, none of the app is old. Further ones in use make none younger.

    :param in_use: those of active sessions: a version that was withdrawn makes no other one old.
    :param others: what else may be old.
    """
    by_app: dict[str, set[str]] = {}
    used = {one for one in in_use if all(one)}
    for app, version in (*used, *filter(all, others)):
        by_app.setdefault(app, set()).add(version)
    found: set[AppVersion] = set()
    warnings = []
    for app, versions in sorted(by_app.items()):
        if len(versions) <= newest:
            continue
        try:
            ranks = _ranked(versions)
        except _NoOrderError as error:
            warnings.append(f"keep_versions: all sessions of {shown(app)} are kept, as {error}.")
            continue
        counted = [number for number, rank in enumerate(ranks) if any((app, version) in used for version in rank)]
        old = ranks[: counted[-newest]] if len(counted) >= newest else []
        found.update((app, version) for rank in old for version in rank)
    return found, warnings


class _NoOrderError(Exception):
    """Two versions of which neither is certain to be the older one."""


def _ranked(versions: Iterable[str]) -> list[list[str]]:
    """The versions, the oldest first; those that differ only in how they are written are one.

    :raises _NoOrderError: when their order is not certain. A sort compares each two that end up side by side.
    """
    key = cmp_to_key(_compared)
    return [list(alike) for _key, alike in groupby(sorted(sorted(versions), key=key), key)]


def _compared(first: str, second: str) -> int:
    """Negative if the first is older, 0 if both are the same version: ``22.1.0`` is older than ``24.1.10``."""
    for one, other in zip_longest(_parts(first), _parts(second), fillvalue="0"):
        if one == other:
            continue
        if not (_NUMBER.match(one) and _NUMBER.match(other)):
            raise _NoOrderError(f"it is not certain which is newer, {shown(first)} or {shown(second)}")
        return -1 if (len(one), one) < (len(other), other) else 1
    return 0


def _parts(version: str) -> Sequence[str]:
    """The numbers, without leading zeros, and the words of a version."""
    return [part.lstrip("0") or "0" for part in _PART.findall(_SIGN.sub("", version, count=1))]
