"""The documentation site: the guides of docs/docsite, the pages of docs, and one page for each plugin and role."""

from __future__ import annotations

import re
import shutil
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from .schedule import Failed, Gate, Log
from .workspace import BUILD

if TYPE_CHECKING:
    from .checks import Bench

COLLECTION = "aimms.cloud"
_KINDS = {
    "module": "plugins/modules/aimms_*.py",
    "lookup": "plugins/lookup/aimms_*.py",
    "filter": "plugins/filter/*.py",
    "role": "roles/*/README.md",
}
SITE = BUILD / "docs"
_ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
_ELSEWHERE = {
    "action_plugins": ("plugins/action.html", "Action plugins"),
    "common_return_values": ("reference_appendices/common_return_values.html", "Common return values"),
    "ansible_configuration_settings": ("reference_appendices/config.html", "Ansible configuration settings"),
    "ansible_collections.ansible.builtin.stat_module": (
        "collections/ansible/builtin/stat_module.html",
        "ansible.builtin.stat",
    ),
}
"""Labels of Ansible's own documentation that the pages refer to; so a build needs no network to resolve them."""

_REPOSITORY = "https://github.com/aimms/aimms.cloud/blob/main"
"""Where pages of docs point to for what is no page of the site."""

_SOURCE = _REPOSITORY.removesuffix("/blob/main")
_WHERE = {
    "https://galaxy.ansible.com/ui/repo/published/{namespace}/{name}/": _SOURCE,
    "ansible-galaxy collection install {namespace}.{name}": f"ansible-galaxy collection install git+{_SOURCE}.git",
}
"""What antsibull-docs says of Galaxy, where the collection is not, and what is so."""

_SETTINGS = f"""

# What this project adds to what antsibull-docs made.
extensions = ["sphinx.ext.intersphinx", "myst_parser", "sphinx_antsibull_ext"]
intersphinx_mapping = {{"ansible": ({_ANSIBLE!r}, "ansible.inv")}}
highlight_language = "yaml"
myst_heading_anchors = 3
html_title = "aimms.cloud"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_copyright = False
smartquotes_action = "D"  # messages stand with the quotes that the code has
"""

_OPTION_NAME = re.compile(r'(class="ansible-option-title"[^>]*><strong>)(\w+)(?=</strong>)')


def _inventory() -> bytes:
    """The labels of _ELSEWHERE as Sphinx's inventory of another site (version 2)."""
    rows = [f"{label} std:label -1 {page} {title}\n" for label, (page, title) in sorted(_ELSEWHERE.items())]
    head = "# Sphinx inventory version 2\n# Project: ansible\n# Version: \n"
    head += "# The remainder of this file is compressed using zlib.\n"
    return head.encode() + zlib.compress("".join(rows).encode())


def _reference(project: Path, kind: str) -> list[str]:
    """A line of the table of contents for each module, lookup, filter or role; the steps of the roles have none."""
    paths = sorted(path for path in project.glob(_KINDS[kind]) if not (project / "plugins/action" / path.name).exists())
    names = [path.parent.name if kind == "role" else path.stem for path in paths]
    return [f"   {name} <collection/{name}_{kind}>" for name in names]


def _examples(folder: Path) -> str:
    """The page of the examples, with all of them on it."""
    text = re.sub(r"\]\((\w+)\.yml\)", r"](#\1yml)", (folder / "README.md").read_text())
    playbooks = sorted(folder.glob("*.yml"))
    return text + "".join(f"\n## {path.name}\n\n```yaml\n{path.read_text()}```\n" for path in playbooks)


def lay_out(project: Path, site: Path) -> None:
    """Complete what ``antsibull-docs sphinx-init`` made in ``site`` with this project's pages and settings."""
    source = project / "docs/docsite/site"
    shutil.copytree(source / "static", site / "static", dirs_exist_ok=True)
    pages = site / "rst/pages"
    pages.mkdir(exist_ok=True)
    named = []
    for path in sorted((project / "docs").glob("*.md")):
        (pages / path.name).write_text(path.read_text().replace("](../", f"]({_REPOSITORY}/"))
        named.append(f"   pages/{path.stem}")
    (pages / "examples.md").write_text(_examples(project / "docs/examples"))
    named.insert(0, "   pages/examples")
    index = (source / "index.rst").read_text().replace("   (pages)", "\n".join(named))
    for kind in _KINDS:
        index = index.replace(f"   ({kind}s)", "\n".join(_reference(project, kind)))
    (site / "rst/index.rst").write_text(index)
    (site / "rst/ansible.inv").write_bytes(_inventory())
    settings = site / "antsibull-docs.cfg"
    told = settings.read_text()
    for said, true in _WHERE.items():
        if said not in told:
            raise Failed(f"antsibull-docs no longer says: {said}")
        told = told.replace(said, true)
    settings.write_text(told)
    with (site / "conf.py").open("a") as stream:
        stream.write(_SETTINGS)


class Docs:
    """The site, built in .build/docs."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def gates(self) -> list[Gate]:
        """One gate, in a lane of its own."""
        first = Gate("environment of the documentation", "docs", "docs", self._bench.prepare, prepares=True)
        return [first, Gate("docs site", "docs", "docs", self.site)]

    def site(self, log: Log) -> None:
        """Every page without a warning; a page for each module, lookup, filter, role and guide."""
        shutil.rmtree(SITE, ignore_errors=True)
        reference = SITE / "rst/collection"
        SITE.mkdir(mode=0o755, parents=True)
        common = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir")
        look = ("--sphinx-theme", "furo", "--project", COLLECTION, "--title", COLLECTION)
        self._bench.run(log, "antsibull-docs", "sphinx-init", *common, SITE, *look, COLLECTION)
        lay_out(self._bench.space.collection, SITE)
        reference.mkdir(mode=0o755)
        settings = ("--config-file", SITE / "antsibull-docs.cfg")
        clean = ("--cleanup", "everything")
        self._bench.run(log, "antsibull-docs", *settings, "collection", *clean, *common, reference, COLLECTION)
        index = reference / "index.rst"  # all pages are in the site's own table of contents
        index.write_text(f":orphan:\n\n{index.read_text()}")
        build = ("-W", "--keep-going", "-b", "html", "-c", SITE, "-d", SITE / "doctrees")
        self._bench.run(log, "sphinx-build", *build, SITE / "rst", SITE / "html", cwd=SITE)
        for page in (SITE / "html/collection").glob("*.html"):
            text = page.read_text()
            page.write_text(_OPTION_NAME.sub(lambda found: found[1] + found[2].replace("_", "_<wbr>"), text))
        pages = len(list((SITE / "html").rglob("*.html")))
        missing = [kind for kind in _KINDS if not list((SITE / "html/collection").glob(f"*_{kind}.html"))]
        if missing:
            raise Failed(f"no page was made for any {missing[0]}")
        log.show(f"  {pages} pages: {(SITE / 'html/index.html').relative_to(BUILD.parent)}")
