"""Run a module in one process, for a profiler: profiled.py info|terminate SESSIONS LATENCY_MS.

`info` lists all sessions and returns the stale ones, `terminate` ends all. `profiled.py parts FILE` sums up the
collapsed stacks of py-spy by the innermost module of the collection, or else by package. With PROFILE_MEMORY it prints
the memory of objects by file at the end. docs/profiles.md has the commands.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
import time
import tracemalloc
from collections import Counter
from importlib import import_module
from pathlib import Path

_TREE = Path(__file__).resolve().parents[6]
_WHERE = re.compile(r"(?:module_utils|site-packages|python3\.\d+)/([A-Za-z_0-9]+)")
_OURS = re.compile(r"cloud/plugins/module_utils/([a-z_]+)\.py")
_SHOWN = 16


def main() -> None:
    """Run the module, or sum up stacks."""
    which = sys.argv[1]
    if which == "parts":
        _parts(Path(sys.argv[2]).read_text().splitlines())
        return
    count, latency, listing = int(sys.argv[2]), float(sys.argv[3]), which == "info"
    sys.path.insert(0, str(_TREE))
    from ansible_collections.aimms.cloud.tests.benchmark.servers import STALE, filled
    from ansible_collections.aimms.cloud.tests.emulator.process import EmulatorProcess

    with EmulatorProcess(sessions=count if listing else 0, seed=1, latency_ms=latency) as account:
        options: dict[str, object] = dict(STALE) if listing else {"kinds": ["webui"], "older_than": "24h"}
        if not listing:
            options |= {"concurrency": 16, "max_sessions": count}
            filled(account, count)
        _run(f"aimms_session_{which}", {"url": account.url, "api_key": account.admin_key, **options})


def _run(name: str, options: dict[str, object]) -> None:
    from ansible.module_utils import basic

    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
    if hasattr(basic, "_ANSIBLE_PROFILE"):
        basic._ANSIBLE_PROFILE = "legacy"
    if os.environ.get("PROFILE_MEMORY"):
        tracemalloc.start()
    said, begun = io.StringIO(), time.perf_counter()
    module = import_module(f"ansible_collections.aimms.cloud.plugins.modules.{name}")
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        module.main()
    seconds, work = time.perf_counter() - begun, time.process_time()
    answer = json.loads(said.getvalue())
    if answer.get("failed"):
        raise SystemExit(str(answer.get("msg")))
    print(f"{name}: {len(answer['sessions']):,} returned, {seconds:.2f} s, {work:.2f} s of processor time")
    if tracemalloc.is_tracing():
        _memory()


def _parts(lines: list[str]) -> None:
    """Print the samples by module of the collection, and by package below it."""
    parts: Counter[str] = Counter()
    for line in lines:
        stack, _space, count = line.rpartition(" ")
        frames = stack.split(";")
        own = [found.group(1) for frame in frames if (found := _OURS.search(frame))]
        if "_find_and_load (" in stack:
            parts["imports"] += int(count)
        elif own:
            last = _WHERE.search(frames[-1])
            package = last.group(1) if last and not _OURS.search(frames[-1]) else ""
            parts[f"{own[-1]}, in {package}" if package and package != "site" else own[-1]] += int(count)
    total = sum(parts.values())
    for part, number in parts.most_common(_SHOWN):
        print(f"  {100 * number / total:5.1f} %  {part}")


def _memory() -> None:
    held, peak = tracemalloc.get_traced_memory()
    print(f"{peak / 2**20:.1f} MiB at most, {held / 2**20:.1f} MiB at the end")
    for row in tracemalloc.take_snapshot().statistics("filename")[:_SHOWN]:
        print(f"  {row.size / 2**20:6.1f} MiB  {row.traceback[0].filename.split('site-packages/')[-1][-60:]}")


if __name__ == "__main__":
    main()
