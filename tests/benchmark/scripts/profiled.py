"""Where a module's processor time goes, by part: profiled.py MODULE SESSIONS LATENCY_MS (Python 3.11 or older).

MODULE is `info` (lists all, returns the stale ones) or `terminate` (ends all). Each thread is profiled by its own
processor time, so that waiting counts nothing; Python 3.12 can profile only one thread at a time.
"""

from __future__ import annotations

import contextlib
import cProfile
import io
import json
import os
import pstats
import re
import sys
import threading
import time
import tracemalloc
from collections import Counter
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_TREE = ROOT.parents[2]
_PACKAGE = re.compile(r"(?:site-packages|module_utils|python3\.\d+)/([a-z_0-9]+)")
_SHOWN = 14


def main() -> None:
    """Print the parts, the most expensive first; with PROFILE_MEMORY the places that hold most at the end instead."""
    which, count, latency = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    sys.path[:0] = [str(_TREE), str(ROOT)]
    from tests.benchmark.servers import STALE, filled
    from tests.emulator.process import EmulatorProcess

    listing = which == "info"
    with EmulatorProcess(sessions=count if listing else 0, seed=1, latency_ms=latency) as account:
        options = dict(STALE) if listing else {"kinds": ["webui"], "older_than": "24h", "max_sessions": count}
        if not listing:
            options["concurrency"] = 16
            filled(account, count)
        _run(f"aimms_session_{which}", {"url": account.url, "api_key": account.admin_key, **options})


def _run(name: str, options: dict[str, object]) -> None:
    from ansible.module_utils import basic

    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
    with contextlib.suppress(ImportError, AttributeError):
        basic._ANSIBLE_PROFILE = "legacy"  # newer ansible-cores ask how results are written
    if os.environ.get("PROFILE_MEMORY"):
        tracemalloc.start()
    profiles = [cProfile.Profile(time.thread_time)]
    plain = threading.Thread.run

    def profiled(thread: threading.Thread) -> None:
        if os.environ.get("PROFILE_MEMORY"):
            return plain(thread)
        profiles.append(cProfile.Profile(time.thread_time))
        return profiles[-1].runcall(plain, thread)

    threading.Thread.run = profiled  # type: ignore[method-assign]  # every thread of the module is profiled
    said, begun = io.StringIO(), time.perf_counter()
    module = import_module(f"ansible_collections.aimms.cloud.plugins.modules.{name}")
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        module.main() if os.environ.get("PROFILE_MEMORY") else profiles[0].runcall(module.main)
    seconds = time.perf_counter() - begun
    threading.Thread.run = plain  # type: ignore[method-assign]  # as it was
    answer = json.loads(said.getvalue())
    if answer.get("failed"):
        raise SystemExit(str(answer.get("msg")))
    print(f"{name}: {len(answer['sessions']):,} returned, {seconds:.2f} s")
    _memory() if os.environ.get("PROFILE_MEMORY") else _shares(profiles)


def _shares(profiles: list[cProfile.Profile]) -> None:
    parts: Counter[str] = Counter()
    for profile in profiles:
        profile.create_stats()
    stats = pstats.Stats(*profiles)
    for (path, _line, name), (_calls, _all, own, _below, _callers) in stats.stats.items():  # type: ignore[attr-defined]  # typeshed leaves it out
        found = _PACKAGE.search(path)
        parts[found.group(1) if found else name.strip("<>")] += own
    total = sum(parts.values())
    print(f"{total:.2f} s of processor time in {len(profiles)} threads")
    for part, own in parts.most_common(_SHOWN):
        print(f"  {100 * own / total:5.1f} %  {own:7.2f} s  {part[:60]}")


def _memory() -> None:
    held, peak = tracemalloc.get_traced_memory()
    print(f"{peak / 2**20:.1f} MiB at most, {held / 2**20:.1f} MiB at the end")
    for row in tracemalloc.take_snapshot().statistics("filename")[:_SHOWN]:
        print(f"  {row.size / 2**20:6.1f} MiB  {row.traceback[0].filename.split('site-packages/')[-1][-60:]}")


if __name__ == "__main__":
    main()
