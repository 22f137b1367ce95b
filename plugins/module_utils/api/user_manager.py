# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the user-manager: whose the key is, which keys that user has, who other users are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import Any, Optional
from urllib.parse import quote, urlsplit

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, AnswerError, HttpError, OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.http.response import Response
from ansible_collections.aimms.cloud.plugins.module_utils.masking import MASK, Masker
from ansible_collections.aimms.cloud.plugins.module_utils.models.envelope import DEPTH, open_list
from ansible_collections.aimms.cloud.plugins.module_utils.models.field_names import letters_only
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.user_paths import (
    BASE,
    INFO,
    OWN_INFO,
    OWN_KEYS,
    PATHS,
)
from ansible_collections.aimms.cloud.plugins.module_utils.redacted_json import redacted_value
from ansible_collections.aimms.cloud.plugins.module_utils.times.timestamp import Clock, Instant, parse_instant

TASK_API_USER = "/pro-api/v2/users/current"
"""The word of the Task API on the key's user."""
NO_SUCH_ROUTE = (404, 405, 410)

_FIELDS = {
    "name": ("username", "name", "user", "login"),
    "environment": ("environmentname", "environment"),
    "account": ("accountname", "account"),
    "email": ("email", "emailaddress", "mail"),
    "full_name": ("fullname", "displayname"),
    "groups": ("groups", "groupnames", "memberof"),
    "administrator": ("isadmin", "isadministrator", "administrator"),
    "key_name": ("name", "keyname", "displayname", "label"),
    "expires_at": ("expirationdate", "expiresat", "expirydate", "expires", "expiration", "expiry", "validuntil"),
    "scopes": ("scopes", "scope"),
    "used": ("iscurrent", "current"),
}
"""The letters of the names that a field may have, the surest first."""
_MAIL_ADDRESS = re.compile(r"\A[^\s@,;:<>()*\"\\\x00-\x20]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,188}\Z")
_SECRET_NAME = re.compile(r"(?:key|token|secret|password|hash)(?:value|text|string)?\Z|\Avalue\Z")
_WORD_NAMES = ("key", "value")  # of a choice too, whose name is a plain word
_WRAPPER = re.compile(
    r"(?:current|own)?(?:users?|data|results?|response|content|payload|body|items?|records?|info|profile)"
)
_SHORTEST_SECRET = 8
_LEFT_FOR_DOCUMENT = 4  # requests: the document, the answer at its path, and two other questions
_DAY = re.compile(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_LONGEST_TEXT, _MOST_TEXTS = 256, 200
_NO_STEP = re.compile(r"[\x00-\x1f\x7f/\\%?#;{}]|\A\.{0,2}\Z")


@dataclass(frozen=True)
class User:
    """A user, as a service tells of it. None: it does not tell."""

    name: Optional[str] = None
    environment: Optional[str] = None
    account: Optional[str] = None
    email: Optional[str] = None
    full_name: Optional[str] = None
    groups: Optional[tuple[str, ...]] = None
    administrator: Optional[bool] = None


@dataclass(frozen=True)
class ApiKey:
    """A key of a user, never its value. None: the service does not tell. ``used``: it says that this request has it."""

    name: Optional[str] = None
    expires_at: Optional[Instant] = None
    scopes: Optional[tuple[str, ...]] = None
    used: bool = False


class SpentError(AimmsError):
    """No further request may be sent. It was not sent."""


class UserManager:
    """The user-manager of one server. Safe to use from several threads. Secrets in its answers are masked."""

    def __init__(self, client: HttpClient, zone: Optional[tzinfo] = None, most_requests: Optional[int] = None) -> None:
        """Sends nothing.

        :param zone: the zone of times without one (``naive_timezone``). :param most_requests: how many may be sent,
            without retries; all others fail with SpentError.
        """
        self._client, self._zone, self._left = client, zone, most_requests

    @classmethod
    def connect(
        cls, params: Mapping[str, Any], zone: Optional[tzinfo] = None, most_requests: Optional[int] = None
    ) -> UserManager:
        """The user-manager for these options. :raises OptionError: for unusable options."""
        client = HttpClient(Connection.from_params(params), scope="Authentication, APIKey or Tasks")
        return cls(client, zone, most_requests)

    @property
    def account(self) -> Optional[str]:
        """The account that the address names; None for another address, such as that of a proxy."""
        host = (urlsplit(self._client.connection.base_url).hostname or "").lower()
        return host.partition(".")[0] if host.endswith(".aimms.cloud") else None

    def clock(self) -> Clock:
        """The clock of the server, as its last answer told it, and the local one."""
        return self._client.clock()

    def own_info(self) -> User:
        """The user of the key. :raises AimmsError: if the service does not tell."""
        return _user_in(self._read(OWN_INFO))

    def own_info_of_task_api(self) -> User:
        """The user of the key, and whether it is an administrator, as the Task API knows it.

        :raises AimmsError: if the service does not tell.
        """
        return _user_in(self._get(TASK_API_USER, live=True))

    def own_keys(self) -> tuple[Sequence[ApiKey], bool]:
        """The keys of the key's user, and whether these are all of them. :raises AimmsError: without an answer."""
        answer = self._read(OWN_KEYS)
        try:
            opened = open_list(_cleaned(answer), answer.headers)
        except ValueError as error:
            raise AnswerError(f"{answer.request} answered with {error}.") from None
        count = len(opened.records)
        whole = not (opened.partial or opened.next or opened.more) and opened.total in (None, count)
        return [_key_from(record, self._zone) for record in opened.records], whole

    def info(self, account: str, environment: str, name: str) -> Optional[User]:
        """A user; None if there is none of this name.

        :raises OptionError: for a name that cannot be part of an address. Nothing is sent then.
        :raises AimmsError: if the service does not tell.
        """
        steps = {"account": account, "environment": environment, "user": name}
        for step in steps.values():
            if _NO_STEP.search(step) or len(step) > _LONGEST_TEXT:
                raise OptionError(f"'{name}@{environment}' cannot be asked for: it has characters of an address.")
        try:
            user = _user_in(self._read(INFO, steps))
        except HttpError as error:
            if error.status not in NO_SUCH_ROUTE or not error.form:
                raise
            return None
        same = _same(user.name, name) and (user.environment is None or _same(user.environment, environment))
        if not same:
            raise AnswerError("The user-manager answered with another user than the one that was asked for.")
        return user

    def _read(self, what: str, steps: Optional[Mapping[str, str]] = None) -> Response:
        """The answer at the vendor's path or, where there is none, at that of the server's own document."""
        known, other = PATHS[what], None
        try:
            return self._get(_filled(known, steps or {}), live=True)
        except HttpError as error:
            if error.status in NO_SUCH_ROUTE:
                other = self._documented.get(what)
            if other in (None, known):
                raise
        return self._get(_filled(str(other), steps or {}), live=True)

    def _get(self, path: str, *, live: bool = False, static: bool = False) -> Response:
        if self._left is not None:
            if not self._left:
                raise SpentError(f"GET {path} was not sent, as max_requests was reached.")
            self._left -= 1
        return self._client.get(path, live=live, static=static)

    @cached_property
    def _documented(self) -> Mapping[str, str]:
        """The paths of the server's own document; none if it cannot be read, or too few requests are left."""
        if self._left is not None and self._left < _LEFT_FOR_DOCUMENT:
            return {}
        # Imported here: the paths of the vendor's sample are right nearly always.
        from ansible_collections.aimms.cloud.plugins.module_utils.openapi import document, user_paths

        try:
            answer = self._get(f"{BASE}/openapi.yaml", static=True)
            return user_paths.documented_paths(document.Document.parse(answer.body))
        except (AimmsError, document.UnreadableDocument):
            return {}


def _filled(path: str, steps: Mapping[str, str]) -> str:
    for name, value in steps.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def _same(told: Optional[str], asked: str) -> bool:
    return told is not None and told.casefold() == asked.casefold()


def _cleaned(answer: Response) -> Any:
    """The JSON of an answer, the secrets in it masked wherever they stand: keys above all, which are of a user too."""
    tree = answer.json(unique=True)
    return _redacted(Masker([*_secrets_in(tree, DEPTH * 2)]).tree(tree))


def _redacted(value: Any) -> Any:
    """As ``redacted_value``, but a list or an object keeps its place, whatever its name is."""
    if isinstance(value, Mapping):
        return {name: _redacted(item) for name, item in value.items()}
    return [_redacted(item) for item in value] if isinstance(value, list) else redacted_value(value)


def _secrets_in(value: Any, depth: int) -> Iterator[str]:
    """The texts under names of secrets."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            letters = letters_only(name)
            long = isinstance(item, str) and len(item) >= _SHORTEST_SECRET and _SECRET_NAME.search(letters)
            if long and not (letters in _WORD_NAMES and item.isalpha()):
                yield item
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        if depth:
            yield from _secrets_in(item, depth - 1)


def _wrapped(answer: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """The object, and those in it that may be the same thing; others, as its account, are about something else."""
    record = answer[0] if isinstance(answer, list) and len(answer) == 1 else answer
    if isinstance(record, Mapping):
        yield record
        for name, value in record.items() if depth else ():
            if _WRAPPER.fullmatch(letters_only(name)):
                yield from _wrapped(value, depth - 1)


def _user_in(answer: Response) -> User:
    """The user that an answer tells of, bare or in another object. :raises AnswerError: if it tells of none."""
    for record in _wrapped(_cleaned(answer), DEPTH):
        name = _text(record, "name")
        if name is not None:
            break
    else:
        raise AnswerError(f"{answer.request} answered without a user.")
    email, administrator = _text(record, "email"), _value(record, "administrator")
    return User(
        name=name,
        environment=_text(record, "environment"),
        account=_text(record, "account"),
        email=email if email and _MAIL_ADDRESS.match(email) else None,
        full_name=_text(record, "full_name"),
        groups=_texts(record, "groups"),
        administrator=administrator if isinstance(administrator, bool) else None,
    )


def _key_from(record: Mapping[str, Any], zone: Optional[tzinfo]) -> ApiKey:
    return ApiKey(
        name=_text(record, "key_name"),
        expires_at=parse_instant(_begin_of_day(_value(record, "expires_at")), zone),
        scopes=_texts(record, "scopes"),
        used=_value(record, "used") is True,
    )


def _begin_of_day(value: Any) -> Any:
    """A day as its first moment, as a key may expire then; all else as it is."""
    return f"{value}T00:00:00" if isinstance(value, str) and _DAY.match(value) else value


def _value(record: Mapping[str, Any], field: str) -> Any:
    """The value of a field under the surest of its names that has one."""
    values = {letters_only(name): value for name, value in record.items() if value is not None}
    return next((values[name] for name in _FIELDS[field] if name in values), None)


def _text(record: Mapping[str, Any], field: str) -> Optional[str]:
    value = _value(record, field)
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if 0 < len(text) <= _LONGEST_TEXT and text.isprintable() and text != MASK else None


def _texts(record: Mapping[str, Any], field: str) -> Optional[tuple[str, ...]]:
    """The texts of a list, or the names in a list of records; None if it is no list of these."""
    listed = _value(record, field)
    if not isinstance(listed, list) or len(listed) > _MOST_TEXTS:
        return None
    own = _text(record, "environment")
    texts = []
    for one in (one if isinstance(one, Mapping) else {"name": one} for one in listed):
        text, other = _text(one, "key_name"), _text(one, "environment")
        texts.append(f"{text}@{other}" if text and other and own and not _same(other, own) else text)
    return None if None in texts else tuple(text for text in texts if text)
