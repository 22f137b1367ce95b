# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owner and app of a record that tells them in several fields: the best name, and every text that may be one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, Optional

Texts = tuple[str, ...]

_ID = re.compile(r"\A\{?(?:[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?\Z", re.ASCII | re.IGNORECASE)
_DOMAIN = re.compile(r"[@_](?=[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\Z)", re.ASCII)
_INNER = re.compile(r"(?:[\\/:|<]|\b(?:cn|uid)=)([^\\/:|<>=,]+)(?=\Z|[>,])", re.IGNORECASE)  # /users/jane, CN=jane,OU=x
_SIGN = re.compile(r"[^\w@=<>-](?=\w)")  # ROOT.jane, ROOT;jane: what follows may be the user
_LONGEST = 256  # of a text that is looked at sign by sign


class Names(NamedTuple):
    """``best``: the name, or an id where there is no name; None for neither.

    ``all``: every text that may name it, for protections, which must not rely on the best guess. None among them: a
    name may be missing, as only an id is told. A text that ends in ``@`` is of a user whose environment is not told.
    ``environment``: of an owner, where it is told by itself.
    """

    best: Optional[str]
    all: tuple[Optional[str], ...]
    environment: Optional[str] = None


@lru_cache(maxsize=4096)
def owner_names(names: Texts, ids: Texts, others: Texts, environments: Texts) -> Names:
    """The owner as ``user@ENVIRONMENT``.

    :param names: texts of the fields that name the user, the most certain first. :param ids: those that should have
        an id. :param others: those that may name the user. :param environments: as ``names``, for the environment.
    """
    user, environment = _best(names, ids), _best(environments)
    every: list[Optional[str]] = []
    for text in (*names, *ids, *others):
        forms = _forms(text, environments)
        every += [*forms, *(with_environment(form, name) for form in forms for name in environments)]
        if all(map(_ID.match, environments)) and ("@" not in text or _DOMAIN.search(text)):
            every += [f"{form}@" for form in forms]
    return Names(with_environment(user, environment), _with_doubt(every, user, names), environment)


@lru_cache(maxsize=4096)
def owner_parts(owner: Optional[str], environment: Optional[str]) -> tuple[Optional[str], Optional[str]]:
    """User and environment of an owner. ``environment``: as it is told by itself.

    Where it is not, what follows the last ``@`` is one, unless it may be the domain of a mail address.
    """
    user, _at, end = (owner or "").rpartition("@")
    is_environment = end.lower() == environment.lower() if environment else not _DOMAIN.search(f"@{end}")
    return (user, environment or end) if user and end and is_environment else (owner, environment)


@lru_cache(maxsize=4096)
def app_names(names: Texts, ids: Texts, others: Texts, version: Optional[str]) -> Names:
    """The app; arguments as for ``owner_names``. Each name counts with the version and without it."""
    app = _best(names, ids)
    every: list[Optional[str]] = []
    for text in [*names, *ids, *others]:
        bare = text[: -len(version)].rstrip(" -_/@:(vV") if version and text.endswith(version) else ""
        every += [text, *([f"{text} {version}"] if version else []), *([bare] if bare else [])]
        every += _INNER.findall(text) + _INNER.findall(bare)
    return Names(app, _with_doubt(every, app, names))


def with_environment(user: Optional[str], environment: Optional[str]) -> Optional[str]:
    """``user@ENVIRONMENT``; only the user if the environment is not told, or stands there already."""
    if not user or not environment or user.lower().endswith(f"@{environment.lower()}"):
        return user
    return f"{user}@{environment}"


def either(texts: tuple[Optional[str], ...], others: tuple[Optional[str], ...]) -> tuple[Optional[str], ...]:
    """The texts of two reads of one record; what is in doubt by one of them only is told by the other."""
    both = dict.fromkeys([*texts, *others])
    certain = any(all(text and not text.endswith("@") for text in told) for told in (texts, others))
    return tuple(text for text in both if not certain or (text and not text.endswith("@")))


def _best(names: Texts, ids: Texts = ()) -> Optional[str]:
    """The first text that is not an id; else the first one."""
    texts = [*names, *ids]
    return next((text for text in texts if not _ID.match(text) and not text.isdigit()), texts[0] if texts else None)


def _with_doubt(texts: Iterable[Optional[str]], best: Optional[str], names: Texts) -> tuple[Optional[str], ...]:
    """The texts, each once, and None if the best is too long, or no name: not even digits in a field for names."""
    is_name = best and len(best) <= _LONGEST and not _ID.match(best) and (best in names or not best.isdigit())
    return tuple(dict.fromkeys([*texts, *([] if is_name else [None])]))


def _forms(user: str, environments: Texts) -> list[str]:
    """The user, also alone, without environment or domain, and ``jane_acme.com`` as the mail address it was made of."""
    near = user if len(user) <= _LONGEST else ""
    ends = [near[sign.end() :].rstrip(")]}") for sign in _SIGN.finditer(near.partition("@")[0])]
    told = [re.escape(one) for one in environments if len(one) < len(near)]
    alone = [re.sub(rf"\A{one}[\W_]+|[\W_]+{one}\Z", "", near, flags=re.I) for one in told]
    wholes = (user, *ends, *alone, *_INNER.findall(user))
    texts = [text for whole in wholes for text in (whole, whole.rpartition("@")[0])]
    forms = [form for text in texts for form in (text, _DOMAIN.sub("@", text), _DOMAIN.split(text)[0])]
    return [text for text in dict.fromkeys(forms) if text]
