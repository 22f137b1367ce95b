# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An event source for ansible-rulebook: one event for each session of an AIMMS Cloud account that becomes stale."""

from __future__ import annotations

DOCUMENTATION = r"""
---
short_description: One event for each AIMMS Cloud session that becomes stale
version_added: 1.0.0
description:
  - Looks at an AIMMS Cloud account again and again, and sends one event for each active session that is stale, also for
    those that are stale at the start. While the same session (id, kind and creation) stays stale, its event is repeated
    only after O(repeat_after). If its log or its tasks show that it was at work in the meantime, there is a new event.
    Nothing is changed.
  - Stale are the sessions that M(aimms.cloud.aimms_session_terminate) would end with the same options. If a list is not
    complete, no event is sent.
  - Which events were sent is kept in memory only. After a restart there is a new event for each stale session.
  - An outage is logged and survived; the pauses between two looks grow to a quarter of an hour, or stay O(interval)
    where that is longer. The source ends with one sentence if an option cannot be used, or if the service refuses the
    key at any time (401) or at the start (403), because repeated failed logins may block the account.
  - An event has C(session), a record as M(aimms.cloud.aimms_session_info) returns it, C(url), the address of the
    account, and C(cutoff), what O(older_than) meant at the time.
  - Rulebooks put events into templates. So two braces in a row, or a brace before C(%) or C(#), are separated by a
    blank in texts of the server. There is an event for a session with such an app or owner, but the session is no
    longer recognised by its record.
author: the aimms.cloud contributors (@aimms-cloud)
requirements:
  - requests and ansible-core, for the Python that runs ansible-rulebook
options:
  account:
    description:
      - The name of the AIMMS Cloud account. It gives the address C(https://ACCOUNT.aimms.cloud).
      - Either O(account) or O(url) is needed. If neither is set, E(AIMMS_ACCOUNT) or E(AIMMS_URL) is used. An empty
        string counts as not set, as for all connection options.
    type: str
  url:
    description:
      - The address of the service as C(https://host[:port][/prefix]). It wins over O(account).
      - C(http://) is refused unless the host is a loopback address. If neither is set, E(AIMMS_URL) is used.
    type: str
  api_key:
    description:
      - An API key with the C(Session) scope. Leave it to E(AIMMS_API_KEY); in a rulebook it would be a variable.
    type: str
    required: true
  validate_certs:
    description: Whether to check the certificate of the server. If not set, E(AIMMS_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description: Certificates of the authorities to trust, a file or directory. If not set, E(AIMMS_CA_PATH) is used.
    type: path
  timeout:
    description: Seconds for one request. If not set, E(AIMMS_TIMEOUT) is used.
    type: int
    default: 30
  retries:
    description: How many times a read that failed is tried again. If not set, E(AIMMS_RETRIES) is used.
    type: int
    default: 4
  max_time:
    description: Seconds for one call with all its retries. If not set, E(AIMMS_MAX_TIME) is used.
    type: int
    default: 120
  api_generation:
    description: The generation of the service. If not set, E(AIMMS_API_GENERATION) is used.
    type: str
    choices: [auto, legacy, current]
    default: auto
  page_size:
    description: How many records to ask for at once, from 1 to 1000. If not set, E(AIMMS_PAGE_SIZE) is used.
    type: int
    version_added: 1.1.0
  interval:
    description: The pause between two looks, such as V(5m). A number without a unit is seconds.
    type: str
    default: 5m
  repeat_after:
    description:
      - How long after its event a session that is still stale gets another event, because the action of the first may
        have failed. With V(0s) there is only one event.
    type: str
    default: 1d
    version_added: 1.1.0
  kinds:
    description:
      - The kinds of session. By default all that the server has, except V(external) and V(verify), which are stale only
        if this option names them.
    type: list
    elements: str
    choices: [webui, task, solve, external, verify]
  session_ids:
    description: Only the sessions with these ids.
    type: list
    elements: str
  states:
    description: Only sessions in these states. Sessions that are not active are never stale.
    type: list
    elements: str
  apps:
    description: Only sessions of apps whose name matches one of these shell globs.
    type: list
    elements: str
  app_versions:
    description: Only sessions of app versions that match one of these shell globs.
    type: list
    elements: str
  keep_versions:
    description:
      - Only sessions of older app versions. Of the versions of an app that active sessions use, this many of the newest
        are left out.
    type: int
    version_added: 1.1.0
  owners:
    description: Only sessions of owners (C(user@ENVIRONMENT)) that match one of these shell globs.
    type: list
    elements: str
  older_than:
    description:
      - Only sessions that began longer ago than this, such as V(8h) or V(2d).
      - At least one of O(older_than), O(quiet_for), O(apps), O(owners), O(states) and O(keep_versions) is needed.
    type: str
  newer_than:
    description: Only sessions that began more recently than this.
    type: str
  age_from:
    description: Whether the age counts from the creation of the session or from its start.
    type: str
    choices: [created, started]
    default: created
  quiet_for:
    description:
      - Only sessions whose log has no line newer than this. At each look it costs one request for each session that all
        other options select.
    type: str
  task_activity:
    description:
      - With V(auto), a V(task) session is not stale if one of its tasks is younger than O(older_than) (without that
        option, than O(quiet_for)). This needs a key with the C(Tasks) scope, and one list of the tasks at each look at
        which a V(task) session would be stale. With V(ignore), only the age of the session counts.
    type: str
    choices: [auto, ignore]
    default: auto
    version_added: 1.1.0
  protect_session_ids:
    description: Shell globs of ids for which there are no events. Protections win over every other option.
    type: list
    elements: str
  protect_apps:
    description: Shell globs of apps whose sessions never get an event.
    type: list
    elements: str
  protect_owners:
    description: Shell globs of owners whose sessions never get an event.
    type: list
    elements: str
  naive_timezone:
    description: The time zone of times that the server sends without one.
    type: str
  server_filters:
    description: Query parameters to send along with the listing, as they are.
    type: dict
  max_sessions:
    description:
      - While more sessions than this are stale, no event is sent, and the log says so. If each event ends a session,
        this is the same limit as that of the modules.
    type: int
  max_percent:
    description: The same, for the share of the active sessions of the O(kinds).
    type: int
  max_per_owner:
    description: The same, for the sessions of one owner.
    type: int
"""

EXAMPLES = r"""
- name: End sessions as soon as they are stale
  hosts: localhost
  sources:
    - name: sessions of more than eight hours
      aimms.cloud.stale_sessions:
        account: acme
        older_than: 8h
        protect_owners: ["svc-*"]
        interval: 10m
        max_sessions: 50
  rules:
    - name: End the session
      condition: event.session is defined
      action:
        run_module:
          name: aimms.cloud.aimms_session_terminate
          module_args:
            account: acme
            sessions: ["{{ event.session }}"]
"""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional

if TYPE_CHECKING:
    from ansible_collections.aimms.cloud.plugins.module_utils.sessions.watch import Watch

_COLLECTION = "ansible_collections.aimms.cloud"
_MODULE_UTILS = f"{_COLLECTION}.plugins.module_utils"
_LOG = logging.getLogger("aimms.cloud.stale_sessions")
_RULEBOOK_ARGS = ("eda_feedback_queue",)  # ansible-rulebook adds these to the options

Poll = tuple[list[dict[str, Any]], str, Optional[bool]]
"""Events; the error message, empty without an error; whether a later poll may succeed, None: none must be tried."""


class SourceError(Exception):
    """The source cannot continue. The message is one sentence and never contains the key."""


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Put an event on the queue for each session that becomes stale. Never returns.

    :raises SourceError: for invalid options, if the service refuses them before the first successful poll, or if it
        refuses the key.
    """
    _find_collection()
    watch, mask, failure = _watch(args)
    if watch is None:
        raise SourceError(failure)
    succeeded, failures = False, 0
    while True:
        events, failure, temporary = await _in_thread(lambda: _poll(watch, mask))
        if failure and (temporary is None or not (temporary or succeeded)):
            raise SourceError(failure)
        if failure:
            failures += 1
            _LOG.error("%s The next look is in %g s.", failure, watch.pause(failures))
        elif failures:
            _LOG.warning("%s is watched again.", watch.url)
        if not failure:
            succeeded, failures = True, 0
        for event in events:
            await queue.put(event)
        await asyncio.sleep(watch.pause(failures))


def _find_collection() -> None:
    """Make the collection importable: ansible-rulebook loads this file by path, without Ansible's collection loader.

    :raises SourceError: if the collection or a library that it needs cannot be imported.
    """
    missing = _missing()
    for root in _roots() if missing else ():
        _add_root(root)
        missing = _missing()
        if not missing:
            break
    if missing:
        raise SourceError(f"The Python that runs ansible-rulebook ({sys.executable}) cannot import {missing}.")
    if import_module(f"{_MODULE_UTILS}.http.client").REQUESTS_IMPORT_ERROR:
        raise SourceError(f"The Python that runs ansible-rulebook ({sys.executable}) cannot import requests.")


def _missing() -> str:
    """The name of the module that cannot be imported; empty if there is none."""
    try:
        import_module(f"{_MODULE_UTILS}.sessions.watch")
    except ImportError as error:
        return error.name or str(error)
    return ""


def _roots() -> list[Path]:
    """The folders that contain this collection: first the one of this file, then those of Ansible's search path."""
    own = [parent.parent for parent in Path(__file__).absolute().parents if parent.name == "ansible_collections"]
    given = os.environ.get("ANSIBLE_COLLECTIONS_PATH") or os.environ.get("ANSIBLE_COLLECTIONS_PATHS") or ""
    known = [*given.split(os.pathsep), "~/.ansible/collections", "/usr/share/ansible/collections"]
    roots = [*own, *(Path(entry).expanduser() for entry in known if entry)]
    roots += [root.parent for root in roots if root.name == "ansible_collections"]
    return [root for root in roots if (root / _COLLECTION.replace(".", "/") / "plugins").is_dir()]


def _add_root(root: Path) -> None:
    """Add ``root`` to Python's search path, and to an ``ansible_collections`` that is already imported."""
    sys.path.append(str(root))
    with suppress(ImportError):
        for name in ("ansible_collections", "ansible_collections.aimms"):
            folder = str(root / name.replace(".", "/"))
            path = import_module(name).__path__
            if folder not in path:
                path.append(folder)


def _watch(args: Mapping[str, Any]) -> tuple[Optional[Watch], Callable[[Any], Any], str]:
    """The watch, the function that masks the key in a text or an event, and an empty message.

    For invalid options there is no watch, and the message tells why.
    """
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    from ansible_collections.aimms.cloud.plugins.module_utils.decoding.other_names import rename
    from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, printable
    from ansible_collections.aimms.cloud.plugins.module_utils.http.connection import NO_KEY, address_from
    from ansible_collections.aimms.cloud.plugins.module_utils.masking import Masker
    from ansible_collections.aimms.cloud.plugins.module_utils.options import (
        CONNECTION,
        environment,
        read_names,
        refuse_nulls,
    )
    from ansible_collections.aimms.cloud.plugins.module_utils.sessions.watch import WATCH, Watch

    unset = {name for name in CONNECTION if args.get(name) in (None, "")} | {*_RULEBOOK_ARGS}
    given = {name: value for name, value in args.items() if name not in unset}
    masker = Masker(given.get("api_key") or os.environ.get("AIMMS_API_KEY"))
    try:
        if twice := rename(WATCH, given):
            raise twice
        refuse_nulls([name for name, value in given.items() if value is None])
        address = address_from(given, environment())
        checked = ArgumentSpecValidator(WATCH).validate({**given, **read_names(WATCH, given), **address})
        if not checked.error_messages:
            return Watch(checked.validated_parameters), masker.tree, ""
        text = ". ".join(checked.error_messages)
        failure = NO_KEY if "missing required" in text and "api_key" in text else text
    except AimmsError as error:
        failure = str(error)
    except Exception as error:  # its text may contain anything, also the key
        failure = f"Unexpected {type(error).__name__} while the options were read."
    return None, masker.tree, printable(masker.text(failure))


def _poll(watch: Watch, mask: Callable[[Any], Any]) -> Poll:
    """List the sessions once. Never raises."""
    from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError, printable
    from ansible_collections.aimms.cloud.plugins.module_utils.sessions.watch import key_is_refused, may_succeed_later

    try:
        events = watch.look(lambda text: _LOG.warning("%s", printable(mask(text))))
        return [mask(event) for event in events], "", True
    except AimmsError as error:
        return [], printable(mask(str(error))), None if key_is_refused(error) else may_succeed_later(error)
    except Exception as error:  # its text may contain anything, also the key
        return [], f"Unexpected {type(error).__name__} in the collection: please report it.", True


async def _in_thread(work: Callable[[], Poll]) -> Poll:
    """Run ``work`` in a daemon thread: with asyncio's executor, a shutdown would wait for a slow request."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Poll] = loop.create_future()

    def settle(result: Poll) -> None:
        if not done.done():
            done.set_result(result)

    def run() -> None:
        result = work()
        with suppress(RuntimeError):  # the loop is closed: the source has ended
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=run, name="stale_sessions", daemon=True).start()
    return await done
