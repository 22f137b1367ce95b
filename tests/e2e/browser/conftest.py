# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report pages in a headless browser. Without a browser these tests are skipped."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

for _parent in Path(__file__).absolute().parents:
    if _parent.name == "ansible_collections" and str(_parent.parent) not in sys.path:
        sys.path.insert(0, str(_parent.parent))

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from ansible_collections.aimms.cloud.plugins.plugin_utils.html_report import page
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync""".split()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A browser with a profile of its own."""
    names = filter(None, (os.environ.get("CHROMIUM"), *BROWSERS))
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.skip(f"there is none of {', '.join(BROWSERS)}")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield running
        running.close()


class Pages:
    """HTML files and their reports, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.reports: dict[str, dict[str, Any]] = {}

    def write(self, name: str, sessions: list[dict[str, Any]], cleanup: Any = None, **more: Any) -> None:
        """Write the page of an account."""
        files = {"json": "acme.json", "csv": "acme.csv"}
        own = {"host": "acme", "written_at": samples.written(samples.NOW), "files": files, **more}
        self.reports[name] = {**overview(sessions, cleanup=cleanup), **own}
        self.write_text(name, page(self.reports[name]))

    def write_text(self, name: str, text: str) -> None:
        """Write a page that is not of one account."""
        (self._folder / f"{name}.html").write_text(text, encoding="utf-8")

    def address(self, name: str) -> str:
        """The file URL of a page."""
        return (self._folder / f"{name}.html").as_uri()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """Pages about a normal, a large, a hostile and an empty account."""
    made = Pages(tmp_path_factory.mktemp("pages"))
    usual, large = samples.sessions(60), samples.sessions(10_000)
    made.write(
        "usual",
        usual,
        samples.cleanup(usual),
        remarks=["The list of sessions is not complete."],
        history=samples.history(30),
    )
    made.write("large", large, samples.cleanup(large))
    made.write("harmful", samples.hostile(), samples.cleanup(samples.hostile()), remarks=list(samples.HOSTILE))
    made.write("empty", [])
    return made


Open = Callable[..., Any]


@pytest.fixture
def show(browser: Any, pages: Pages) -> Iterator[Open]:
    """Open a page. Checks at the end that its console is empty and that it requested nothing else."""
    opened: list[Any] = []
    asked: list[str] = []
    said: list[str] = []

    def begin(name: str, width: int = 1600, scheme: str = "light", **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        opened.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.goto(pages.address(name))
        return tab

    yield begin
    for context in opened:
        context.close()
    assert {url for url in asked if not url.startswith("file:")} == set()
    assert len(asked) == len(opened)
    assert said == []
