# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds a module, runs it, and returns its result or error without the key."""

from __future__ import annotations

from typing import Any, Callable, NoReturn, Optional

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, OptionError, printable
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import REQUESTS_IMPORT_ERROR
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import NO_KEY, address_from
from ansible_collections.aimms.cloud.plugins.module_utils.masking import Masker
from ansible_collections.aimms.cloud.plugins.module_utils.options import (
    CONNECTION,
    Spec,
    environment,
    read_names,
    read_records,
    refuse_nulls,
)

Run = Callable[[dict[str, Any], bool, Callable[[str], None]], dict[str, Any]]


class _Module(AnsibleModule):
    """A module that treats empty connection options as not set, and masks the key in its log and errors."""

    def _load_params(self) -> None:
        from ansible_collections.aimms.cloud.plugins.module_utils.decoding.other_names import rename

        super()._load_params()
        self.is_for_role = self.params.pop("_remarks", False)  # a role tells the warnings, in its own words
        self.refusal = rename(self.argument_spec, self.params)
        self.nulls = [name for name, value in self.params.items() if value is None]
        self.params = {name: value for name, value in self.params.items() if value != "" or name not in CONNECTION}
        self.params.update(address_from(self.params, environment()))
        for name, entry in self.argument_spec.items():
            try:
                self.params.update(read_names({name: entry}, self.params) | read_records({name: entry}, self.params))
                if "options" in entry:
                    from ansible_collections.aimms.cloud.plugins.module_utils.rules.reading import read_rules

                    read_rules({name: entry}, self.params)
            except OptionError as error:  # told by run_module: Ansible's own checks come first, and need a list here
                self.refusal = self.refusal or error
                self.params[name] = []

    def log(self, msg: Any, log_args: Optional[dict[str, Any]] = None) -> None:
        """Log with the key masked, also inside a list, whose ``repr`` Ansible's own mask does not search."""
        masker = Masker(self.params.get("api_key"))
        super().log(masker.text(str(msg)), masker.tree({name: str(value) for name, value in (log_args or {}).items()}))

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """Fail with the key masked; explain how to set a missing key."""
        text = f"{msg}. {NO_KEY}" if "missing required arguments" in msg and "api_key" in msg else msg
        masker = Masker(self.params.get("api_key"))
        super().fail_json(msg=masker.text(text), **masker.tree(kwargs))
        raise SystemExit(1)


def run_module(spec: Spec, run: Run, **constraints: Any) -> None:
    """Run a module and exit.

    :param spec: the module's own options; the connection options are added.
    :param run: called with the options, whether check mode is on, and a function for warnings; returns the result.
    :param constraints: further arguments of AnsibleModule.
    """
    module = _Module(argument_spec={**CONNECTION, **spec}, supports_check_mode=True, **constraints)
    if REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    masker = Masker(module.params["api_key"])
    warnings: list[str] = []
    result, failure = _outcome(module, run, warnings)
    tell = result.setdefault("remarks", []).append if module.is_for_role else module.warn
    for warning in warnings:
        tell(printable(masker.text(warning)))
    # Not in an except block: the traceback of the error could contain the key.
    if failure is not None:
        module.fail_json(msg=failure, **result)
    module.exit_json(**masker.tree(result))


def _outcome(module: _Module, run: Run, warnings: list[str]) -> tuple[dict[str, Any], Optional[str]]:
    """The result and, if it failed, the error text."""
    try:
        refuse_nulls(module.nulls)
        if module.refusal:
            raise module.refusal
        return run(module.params, module.check_mode, warnings.append), None
    except AimmsError as error:
        return getattr(error, "result", {}), str(error)
    except Exception as error:  # do not show its text: it may contain anything
        return {}, f"Unexpected {type(error).__name__} in the collection: please report it with what you called."
