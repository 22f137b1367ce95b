"""Save the log of one session, 1 GiB, to a file; compared with curl."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable

from ...emulator.process import EmulatorProcess
from ..bench import Bench, Task, connected, host, noop, on
from ..measure import Contender, Measured
from ..servers import BASE, filled
from ..stopwatch import Broken, Sample

MIB = 1 << 20
_SMALL = MIB


def run(bench: Bench) -> Measured:
    """Goal 8."""
    size = bench.pick(4 * MIB, 1024 * MIB)
    target = bench.folder / "log"
    with ExitStack() as stack:
        account = bench.emulator(stack)
        large, small = filled(account, 2)
        account.update_session(large, log_bytes=size)
        account.update_session(small, log_bytes=_SMALL)
        hosts = {"one": host(account)}

        def saved(session_id: str, length: int, *, redact: bool) -> Callable[[], Sample]:
            options: dict[str, Any] = {"kind": "webui", "session_ids": [session_id], "dest": str(target)}
            task: Task = {"name": "Save", "aimms.cloud.aimms_session_log_download": connected(
                **options, redact=redact, max_time=900)}  # fmt: skip
            return _kept(bench.play(task, hosts=hosts), target, None if redact else length)

        address = f"{account.url}{BASE}/sessions/webui/{large}/logs/download"
        words = ["curl", "-fsS", "-o", str(target), "-H", f"apiKey: {account.admin_key}", address]
        title = f"{size // MIB:,} MiB"
        contenders: list[Contender | None] = [
            noop(bench),
            on(account, "curl", f"curl, {title}", _kept(bench.command(words, ()), target, size))
            if bench.curl
            else None,
            _synced(bench, account, words, target, size) if bench.curl else None,
            on(account, "plain", f"log_download as it is, {title}", saved(large, size, redact=False)),
            on(account, "redacted", f"log_download redacted, {title}", saved(large, size, redact=True)),
            on(account, "plain small", "log_download as it is, 1 MiB", saved(small, _SMALL, redact=False)),
            on(account, "redacted small", "log_download redacted, 1 MiB", saved(small, _SMALL, redact=True)),
        ]
        return bench.measure(Measured("log", {"mib": size / MIB}), contenders)


def _synced(bench: Bench, account: EmulatorProcess, words: list[str], target: Path, size: int) -> Contender:
    """curl, followed by a sync of its file to the disk, as the module does."""
    command = bench.command(["sh", "-c", '"$@" && sync "$0"', str(target), *words], ())
    return on(account, "curl sync", f"curl and sync, {size // MIB:,} MiB", _kept(command, target, size))


def _kept(run: Callable[[], Sample], target: Path, length: int | None) -> Callable[[], Sample]:
    """The run, with a check of its file (length, or no secret if redacted), which is then removed."""

    def checked() -> Sample:
        target.unlink(missing_ok=True)
        sample = run()
        found = target.stat().st_size
        with target.open("rb") as stream:
            begin = stream.read(MIB)
        target.unlink()
        if length not in (None, found):
            raise Broken(f"{found} bytes were saved instead of {length}")
        if length is None and (b"--logonToken ********" not in begin or found < MIB // 2):
            raise Broken("the log was not redacted")
        return sample

    return checked
