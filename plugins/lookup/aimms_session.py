# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: aimms_session
short_description: List AIMMS Cloud sessions in a template
version_added: 1.0.0
description:
  - The same query as M(aimms.cloud.aimms_session_info), as a lookup. Never changes anything.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.connection.plugin
  - aimms.cloud.selection
  - aimms.cloud.query
options:
  _terms:
    description: The kinds of session, as O(kinds). By default all that the server has.
    type: list
    elements: str
notes:
  - Use it with C(query), which always gives a list. C(lookup) gives the session itself instead of a list where it finds
    exactly one. C(length) then counts its fields, and a loop goes through them.
  - A listing that is not complete gives a warning.
  - An API key in a variable named C(aimms_api_key) is found by itself. Never write a key into a template.
  - The server's OpenAPI document and the connection are kept as long as the process lives, for the same connection
    options; results never are. Ansible runs each task in a process of its own, so many lookups cost least within one
    template or one loop.
  - For numbers alone, M(aimms.cloud.aimms_session_info) with O(aimms.cloud.aimms_session_info#module:limit=0) returns
    its RV(aimms.cloud.aimms_session_info#module:counts) and no sessions.
seealso:
  - module: aimms.cloud.aimms_session_info
"""

EXAMPLES = r"""
- name: The ids of WebUI sessions older than eight hours
  ansible.builtin.debug:
    msg: "{{ query('aimms.cloud.aimms_session', 'webui', older_than='8h') | map(attribute='id') }}"

- name: How many sessions run, returning no more of each than its id
  ansible.builtin.debug:
    msg: "{{ query('aimms.cloud.aimms_session', states=['running'], fields=['id'], account='acme') | length }}"
"""

RETURN = r"""
_list:
  description: The selected sessions, as RV(aimms.cloud.aimms_session_info#module:sessions).
  type: list
  elements: dict
"""

import os
from configparser import ConfigParser
from typing import Any, Optional

from ansible import constants
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, OptionError, printable, shown
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import REQUESTS_IMPORT_ERROR
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import NO_KEY, address_from
from ansible_collections.aimms.cloud.plugins.module_utils.masking import Masker
from ansible_collections.aimms.cloud.plugins.module_utils.options import (
    CONNECTION,
    QUERY,
    environment,
    read_names,
    refuse_nulls,
)
from ansible_collections.aimms.cloud.plugins.module_utils.sessions.info import session_info
from ansible_collections.aimms.cloud.plugins.plugin_utils.client_cache import ClientCache

display = Display()
CLIENTS = ClientCache()
"""Clients of the servers that this process has queried."""


class LookupModule(LookupBase):
    """The lookup ``aimms.cloud.aimms_session``."""

    def run(self, terms: list[str], variables: Optional[dict[str, Any]] = None, **kwargs: Any) -> list[dict[str, Any]]:
        """The selected sessions.

        :raises AnsibleLookupError: with a message that never contains the key.
        """
        sessions, failure = self._query(terms, variables or {}, kwargs)
        # Not raised in an except block: its __context__ would be the original error, whose text may contain the key.
        if failure is not None:
            CLIENTS.clear()
            raise AnsibleLookupError(failure)
        return sessions

    def _query(
        self, terms: list[str], variables: dict[str, Any], kwargs: dict[str, Any]
    ) -> tuple[list[dict[str, Any]], Optional[str]]:
        """The sessions and None, or an empty list and the error message."""
        from ansible_collections.aimms.cloud.plugins.module_utils.decoding.other_names import rename

        keys = [kwargs.get("api_key"), variables.get("aimms_api_key"), os.environ.get("AIMMS_API_KEY")]
        masker = Masker(keys)
        try:
            known = self._connection_variables(variables)
            masker = Masker(keys, known.get("aimms_api_key"))
            if REQUESTS_IMPORT_ERROR:
                return [], "The Python library requests is missing on the controller: install it for Ansible's Python."
            if twice := rename(QUERY, kwargs):
                raise twice
            refuse_nulls([name for name, value in kwargs.items() if value is None])
            params = self._all_options(terms, known, kwargs)
            masker = Masker(keys, known.get("aimms_api_key"), params["api_key"])
            result = session_info(params, lambda text: display.warning(printable(masker.text(text))), CLIENTS.connect)
            return masker.tree(result["sessions"]), None
        except AimmsError as error:
            return [], masker.text(str(error))
        except AnsibleError as error:
            text = masker.text(str(error))
            return [], NO_KEY if "required" in text.lower() and "api_key" in text else text
        except Exception as error:  # its text may contain anything, also the key
            return [], f"Unexpected {type(error).__name__} in aimms.cloud.aimms_session: please report it."

    def _connection_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        """The non-empty variables of the connection options, templated: one may refer to another, as in a vault."""
        given = {name: variables[name] for name in map("aimms_{}".format, CONNECTION) if name in variables}
        known = {name: self._templar.template(value) if self._templar else value for name, value in given.items()}
        return {name: value for name, value in known.items() if value != ""}

    def _all_options(self, terms: list[str], known: dict[str, Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """All options. An empty connection option counts as not set, wherever it comes from.

        :raises OptionError: for an invalid option.
        """
        if terms and "kinds" in kwargs:
            raise OptionError("Give the kinds as terms or as kinds, not both.")
        direct = {name: value for name, value in kwargs.items() if not (name in CONNECTION and value == "")}
        if terms:
            direct["kinds"] = terms
        direct.update(read_names(QUERY, direct))
        for name, value in direct.items():
            _check_option(name, value)
        for option in CONNECTION.values():
            if os.environ.get(option["fallback"][1][0]) == "":
                del os.environ[option["fallback"][1][0]]
        self.set_options(var_options=known, direct=direct)
        _check_certs(direct.get("validate_certs"), known.get("aimms_validate_certs"))
        options = dict(self.get_options())
        written = {name: known.get(f"aimms_{name}") for name in CONNECTION}
        return {**options, **address_from(direct, written, environment(), options)}


def _check_certs(*given: Any) -> None:
    """See ``_check_boolean``: false would accept any certificate.

    :param given: the direct value, then the variable's. After these count the environment and the configuration file.
    """
    config = ConfigParser(inline_comment_prefixes=(";",), interpolation=None, strict=False)
    config.read(getattr(constants, "CONFIG_FILE", None) or ())
    sources = (
        *given,
        os.environ.get("AIMMS_VALIDATE_CERTS"),
        config.get("aimms_cloud", "validate_certs", fallback=None),
    )
    _check_boolean("validate_certs", next((value for value in sources if value not in (None, "")), True))


def _check_boolean(name: str, value: Any) -> None:
    """:raises OptionError: for what is neither true nor false. Ansible reads that as false."""
    try:
        boolean(value)
    except TypeError:
        raise OptionError(f"{name}: '{shown(str(value))}' is neither true nor false.") from None


def _check_option(name: str, value: Any) -> None:
    """Raise OptionError for an unknown option or choice. Ansible ignores unknown options of a lookup."""
    options = {**CONNECTION, **QUERY}
    if name not in options:
        raise OptionError(f"'{name}' is not an option of this lookup.", f"Options are {', '.join(sorted(options))}.")
    choices: list[str] = options[name].get("choices", [])
    for item in value if isinstance(value, list) else [value]:
        if choices and item not in choices:
            raise OptionError(f"{name}: '{item}' is not one of {', '.join(choices)}.")
    if options[name]["type"] == "bool" and name not in CONNECTION:
        _check_boolean(name, value)
