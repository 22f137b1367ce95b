"""Where promtool is, which checks the alerts and the dashboard of extensions/monitoring."""

from __future__ import annotations

import shutil

from .schedule import Log
from .workspace import BUILD

_PACKAGE = "prometheus"  # of Debian and Ubuntu


def promtool(log: Log) -> dict[str, str]:
    """The variable ``PROMTOOL``: the tool of the system, or one unpacked into the build folder, without being root.

    Empty where it cannot be had; the tests that need it are then skipped, and the others read the expressions.
    """
    folder = BUILD / _PACKAGE
    tool = shutil.which("promtool") or str(folder / "usr/bin/promtool")
    if shutil.which(tool):
        return {"PROMTOOL": tool}
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return {}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    unpack = f"apt-get download --quiet {_PACKAGE} && dpkg-deb --extract {_PACKAGE}_*.deb . && rm {_PACKAGE}_*.deb"
    log.run(["sh", "-c", f"{unpack} || true"], cwd=folder)
    return {"PROMTOOL": tool} if shutil.which(tool) else {}
