# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which protections and names of a selection match no session at all, as one that is misspelled. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.aimms.cloud.plugins.module_utils.decoding.name_match import matches
from ansible_collections.aimms.cloud.plugins.module_utils.errors import shown
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import Session
from ansible_collections.aimms.cloud.plugins.module_utils.selection import Criteria, protected

OPTIONS = ("protect_session_ids", "protect_apps", "protect_owners")
_FILTERS = {"apps": "app_name", "app_versions": "app_version", "owners": "owner"}
"""The options that select by names, and the field of a session that each is compared with."""
_MOST_NAMES = 5
_NOBODY = "\x00@\x00"


class Unmatched:
    """The protections and filters that match none of the sessions seen so far. Give it each session that is listed.

    A session whose owner or app is not known is protected by every name, so it does not tell whether one is right.
    Safe to use from several threads.
    """

    def __init__(self, criteria: Criteria) -> None:
        self._all = [(name, glob) for name in OPTIONS for glob in getattr(criteria, name)]
        self._matched: set[tuple[str, str]] = set()
        self._every = _only(self._all)
        self._filters = {(name, glob): None for name in _FILTERS for glob in getattr(criteria, name) or ()}
        self._seen: set[tuple[object, ...]] = set()

    def __call__(self, session: Session) -> Session:
        """The session, after it was looked at."""
        told = tuple(getattr(session, field) for field in _FILTERS.values())
        names = (self._every.protect_session_ids and session.id, session.app_names, session.owner_names, *told)
        if names in self._seen:  # the names may be many, and so may be the sessions of one owner
            return session
        self._seen.add(names)
        for name, glob in tuple(self._filters):
            if matches(getattr(session, _FILTERS[name]), (glob,)):
                self._filters.pop((name, glob), None)
        if protected(session, self._every):
            known = {name for name in OPTIONS if not protected(session, _only([(name, _NOBODY)]))}
            left = [one for one in self._all if one[0] in known and one not in self._matched]
            self._matched.update(one for one in left if protected(session, _only([one])))
        return session

    @property
    def protections(self) -> list[str]:
        """The protections without a match, as they were given."""
        return list(dict.fromkeys(glob for name, glob in self._all if (name, glob) not in self._matched))

    @property
    def warnings(self) -> list[str]:
        """A sentence for each filter with names without a match. Where there is no session, nothing is odd."""
        texts = []
        for option in _FILTERS if self._seen else ():
            names = [f"'{shown(glob)}'" for name, glob in self._filters if name == option]
            if names:
                told = ", ".join(names[:_MOST_NAMES])
                if len(names) > _MOST_NAMES:
                    told += f" and {len(names) - _MOST_NAMES} more"
                texts.append(f"{option}: no session matches {told}.")
                if option == "owners":
                    texts[-1] += " An owner is user@ENVIRONMENT."
        return texts


def _only(protections: Sequence[tuple[str, str]]) -> Criteria:
    """Criteria with only these protections, given as option and glob."""
    ids, apps, owners = (tuple(glob for name, glob in protections if name == option) for option in OPTIONS)
    return Criteria(protect_session_ids=ids, protect_apps=apps, protect_owners=owners)
