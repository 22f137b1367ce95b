# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells who owners are: name, e-mail address and groups, as far as the key may read them. Nothing is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.api.user_manager import User, UserManager
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    OptionError,
    TransportError,
    shown,
)
from ansible_collections.aimms.cloud.plugins.module_utils.options import names_from
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

_CONCURRENCY = 8
_MOST_FAILURES = 3
_MOST_REASONS = 3


class _Directory:
    """Reads users until the service shows that it tells nothing: repeated failed logins would block the account."""

    def __init__(self, api: UserManager) -> None:
        self._api = api
        self._answered, self._failures, self._stopped = False, 0, ""
        self.reasons: Counter[str] = Counter()

    def read(self, owners: list[str]) -> list[Optional[User]]:
        """The users, None for each that the service does not tell. Why is in ``reasons``."""
        account = self._account() if owners else ""
        if account is None:
            self.reasons[self._stopped] += len(owners)
            return [None] * len(owners)

        def read(owner: str) -> Optional[User]:
            return self._read(account, owner)

        first = [read(owner) for owner in self._until_answered(owners)]
        with WorkerPool(_CONCURRENCY) as workers:
            return first + workers.map(read, owners[len(first) :])

    def _until_answered(self, owners: list[str]) -> Iterator[str]:
        """One after the other, until the service has told one."""
        for owner in owners:
            if self._answered:
                return
            yield owner

    def _account(self) -> Optional[str]:
        try:
            return self._api.account or self._api.own_info().account or ""
        except AimmsError as error:
            self._stopped = str(error)
            return None

    def _read(self, account: str, owner: str) -> Optional[User]:
        name, _at, environment = owner.rpartition("@")
        if not name or not account:
            missing = "it is not user@ENVIRONMENT" if account else "the name of the account is not known"
            self.reasons[f"{missing}, which the address of a user needs."] += 1
            return None
        if self._stopped:
            self.reasons[self._stopped] += 1
            return None
        try:
            user = self._api.info(account, environment, name)
        except AimmsError as error:
            self._note(error)
            return None
        self._answered = True
        return user or User()

    def _note(self, error: AimmsError) -> None:
        """Count a failure. A wrong key, no answer at all, or no user told after some tries: nothing more is asked."""
        wrong_key = isinstance(error, HttpError) and error.status == 401
        self._failures += not isinstance(error, OptionError)
        nothing_told = self._failures >= _MOST_FAILURES and not self._answered
        if wrong_key or nothing_told or (isinstance(error, TransportError) and error.retryable):
            self._stopped = str(error)
        self.reasons[str(error)] += 1


def user_info(params: Mapping[str, Any], warn: Callable[[str], None]) -> dict[str, Any]:
    """The result of ``aimms_user_info``.

    :param params: the options of the module. :param warn: called with each warning for the user.
    :raises OptionError: for unusable options; nothing else, as who an owner is must stop no cleanup.
    """
    owners = list(dict.fromkeys(names_from(params["owners"], "owners") or ())) if params["owners"] else []
    directory = _Directory(UserManager.connect(params))
    found = directory.read(owners)
    missing = sum(1 for user in found if user is None)
    if missing:
        reasons = [shown(reason, 400) for reason, _number in directory.reasons.most_common(_MOST_REASONS)]
        warn(f"The user-manager does not tell {missing} of {len(owners)} owners: {' '.join(reasons)}")
    return {
        "users": [_record(owner, user or User()) for owner, user in zip(owners, found)],
        "count": len(owners),
        "complete": not missing,
    }


def _record(owner: str, user: User) -> dict[str, Any]:
    groups = None if user.groups is None else list(user.groups)
    return {"owner": owner, "email": user.email, "full_name": user.full_name, "groups": groups}
