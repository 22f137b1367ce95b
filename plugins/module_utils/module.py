# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One place that builds a module, runs it, and turns what comes out into a result without the key."""

from __future__ import annotations

from typing import Any, Callable, NoReturn, Optional

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, printable
from ansible_collections.aimms.cloud.plugins.module_utils.http.client import REQUESTS_IMPORT_ERROR
from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import NO_KEY
from ansible_collections.aimms.cloud.plugins.module_utils.masking import Masker
from ansible_collections.aimms.cloud.plugins.module_utils.options import CONNECTION, Spec, refuse_nulls

Run = Callable[[dict[str, Any], bool, Callable[[str], None]], dict[str, Any]]


class _Module(AnsibleModule):
    """A module whose connection options count as not set when empty, and whose errors never hold the key."""

    def _load_params(self) -> None:
        super()._load_params()
        self.nulls = [name for name, value in self.params.items() if value is None]
        for name in CONNECTION:
            if self.params.get(name) == "":
                del self.params[name]

    def log(self, msg: Any, log_args: Optional[dict[str, Any]] = None) -> None:
        """As the base, the key masked: a key within a list is shown by ``repr``, which Ansible's own mask misses."""
        masker = Masker(self.params.get("api_key"))
        shown = {name: masker.text(str(value)) for name, value in (log_args or {}).items()}
        super().log(masker.text(str(msg)), log_args=shown)

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """As the base, the key masked, and a missing key explained."""
        text = f"{msg}. {NO_KEY}" if "missing required arguments" in msg and "api_key" in msg else msg
        masker = Masker(self.params.get("api_key"))
        super().fail_json(msg=masker.text(text), **masker.tree(kwargs))
        raise SystemExit(1)


def run_module(spec: Spec, run: Run, **constraints: Any) -> None:
    """Run a module to its exit.

    :param spec: the module's own options; the connection options are added.
    :param run: takes the options, whether this is check mode, and what to call with a warning; returns the result.
    :param constraints: further arguments of AnsibleModule.
    """
    module = _Module(argument_spec={**CONNECTION, **spec}, supports_check_mode=True, **constraints)
    if REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    masker = Masker(module.params["api_key"])
    warnings: list[str] = []
    result, failure = _outcome(module, run, warnings)
    for warning in warnings:
        module.warn(printable(masker.text(warning)))
    # Outside any except block: a traceback of the error's could hold the key.
    if failure is not None:
        module.fail_json(msg=failure, **result)
    module.exit_json(**masker.tree(result))


def _outcome(module: _Module, run: Run, warnings: list[str]) -> tuple[dict[str, Any], Optional[str]]:
    """The result and, when it failed, what to say."""
    try:
        refuse_nulls(module.nulls)
        return run(module.params, module.check_mode, warnings.append), None
    except AimmsError as error:
        return getattr(error, "result", {}), str(error)
    except Exception as error:  # the text of an unforeseen error may hold anything
        return {}, f"Unexpected {type(error).__name__} in the collection: please report it with what you called."
