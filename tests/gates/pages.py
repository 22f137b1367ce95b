"""The pages of the reports in a real browser, which is installed where that is possible."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .checks import Bench
from .pythons import Python
from .schedule import Failed, Gate, Log, Skipped
from .workspace import BUILD, Space, Venv, requirement_lines

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PACKAGES = ("chromium", "fonts-dejavu-core")


class Pages:
    """Tests of the pages, with an environment of their own: nothing else needs playwright."""

    def __init__(self, python: Python) -> None:
        venv = Venv("browser", python, requirement_lines("tests/requirements/browser.txt"))
        self._bench = Bench(Space("browser"), venv, (python,))

    def gates(self) -> list[Gate]:
        """One gate; it prepares what it needs itself, for without a browser it needs nothing."""
        return [Gate("pages in a browser", "report", "browser", self.check)]

    def check(self, log: Log) -> None:
        """What the page shows, for whom, how fast, and that it asks the network for nothing."""
        browser = _browser(log)
        self._bench.prepare(log)
        variables = {"CHROMIUM": str(browser), "PICTURES": str(BUILD / "pictures")}
        self._bench.pytest(log, "tests/e2e/browser", variables=variables)
        if os.environ.get("PICTURES"):
            self._bench.pytest(log, "tests/e2e/browser/pictures.py", variables=variables)


def _works(path: str) -> bool:
    """Whether it is a browser; some distributions have a stand-in that only tells where to get one."""
    told = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    return told.returncode == 0 and "Chrom" in told.stdout


def _browser(log: Log) -> Path:
    """The browser of this system, installed if there is none and this may be done."""
    for attempt in ("find", "install"):
        if attempt == "install":
            _install(log)
        found = next((path for path in map(shutil.which, BROWSERS) if path and _works(path)), None)
        if found:
            return Path(found)
    raise Skipped("there is no Chromium, and the system has none to install")


def _install(log: Log) -> None:
    """Install the system's Chromium.

    :raises Skipped: where that is not for this user, this system, or this network.
    """
    tool = shutil.which("apt-get")
    if tool is None or os.geteuid() != 0:
        raise Skipped(
            f"there is none of {', '.join(BROWSERS)}, and only root on Debian or Ubuntu can have it installed"
        )
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        log.run([tool, "update", "--quiet"], env=quiet)
        log.run([tool, "install", "--quiet", "--yes", "--no-install-recommends", *_PACKAGES], env=quiet)
    except Failed as problem:
        raise Skipped(f"there is none of {', '.join(BROWSERS)}, and {problem}") from None
