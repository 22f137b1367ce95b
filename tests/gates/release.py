"""Make a release of what is committed: `python3 -m tests.gates.release 1.2.3`, or `make release VERSION=1.2.3`.

The version is written, the changelog is made of its fragments, the options are recorded, all this is committed and
tagged, and the package is built from the tag. Nothing leaves this machine.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from .checks import Bench
from .plan import lint_bench
from .pythons import choose, find
from .schedule import Failed, Log
from .workspace import BUILD, COLLECTION, LOGS, ROOT

FOLDER = BUILD / "release"
_VERSION = re.compile(r"\A\d+\.\d+\.\d+\Z")
_ADDED = re.compile(r"""(?m)^(\s*version_added: *)(["']?)(\d+\.\d+\.\d+)\2$""")
_DOCUMENTED = ("plugins", "roles", "extensions")
RECORDER = "tests/unit/public_interface.py"
RECORD = "tests/unit/released/{}.yml"


def git(*words: str | Path) -> str:
    """What git says in the project."""
    command = ["git", "-c", f"safe.directory={ROOT}", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def refuse(version: str) -> str:
    """Why no release of this version can be made now; empty when it can."""
    if not _VERSION.match(version):
        return f"'{version}' is not a version such as 1.2.3."
    if git("status", "--porcelain"):
        return "There are changes that are not committed."
    if git("tag", "--list", f"v{version}"):
        return f"There is a tag v{version} already."
    if not list((ROOT / "changelogs/fragments").glob("*.yml")):
        return "There is nothing to release: changelogs/fragments is empty."
    return ""


def write_version(version: str) -> None:
    """Set the version, and that of everything that was added since the last release."""
    settings = ROOT / "galaxy.yml"
    settings.write_text(re.sub(r"(?m)^version: .*$", f"version: {version}", settings.read_text()))
    released = set(re.findall(r"(?m)^  (\d+\.\d+\.\d+):$", (ROOT / "changelogs/changelog.yaml").read_text()))
    for path in (path for folder in _DOCUMENTED for path in sorted((ROOT / folder).rglob("*"))):
        if path.suffix not in (".py", ".yml"):
            continue
        text = path.read_text()
        new = _ADDED.sub(lambda found: found[0] if found[3] in released else f"{found[1]}{version}", text)
        if new != text:
            path.write_text(new)


def prepared_bench(log: Log) -> Bench:
    """The environment with the tools, and a copy of the project as it is now."""
    bench = lint_bench(choose(find())[-1])
    bench.prepare(log)
    return bench


def write_changelog(bench: Bench, log: Log) -> None:
    """Make the changelog of the fragments, which it uses up. Done in the copy, as it lists the plugins by Ansible."""
    bench.run(log, "antsibull-changelog", "release", "--reload-plugins")
    copy = bench.space.collection
    for name in ("CHANGELOG.md", "changelogs/changelog.yaml"):
        shutil.copyfile(copy / name, ROOT / name)
    for fragment in (ROOT / "changelogs/fragments").glob("*.yml"):
        if not (copy / "changelogs/fragments" / fragment.name).exists():
            fragment.unlink()
    bench.run(log, "antsibull-changelog", "lint")


def write_record(version: str, bench: Bench, log: Log) -> None:
    """Record the options, choices and return values of the release: what is not among them counts as new later."""
    bench.run(log, "python", "-B", RECORDER, version)
    record = RECORD.format(version)
    shutil.copyfile(bench.space.collection / record, ROOT / record)


def build(version: str, bench: Bench, log: Log) -> Path:
    """Build the package from the tag. Returns its path."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    source = FOLDER / COLLECTION
    source.mkdir(parents=True)
    archive = FOLDER / "source.tar"
    git("archive", "--output", archive, f"v{version}")
    shutil.unpack_archive(archive, source)
    archive.unlink()
    bench.run(log, "ansible-galaxy", "collection", "build", "--output-path", FOLDER, source, cwd=FOLDER)
    shutil.rmtree(FOLDER / COLLECTION.parts[0])
    return next(FOLDER.glob(f"*-{version}.tar.gz"))


def main() -> int:
    """Exit status: 0 when the release is committed, tagged and built."""
    version = sys.argv[1] if len(sys.argv) == 2 else ""
    problem = refuse(version)
    if problem:
        print(f"No release: {problem}", file=sys.stderr)
        return 2
    log = Log(LOGS / "release.log")
    try:
        write_version(version)
        bench = prepared_bench(log)
        write_changelog(bench, log)
        write_record(version, bench, log)
        git("add", "--all")
        git("commit", "--quiet", "--message", f"Release {version}")
        git("tag", "--annotate", "--message", f"aimms.cloud {version}", f"v{version}")
        print(f"Tagged v{version}. The package is {build(version, bench, log).relative_to(ROOT)}")
    except Failed as failure:
        print(f"No release: {failure}; see {log.path.relative_to(ROOT)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
