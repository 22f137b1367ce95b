"""The build folder: tree copies, environments, home folders. Nothing outside it is written."""

from __future__ import annotations

import ast
import configparser
import hashlib
import os
import re
import shutil
import subprocess
import threading
from functools import cache
from pathlib import Path
from typing import Callable

from .pythons import Pair, Python, find

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
LOGS = BUILD / "logs"
COLLECTION = Path("ansible_collections/aimms/cloud")

Run = Callable[..., None]
_DROPPED = re.compile(
    r"ANSIBLE_|AIMMS_|PYTHON|PYTEST_|PIP_REQUIRE|VIRTUAL_ENV$|PYENV_VERSION$|COVERAGE_|MYPY|RUFF|MAKE|MFLAGS"
)

_GET_PIP = """\
# Stands in for get-pip.py: unpacks a pip wheel of the version that is asked for, and installs the rest with it.
import runpy, sys, sysconfig, zipfile
words = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel", "pip=={version}")]
zipfile.ZipFile({wheel!r}).extractall(sysconfig.get_path("purelib"))
if [word for word in words if not word.startswith("-")]:
    sys.path.insert(0, {wheel!r})
    sys.argv[1:] = ["install", *words]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


def project_files() -> list[Path]:
    """Files of the project, relative to its root: tracked or new, without the ignored ones."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return sorted({Path(name) for name in names if name and (ROOT / name).is_file()})


def _same(source: Path, copy: Path) -> bool:
    if copy.is_symlink() or not copy.is_file():
        return False
    ours, theirs = source.stat(), copy.stat()
    return (ours.st_size, ours.st_mtime_ns, ours.st_mode) == (theirs.st_size, theirs.st_mtime_ns, theirs.st_mode)


def _prune(copy: Path, wanted: set[Path]) -> None:
    for path in sorted(copy.rglob("*"), reverse=True):
        name = path.relative_to(copy)
        if name in wanted or name.parts[0] == ".git" or name.parts[:2] == ("tests", "output"):
            continue
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif not any(path.iterdir()):
            path.rmdir()


@cache
def _pip_options() -> dict[str, str]:
    """The pip settings in force here; the caller's variables beat files."""
    told = subprocess.run([*pip(), "config", "list"], env=_kept(), capture_output=True, text=True, check=True).stdout
    found = re.findall(r"(?m)^(global|install|:env:)\.([a-z-]+)=(.+)$", told)
    options = {name: ast.literal_eval(value) for _kind, name, value in sorted(found, key=lambda one: one[0] == ":env:")}
    return {name: value for name, value in options.items() if name not in ("config-file", "target")}


def pip_settings(home: Path) -> None:
    """Write pip's settings where pip finds them in ``home``: ansible-test hides PIP_* variables."""
    settings = configparser.RawConfigParser()
    settings["global"] = _pip_options()
    path = home / ".config/pip/pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("w") as stream:
        settings.write(stream)


def pip_cache() -> Path:
    """One cache for every environment; PIP_CACHE_DIR moves it."""
    return Path(os.environ.get("PIP_CACHE_DIR") or BUILD / "pip-cache")


def _kept() -> dict[str, str]:
    """The caller's variables without those that change what Python, pip and Ansible do."""
    kept = {name: value for name, value in os.environ.items() if not _DROPPED.match(name)}
    return kept | {"PIP_CACHE_DIR": str(pip_cache())}


class Space:
    """A copy of the project where ansible-test wants it, with a home folder of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = BUILD / name
        self.home = self.folder / "home"
        self.tree = self.folder / "tree"
        self.collection = self.tree / COLLECTION

    def refresh(self) -> None:
        """Make the copy equal to the project; results of earlier runs in tests/output stay.

        The copy is a repository of its own: in one that ignores its folder, ansible-test would find no files to check.
        """
        files = project_files()
        self.home.mkdir(parents=True, exist_ok=True)
        self.collection.mkdir(parents=True, exist_ok=True)
        _prune(self.collection, {Path(), *files, *(parent for name in files for parent in name.parents)})
        for name in files:
            source, copy = ROOT / name, self.collection / name
            if source.is_symlink() or not _same(source, copy):
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.unlink(missing_ok=True)
                shutil.copy2(source, copy, follow_symlinks=False)
        git = ["git", "-c", "init.defaultBranch=main", "init", "--quiet", "--template=", str(self.collection)]
        subprocess.run(git, check=True)
        pip_settings(self.home)

    def environment(self, venv: Venv, *pythons: Python) -> dict[str, str]:
        """Variables for a command in this space: tools of ``venv`` first, then the given Pythons."""
        kept = _kept()
        entries = [str(venv.bin), *(str(python.path.parent) for python in pythons)]
        entries += [entry for entry in kept.get("PATH", os.defpath).split(os.pathsep) if Path(entry).name != "shims"]
        return kept | {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "PATH": os.pathsep.join(dict.fromkeys(entries)),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(self.tree),
            "ANSIBLE_NOCOLOR": "1",
            "NO_COLOR": "1",
            "COLLECTION_ROOT": str(self.collection),
            "AIMMS_EMULATOR_PYTHON": str(venv.bin / "python"),
        }

    def provide_pip(self, venv: Venv, run: Run) -> None:
        """Give ansible-test the pip that it would otherwise download from outside the package index."""
        cache = self.home / ".ansible/test/cache"
        cache.mkdir(parents=True, exist_ok=True)
        source = next(venv.folder.glob("lib/python3.*/site-packages/ansible_test/_internal/python_requirements.py"))
        versions = set(re.findall(r"\bpip='([0-9.]+)'", source.read_text())) - {"20.3.4", "21.3.1"}  # Python 2.7, 3.6
        for version in sorted(versions):
            script = cache / f"get_pip_{version.replace('.', '_')}.py"
            if script.exists():
                continue
            download = ["download", "--quiet", "--no-deps", "--dest", cache, f"pip=={version}"]
            run([*pip(), *download], env=_kept())
            script.write_text(_GET_PIP.format(version=version, wheel=str(next(cache.glob(f"pip-{version}-*.whl")))))


def pip() -> list[str | Path]:
    """The command of a pip: of any Python here, or else of an environment made for it."""
    python = next((python.path for python in find().values() if python.has_pip), None)
    if python is None:
        able = next((python.path for python in find().values() if python.has_ensurepip), None)
        if able is None:
            raise RuntimeError("No Python here has pip or can have it. On Debian or Ubuntu: apt install python3-venv")
        python = BUILD / "venv/pip/bin/python"
        if not python.exists():
            subprocess.run([able, "-m", "venv", python.parents[1]], env=_kept(), capture_output=True, check=True)
    return [python, "-m", "pip"]


_UV = BUILD / "venv/uv"
# pip's settings, uv's variables for them, and what stands between several values there
_UV_SETTINGS = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "constraint": ("UV_CONSTRAINT", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "default-timeout": ("UV_HTTP_TIMEOUT", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
}
_uv_lock = threading.Lock()


def _uv(run: Run) -> Path:
    """The tool that makes environments as pip does, in two seconds of CPU instead of twenty."""
    tool = _UV / "bin/uv"
    with _uv_lock:
        if not tool.exists():
            run([*pip(), "install", "--quiet", "--progress-bar", "off", "--target", _UV, "uv>=0.9,<1"], env=_kept())
    return tool


def _uv_variables() -> dict[str, str]:
    """Variables for uv with pip's settings, none of which it reads by itself."""
    own = {"UV_CACHE_DIR": str(BUILD / "uv-cache"), "UV_PYTHON_DOWNLOADS": "never"}
    own["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # as pip: the newest of all indexes
    for name, (variable, between) in _UV_SETTINGS.items():
        if name in _pip_options():
            own[variable] = between.join(_pip_options()[name].split())
    return _kept() | own


class Venv:
    """A virtual environment, made anew when its Python or its requirements change."""

    _locks: dict[str, threading.Lock] = {}

    def __init__(self, name: str, python: Python, requirements: list[str]) -> None:
        self.name = name
        self.python = python
        self.requirements = requirements
        self.folder = BUILD / "venv" / name
        self.bin = self.folder / "bin"

    def _key(self) -> str:
        text = "\n".join([str(self.python.path), self.python.version, *self.requirements])
        return hashlib.sha256(text.encode()).hexdigest()

    def ensure(self, run: Run) -> None:
        """Create the environment unless it is there with the same Python and requirements."""
        with self._locks.setdefault(self.name, threading.Lock()):
            stamp = self.folder / "made-for"
            if stamp.exists() and stamp.read_text() == self._key():
                return
            uv, variables = _uv(run), _uv_variables()
            run([uv, "venv", "--quiet", "--clear", "--seed", "--python", self.python.path, self.folder], env=variables)
            install = [uv, "pip", "install", "--quiet", "--python", self.bin / "python"]
            run([*install, *self.requirements], env=variables)
            stamp.write_text(self._key())


def requirement_lines(*names: str) -> list[str]:
    """The requirements of the named files, without comments."""
    lines = [line.split(" #")[0].strip() for name in names for line in (ROOT / name).read_text().splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def core_requirement(pair: Pair) -> str:
    """The newest patch release of a line of ansible-core."""
    return f"ansible-core=={pair.core}.*"
