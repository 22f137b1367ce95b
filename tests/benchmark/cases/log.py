"""Save the log of one session, 1 GiB of three kinds of text, to a file; compared with curl and a sync of its file."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable

from ...emulator.account.log_texts import SOLVER, TEXTS
from ...emulator.process import EmulatorProcess
from ..bench import Bench, Task, connected, host, noop, on
from ..measure import Contender, Measured
from ..servers import BASE, filled
from ..stopwatch import Broken, Sample

MIB = 1 << 20
_SMALL = MIB


def run(bench: Bench) -> Measured:
    """Goal 8. Each text is saved by curl with a sync, as it is, and redacted. A quick run has one text."""
    size = bench.pick(4 * MIB, 1024 * MIB)
    texts = bench.pick((SOLVER,), tuple(TEXTS))
    title = f"{size // MIB:,} MiB"
    with ExitStack() as stack:
        account = bench.emulator(stack)
        small, *large = filled(account, 1 + len(texts))
        account.update_session(small, log_bytes=_SMALL, log_text=SOLVER)
        contenders: list[Contender | None] = [noop(bench)]
        for text, session_id in zip(texts, large):
            account.update_session(session_id, log_bytes=size, log_text=text)
            if text == SOLVER:
                contenders.append(_curl(bench, account, session_id, text, size, sync=False))
            contenders.append(_curl(bench, account, session_id, text, size, sync=True))
            contenders += _downloads(bench, account, session_id, (text, f"{text}, {title}"), size)
        contenders += _downloads(bench, account, small, ("small", f"{SOLVER}, 1 MiB"), _SMALL)
        return bench.measure(Measured("log", {"mib": size / MIB}), contenders)


def _downloads(
    bench: Bench, account: EmulatorProcess, session_id: str, named: tuple[str, str], size: int
) -> list[Contender | None]:
    """The module, without redaction and with it. ``named``: key and title."""
    target = bench.folder / "log"
    options: dict[str, Any] = {"kind": "webui", "session_ids": [session_id], "dest": str(target), "max_time": 900}
    found: list[Contender | None] = []
    for way, redact in (("plain", False), ("redacted", True)):
        task: Task = {"name": "Save", "aimms.cloud.aimms_session_log_download": connected(**options, redact=redact)}
        run = _kept(bench.play(task, hosts={"one": host(account)}), target, None if redact else size)
        found.append(on(account, f"{way} {named[0]}", f"log_download {way}, {named[1]}", run))
    return found


def _curl(
    bench: Bench, account: EmulatorProcess, session_id: str, text: str, size: int, *, sync: bool
) -> Contender | None:
    """curl to a file, with ``sync`` followed by a sync of it to the disk, as the module does."""
    if not bench.curl:
        return None
    target = bench.folder / "log"
    address = f"{account.url}{BASE}/sessions/webui/{session_id}/logs/download"
    words = ["curl", "-fsS", "-o", str(target), "-H", f"apiKey: {account.admin_key}", address]
    if sync:
        words = ["sh", "-c", '"$@" && sync "$0"', str(target), *words]
    way = "curl and sync" if sync else "curl"
    run = _kept(bench.command(words, ()), target, size)
    return on(account, f"{way} {text}", f"{way}, {text}, {size // MIB:,} MiB", run)


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
