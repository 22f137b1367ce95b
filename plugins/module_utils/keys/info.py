# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells whose the key is, what it may do and when it expires, as far as the services tell. Nothing is changed."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable, Optional, TypeVar

from ansible_collections.aimms.cloud.plugins.module_utils.api.user_manager import (
    ApiKey,
    User,
    UserManager,
)
from ansible_collections.aimms.cloud.plugins.module_utils.errors import (
    AimmsError,
    HttpError,
    OptionError,
    TransportError,
)
from ansible_collections.aimms.cloud.plugins.module_utils.options import zone_from
from ansible_collections.aimms.cloud.plugins.module_utils.times.duration import parse_duration
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant

_DAY = 86400
_PARTS = {
    "keys": ("key_name", "scopes", "expires_at"),
    "user and groups": ("user", "environment", "groups"),
    "administrator": ("administrator",),
}
"""What is told by which answer."""
_ROOT, _ADMINISTRATORS = "root", {"admin", "admin@root"}
T = TypeVar("T")


class _Questions:
    """What is asked of the services, until one of them shows that it is of no use."""

    def __init__(self, seconds: float) -> None:
        """:param seconds: after so many no further request is sent."""
        self._until = time.monotonic() + seconds
        self._stopped = ""
        self.not_told: list[str] = []

    def ask(self, what: str, ask: Callable[[], T]) -> Optional[T]:
        """What the service tells; None if it does not, and why is in ``not_told``."""
        if not self._stopped and time.monotonic() >= self._until:
            self._stopped = "the time for it was over."
        if not self._stopped:
            try:
                return ask()
            except AimmsError as error:
                self._note(what, error)
                return None
        self.not_told.append(f"{what}: not asked, as {self._stopped}")
        return None

    def _note(self, what: str, error: AimmsError) -> None:
        """A wrong key is not tried again, as failed logins block the account; nor is a server that does not answer."""
        self.not_told.append(f"{what}: {error}")
        if isinstance(error, HttpError) and error.status == 401:
            self._stopped = "the key was refused."
        elif isinstance(error, TransportError) and error.retryable:
            self._stopped = "the server did not answer."


def key_info(params: Mapping[str, Any], warn: Callable[[str], None]) -> dict[str, Any]:
    """The result of ``aimms_key_info``.

    :param params: the options of the module. :param warn: called with each warning for the user.
    :raises OptionError: for unusable options; nothing else, as whose the key is must stop no cleanup.
    """
    if params["max_requests"] < 1:
        raise OptionError(f"max_requests: must be at least 1, not {params['max_requests']}.")
    given = params.get("warn_within")
    within = None if given is None else parse_duration(given, "warn_within")
    api = UserManager.connect(params, zone_from(params.get("naive_timezone")), params["max_requests"])
    questions = _Questions(params["max_time"])
    listed = questions.ask("keys", api.own_keys)
    user = questions.ask("user and groups", api.own_info) or User()
    known = questions.ask("administrator", api.own_info_of_task_api) or User()
    agreed = _same_user(user, known)
    if not agreed:
        here, there = (f"{one.name}@{one.environment}" for one in (user, known))
        questions.not_told.append(f"administrator: the user-manager tells of {here}, the Task API of {there}.")
    now = api.clock()
    candidates, unclear = _candidates(listed, now)
    expires_at = _common([key.expires_at for key in candidates])
    scopes = _common([None if key.scopes is None else tuple(sorted(key.scopes)) for key in candidates])
    found = {
        "user": user.name or known.name,
        "environment": user.environment or known.environment,
        "groups": None if user.groups is None else list(user.groups),
        "administrator": _administrator(user, known) if agreed else None,
        "key_name": candidates[0].name if len(candidates) == 1 else None,
        "scopes": None if scopes is None else list(scopes),
        "expires_at": None if expires_at is None else expires_at.iso(),
        "expires_in_days": None if expires_at is None else _days_until(expires_at, now),
        "not_told": questions.not_told,
    }
    questions.not_told += _reasons(found, questions.not_told, unclear)
    told = [unclear] if within is None else _alarms(found, candidates, now, within)
    for text in filter(None, told):
        warn(text)
    return found


def _reasons(found: Mapping[str, Any], given: Sequence[str], unclear: str) -> Iterator[str]:
    """Why values are null, where ``given`` does not say it. :param unclear: what is wrong with the keys."""
    for part, names in _PARTS.items():
        missing = [name for name in names if found[name] is None]
        if missing and not any(reason.startswith(f"{part}:") for reason in given):
            text = f"the service does not tell {', '.join(missing)}, or in no form that is read."
            yield f"{part}: {unclear if part == 'keys' and unclear else text}"


def _alarms(found: Mapping[str, Any], keys: Sequence[ApiKey], now: Clock, within: int) -> Iterator[str]:
    """What a cleanup is to be warned of. :param keys: one of these is used. :param within: seconds."""
    if found["administrator"] is False:
        owner = f"{found['user']}@{found['environment']}" if found["environment"] else found["user"]
        yield (
            f"The API key belongs to {owner or 'a user'}, who is not an administrator: "
            "it sees only the sessions of that user."
        )
    for key in sorted((key for key in keys if key.expires_at), key=lambda key: key.expires_at or Instant(0.0)):
        if key.expires_at and key.expires_at.seconds - now.latest <= within:
            what = "The API key" if len(keys) == 1 else f"One of the {len(keys)} API keys of this user"
            days = _days_until(key.expires_at, now)
            if days < 0:
                yield f"{what} expired at {key.expires_at.iso()}: replace it now."
                return
            left = "less than a day" if days == 0 else "1 day" if days == 1 else f"{days} days"
            yield f"{what} expires in {left}, at {key.expires_at.iso()}: replace it before then."
            return


def _candidates(listed: Optional[tuple[Sequence[ApiKey], bool]], now: Clock) -> tuple[Sequence[ApiKey], str]:
    """The keys that may be the one that was used, none if these are not known, and a warning.

    Which of several it is is not guessed: what all of them have in common is known all the same.
    """
    if listed is None:
        return (), ""
    keys, whole = listed
    used = [key for key in keys if key.used]
    if len(used) == 1:
        return used, ""
    if not whole:
        return (), "The service does not list all keys of this user: what the key may do, and until when, is not known."
    usable = [key for key in keys if not _has_expired(key, now)]
    if len(usable) > 1:
        return usable, (
            f"The user of the key has {len(usable)} keys, and the service does not tell which of them is used: only "
            f"what all of them have in common is returned.{_first_expiry(usable, now)}"
        )
    return usable, "" if usable else "The service lists no key of this user that has not expired."


def _has_expired(key: ApiKey, now: Clock) -> bool:
    """Whether it could not have been used just now, whatever clock is right."""
    return key.expires_at is not None and key.expires_at.seconds + key.expires_at.margin < now.earliest - _DAY


def _first_expiry(keys: Sequence[ApiKey], now: Clock) -> str:
    times = [key.expires_at for key in keys if key.expires_at]
    verb = "expired" if times and _days_until(min(times), now) < 0 else "expires"
    return f" The first of them {verb} at {min(times).iso()}." if times else ""


def _common(values: Sequence[Optional[T]]) -> Optional[T]:
    """The value, if all are the same one."""
    return values[0] if values and all(value == values[0] for value in values) else None


def _same_user(user: User, known: User) -> bool:
    """Whether nothing shows that two services tell of two users, as where one of them answers from a cache."""
    pairs = ((user.name, known.name), (user.environment, known.environment))
    return all(one is None or other is None or one.casefold() == other.casefold() for one, other in pairs)


def _administrator(user: User, known: User) -> Optional[bool]:
    return known.administrator if known.administrator is not None else _is_administrator(user)


def _is_administrator(user: User) -> Optional[bool]:
    """By the groups: administrators are in the group Admin of ROOT. Elsewhere that name may mean anything."""
    if not user.groups:
        return None
    if not _ADMINISTRATORS.intersection(group.casefold() for group in user.groups):
        return False
    return True if (user.environment or "").casefold() == _ROOT else None


def _days_until(instant: Instant, now: Clock) -> int:
    """Whole days that are left, by the clock that leaves fewer; negative if it is over."""
    return math.floor((instant.seconds - now.latest) / _DAY)
