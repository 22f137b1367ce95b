# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Returns sessions, for the info module and the lookup. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Callable, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import HttpClient
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import Connection
from ansible_collections.aimms.cloud.plugins.module_utils.models.session import FIELDS
from ansible_collections.aimms.cloud.plugins.module_utils.openapi.roots import DOCUMENT
from ansible_collections.aimms.cloud.plugins.module_utils.options import criteria_from

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager

Connect = Callable[[Mapping[str, Any], Optional[tzinfo]], "SessionManager"]


def session_info(
    params: Mapping[str, Any], warn: Callable[[str], None], connect: Optional[Connect] = None
) -> dict[str, Any]:
    """The result of ``aimms_session_info``.

    :param params: the options of the module. :param warn: called with each warning for the user.
    :param connect: returns the session-manager for the connection options and the zone of times without a zone. None:
        a new one, whose document is read while the code is imported that reads the answers.
    :raises AimmsError: for unusable options, and when the sessions cannot be read.
    """
    order, criteria = _order(params), criteria_from(params)
    if connect is None:
        connect = _begun(params)
    from ansible_collections.aimms.cloud.plugins.module_utils.sessions.answer import answer_of

    return answer_of(connect(params, criteria.zone), criteria, order, params, warn)


def _begun(params: Mapping[str, Any]) -> Connect:
    """Begin to read the server's document. :raises OptionError: for unusable connection options."""
    client = HttpClient(Connection.from_params(params))
    document = client.begin(DOCUMENT)

    def connect(_params: Mapping[str, Any], zone: Optional[tzinfo]) -> SessionManager:
        from ansible_collections.aimms.cloud.plugins.module_utils.api.session_manager import SessionManager

        return SessionManager(client, zone, document)

    return connect


def _order(params: Mapping[str, Any]) -> tuple[str, bool, Optional[int]]:
    """The field to sort by, whether the order is descending, and how many sessions are wanted."""
    sort_by, limit = params.get("sort_by") or "created_at", params.get("limit")
    name = sort_by.lstrip("-")
    if name not in FIELDS or sort_by.count("-") > 1:
        raise OptionError(f"sort_by: '{sort_by}' is not a field of a session.", f"Fields are {', '.join(FIELDS)}.")
    if limit is not None and limit < 0:
        raise OptionError("limit: must not be negative.")
    return name, sort_by.startswith("-"), limit
