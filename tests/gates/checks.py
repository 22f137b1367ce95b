"""The gates of `make test`. Each function runs the commands of one gate and raises Failed or Skipped."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .awx_modules import awx_modules
from .promtool import promtool
from .pythons import OLDEST_TARGET, Pair, Python
from .schedule import Failed, Gate, Log, Skipped
from .workspace import BUILD, ROOT, Space, Venv

_UNWANTED = re.compile(
    r"(^|/)(\.git|\.build|\.ci|\.cache|\.ansible|\.venv|venv|__pycache__|\.[a-z]+_cache)(/|$)|^tests/output"
)
_IMPORTER = """\
[galaxy-importer]
RUN_ANSIBLE_TEST = False
RUN_FLAKE8 = False
CHECK_REQUIRED_TAGS = True
CHECK_CHANGELOG = True
LOG_LEVEL_MAIN = INFO
"""
YAMLLINT = ".config/yamllint.yml"

_MODULES = ("tests/unit/plugins/module_utils/",)  # what ansible-test runs on a target's Python; modules have no tests
_THOROUGH = tuple(
    f"tests/unit/plugins/module_utils/{name}.py"
    for name in (
        "api/test_session_manager_frameworks",
        "changes/test_named",
        "changes/test_plan_untold",
        "decoding/test_name_list",
        "logs/test_download_answers",
        "models/test_session_properties",
        "paging/test_listing_moving",
        "paging/test_listing_prefetch",
        "paging/test_numbered",
        "sessions/test_active_limit",
        "sessions/test_policies_order",
        "sessions/test_seat_limit",
        "sessions/test_terminate_gently",
        "test_redaction_any_log",
        "test_selection_compact",
    )
)
"""Tests of many cases, which measuring makes twice as slow: only the oldest target runs them, if it is here."""
_GATED = {"browser", "frameworks", "package", "rulebook"}  # folders of tests/e2e with a gate of their own
_NODE = ("fastify@5", "@fastify/swagger@9")
COVERED = 0.95


@dataclass
class Bench:
    """A space, the environment its commands come from, and the Pythons they may use."""

    space: Space
    venv: Venv
    pythons: Sequence[Python]

    def prepare(self, log: Log) -> None:
        """Make the environment and refresh the tree copy."""
        self.venv.ensure(log.run)
        self.space.refresh()

    def run(
        self, log: Log, *command: str | Path, cwd: Path | None = None, variables: dict[str, str] | None = None
    ) -> None:
        """Run a tool of the environment in the tree copy."""
        environment = self.space.environment(self.venv, *self.pythons) | (variables or {})
        tool = self.venv.bin / command[0]
        log.run([tool, *command[1:]], cwd=cwd or self.space.collection, env=environment)

    def pytest(self, log: Log, *options: str, variables: dict[str, str] | None = None) -> None:
        """Run tests of the tree copy, and tell which are slow."""
        told = ("--durations=40", "--durations-min=2")
        self.run(log, "python", "-m", "pytest", "-p", "no:cacheprovider", *told, *options, variables=variables)

    def compiled_once(self) -> dict[str, str]:
        """Variables with which Python keeps what it compiles of the modules that Ansible sends; see module_cache/."""
        kept = BUILD / "module-cache"
        kept.mkdir(exist_ok=True)
        return {"PYTHONPATH": str(self.space.collection / "tests/gates/module_cache"), "MODULE_CACHE": str(kept)}


class Quality:
    """What needs no particular ansible-core: style, types, documents."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    _COMMANDS = {
        "ruff format": "ruff format --no-cache --check --diff .",
        "ruff check": "ruff check --no-cache .",
        "yamllint": f"yamllint --strict --config-file {YAMLLINT} .",
        "antsibull-docs": "antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all"
        " --disallow-unknown-collection-refs --skip-rstcheck .",
        "antsibull-changelog": "antsibull-changelog lint",
        "what is new": "python -B -m pytest -q -p no:cacheprovider tests/unit/test_options_are_complete.py"
        " tests/unit/test_release.py",  # each new option has version_added, a changelog fragment and a test
        "codespell": "codespell",  # reads its settings from pyproject.toml
        "reuse": "reuse lint --lines",  # every file has a licence and a copyright holder
    }

    def gates(self) -> list[Gate]:
        """One gate per tool; ansible-lint, as slow as the others together, runs beside them."""
        checks: dict[str, Callable[[Log], None]] = {
            name: partial(self._run, command) for name, command in self._COMMANDS.items()
        }
        checks |= {"mypy --strict": self.mypy, "schemas of CI files": self.workflows}
        prepare = Gate("environment of the linters", "lint", "lint", self._bench.prepare, prepares=True)
        slow = Gate("ansible-lint", "lint", "ansible-lint", self.ansible_lint, needs="lint")
        others = [Gate(name, "lint", "linters", check, needs="lint") for name, check in checks.items()]
        return [prepare, slow, *others]

    def _run(self, command: str, log: Log) -> None:
        self._bench.run(log, *command.split())

    def mypy(self, log: Log) -> None:
        """Types of the plugins, the emulator and these gates, under the collection's full names."""
        collection = self._bench.space.collection
        tree = self._bench.space.tree
        names = ("emulator", "gates", "demo", "robustness", "benchmark")
        folders = ("plugins", "extensions/eda", *(f"tests/{name}" for name in names))
        paths = [
            str((collection / name).relative_to(tree)) for name in folders if any((collection / name).rglob("*.py"))
        ]
        settings = ("--config-file", collection / "pyproject.toml", "--cache-dir", self._bench.space.home / "mypy")
        self._bench.run(log, "mypy", *settings, *paths, cwd=tree)

    def ansible_lint(self, log: Log) -> None:
        """Roles, playbooks and metadata, profile production; it sees no module_defaults, so a key must be somewhere."""
        tree, awx = self._bench.space.tree, awx_modules(self._bench.venv.bin / "python", BUILD / "awx")
        variables = {"AIMMS_API_KEY": "unused", "ANSIBLE_COLLECTIONS_PATH": f"{tree}:{awx}"}
        variables["YAMLLINT_CONFIG_FILE"] = YAMLLINT
        command = ("ansible-lint", "--offline", "--nocolor")
        self._bench.run(log, *command, variables=variables)
        collection = self._bench.space.collection  # left out where Galaxy's importer reads:
        paths = [str(path.relative_to(collection)) for path in sorted(collection.glob("extensions/awx/project/*.yml"))]
        self._bench.run(log, *command, *paths, variables=variables)
        # Its modules have short names, as one of two collections has them.
        names = sorted(collection.glob("playbooks/tasks/*.yml"))
        paths = ["playbooks/awx_setup.yml", *(str(path.relative_to(collection)) for path in names)]
        self._bench.run(log, *command, "--skip-list=fqcn", *paths, variables=variables)

    def workflows(self, log: Log) -> None:
        """What GitHub and GitLab would refuse to read; the schemas come with the tool."""
        forms = self._bench.space.collection / ".github/ISSUE_TEMPLATE"
        asked = sorted(str(path) for path in forms.glob("*.yml") if path.name != "config.yml")
        self._bench.run(log, "check-jsonschema", "--builtin-schema", "vendor.github-issue-forms", *asked)
        chooser = ("--builtin-schema", "vendor.github-issue-config")
        self._bench.run(log, "check-jsonschema", *chooser, str(forms / "config.yml"))
        examples = "extensions/ci"
        here = sorted(str(path) for path in (self._bench.space.collection / ".github/workflows").glob("*.yml"))
        github = ("--builtin-schema", "vendor.github-workflows")
        self._bench.run(log, "check-jsonschema", *github, *here, f"{examples}/github-actions.yml")
        gitlab = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
        self._bench.run(log, "check-jsonschema", *gitlab, f"{examples}/gitlab-ci.yml")


class Core:
    """What runs on each chosen ansible-core."""

    def __init__(
        self, bench: Bench, pair: Pair, target: Python, *, oldest: bool, newest: bool, every: bool = False
    ) -> None:
        """:param every: also what `make test` leaves out."""
        self._bench = bench
        self._pair = pair
        self._target = target
        self._oldest = oldest
        self._newest = newest
        self._every = every

    def gates(self) -> list[Gate]:
        """What ansible-test runs; the oldest ansible-core tries the oldest target, the newest one measures coverage."""
        core = self._pair.core
        checks = {
            "sanity": self.sanity,
            "units": self.units,
            "integration": self.integration,
        }
        gates = [Gate(f"environment of {self._pair}", "core", core, self._prepare, prepares=True)]
        gates += [Gate(f"{name} on ansible-core {core}", name, core, check) for name, check in checks.items()]
        if self._newest:
            gates.append(Gate("coverage of plugins/", "coverage", core, self.coverage))
        if self._oldest:
            gates.insert(2, Gate(f"units of modules on Python 3.{OLDEST_TARGET}", "units", core, self.units_on_oldest))
        return gates

    def e2e_gates(self, *, full: bool) -> list[Gate]:
        """The e2e tests, beside what ansible-test runs: gates of a length that keeps two lanes busy."""
        core = self._pair.core
        every = {path.parent.name for path in (ROOT / "tests/e2e").glob("*/test_*.py")} - _GATED
        parts = {"of modules": {"modules"}, "of roles": {"roles"}, "of the rest": every - {"modules", "roles"}}
        name, group = ("all web frameworks", "prove") if full else ("web frameworks", "e2e")
        run = partial(self.frameworks, full=full)
        frameworks = Gate(f"{name} on ansible-core {core}", group, f"frameworks {core}", run, needs=core)
        return [frameworks] * self._newest + [
            Gate(
                f"e2e {part} on ansible-core {core}", "e2e", f"e2e {part} {core}", partial(self.e2e, names), needs=core
            )
            for part, names in parts.items()
        ]

    def _prepare(self, log: Log) -> None:
        self._bench.prepare(log)
        shutil.rmtree(self._bench.space.collection / "tests/output/coverage", ignore_errors=True)
        self._bench.space.provide_pip(self._bench.venv, log.run)

    def _ansible_test(self, log: Log, command: str, *options: str, python: str) -> None:
        origin = f"origin:python={python}"
        self._bench.run(log, "ansible-test", command, "--color", "no", "--controller", origin, *options)

    def sanity(self, log: Log) -> None:
        """ansible-test's own checks, for this Python and for the oldest target Python."""
        versions = dict.fromkeys((self._pair.python.version, self._target.version))
        options = [word for version in versions for word in ("--target-python", version)]
        if not (self._every or self._newest):
            options += ["--skip-test", "pylint"]  # half of the time; the newest ansible-core's reads the same files
        self._ansible_test(log, "sanity", *options, python=self._pair.python.version)
        if any("All targets skipped" in line for line in log.lines()):
            raise Failed("ansible-test found no files to check")

    def units(self, log: Log) -> None:
        """Unit tests on the controller's Python; without those of modules where only the oldest target runs them.

        That target on the oldest ansible-core and the controller's Python on the newest one meet both of either.
        """
        elsewhere: tuple[str, ...] = ()
        if self._target.minor == OLDEST_TARGET and self._oldest is not self._newest and not self._every:
            elsewhere = _MODULES if self._oldest else _THOROUGH
        excluded = [word for name in elsewhere for word in ("--exclude", name)]
        self._units(log, self._pair.python, *excluded, *(["--coverage"] if self._newest else []))

    def units_on_oldest(self, log: Log) -> None:
        """Unit tests of modules and module_utils on the oldest Python that a target may have."""
        if self._target.minor != OLDEST_TARGET:
            raise Skipped(f"Python 3.{OLDEST_TARGET} is not installed; the oldest here is {self._target.version}")
        self._units(log, self._target)

    def _units(self, log: Log, target: Python, *more: str) -> None:
        options = ("--requirements", "--target-python", f"venv/{target.version}", *more)
        self._ansible_test(log, "units", *options, python=f"venv/{self._pair.python.version}")

    def integration(self, log: Log) -> None:
        """Integration targets on this machine."""
        python = f"venv/{self._pair.python.version}"
        options = ("--requirements", "--target", f"controller:python={python}")
        self._ansible_test(log, "integration", *options, python=python)

    def coverage(self, log: Log) -> None:
        """Lines and branches of plugins/ that the units run.

        The integration targets, which cost three times as much when measured, added 8 lines of 5,474.
        """
        controller = f"origin:python=venv/{self._pair.python.version}"
        self._bench.run(log, "ansible-test", "coverage", "combine", "--requirements", "--controller", controller)
        output = self._bench.space.collection / "tests/output/coverage"
        report = output / "plugins.json"
        files = ("--data-file", output / "coverage", "--include", "plugins/*")
        self._bench.run(log, "coverage", "report", *files)
        self._bench.run(log, "coverage", "json", "--quiet", *files, "-o", report)
        totals = json.loads(report.read_text())["totals"]
        parts = {
            "lines": totals["covered_lines"] / totals["num_statements"],
            "branches": totals["covered_branches"] / totals["num_branches"],
        }
        log.show("  " + ", ".join(f"{100 * share:.1f} % of {part}" for part, share in parts.items()))
        low = [part for part, share in parts.items() if share < COVERED]
        if low:
            raise Failed(f"less than {100 * COVERED:.0f} % of {' and '.join(low)}")

    def frameworks(self, log: Log, *, full: bool) -> None:
        """What is done with sessions, on servers built with web frameworks: one of each, or each in all its styles."""
        variables = self._bench.compiled_once()
        if full:
            variables |= {"FRAMEWORKS": "all", "NODE_PATH": str(BUILD / "node/node_modules")}
            npm = shutil.which("npm")
            if npm:  # with the caller's settings
                log.run([npm, "install", "--no-audit", "--no-fund", "--prefix", str(BUILD / "node"), *_NODE])
            else:
                log.show("  without Fastify: there is no npm here")
        self._bench.pytest(log, "tests/e2e/frameworks", variables=variables)

    def e2e(self, names: set[str], log: Log) -> None:
        """Real ansible-playbook runs against the emulator; its own tests, and those marked so, run on one core only.

        The cases of a test are shared by the two cores, unless all is asked for.
        """
        variables = self._bench.compiled_once() | {"AWX_MODULES": str(BUILD / "awx")}
        if not (self._every or (self._oldest and self._newest)):
            variables["CASES"] = "even" if self._oldest else "odd"
        chosen = ["-m", "not once"] if self._newest else []
        if "monitoring" in names and self._oldest:
            variables |= promtool(log)
        folders = sorted(names - {"emulator"} if self._newest else names)
        self._bench.pytest(log, *(f"tests/e2e/{name}" for name in folders), *chosen, variables=variables)


class Campaigns:
    """What breaks things on purpose (tests/robustness), with one ansible-core."""

    def __init__(self, bench: Bench, lane: str, *, full: bool) -> None:
        self._bench = bench
        self._lane = lane
        self._full = full

    def gates(self, names: Sequence[str], *, alone: bool = False) -> list[Gate]:
        """One gate per campaign; ``alone``: where no other lane prepares the space."""
        first = Gate(f"environment of {self._lane}", "prove", self._lane, self._bench.prepare, prepares=True)
        lane, needs = (self._lane, "") if alone else (f"campaigns {self._lane}", self._lane)
        gates = [
            Gate(f"{name} on {self._lane}", "prove", lane, partial(self._run, name), needs=needs) for name in names
        ]
        return [first, *gates] if alone else gates

    def _run(self, name: str, log: Log) -> None:
        size = ["--full"] if self._full else []
        figures = BUILD / "figures" / self._lane
        variables = self._bench.compiled_once()
        variables["PYTHONPATH"] += f"{os.pathsep}{self._bench.space.tree}"
        command: list[str | Path] = ["python", "-B", "-m", "tests.robustness", "--json", figures, *size, name]
        self._bench.run(log, *command, variables=variables)
        log.show(*(line for line in log.lines() if line.startswith("  ")))


def demonstration() -> Gate:
    """The cleanup of `make demo`, as a stranger runs it."""

    def run(log: Log) -> None:
        program = ("tests.demo.environment", "bash", "tests/demo/run.sh", "prepared")
        log.run([sys.executable, "-B", "-m", *program])

    return Gate("demonstration", "e2e", "demo", run)


class Package:
    """The tarball: built, installed, and read as Galaxy would."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._folder = BUILD / "dist"

    def gates(self) -> list[Gate]:
        """Build and install, then the importer."""
        return [
            Gate("environment of the importer", "package", "package", self._bench.prepare, prepares=True),
            Gate("build and install", "package", "package", self.install, prepares=True),
            Gate("playbooks of the installed package", "package", "package", self.playbooks),
            Gate("galaxy-importer", "package", "package", self.importer),
        ]

    @property
    def _installed(self) -> Path:
        return self._folder / "installed"

    def _tarball(self) -> Path:
        return next(self._folder.glob("aimms-cloud-*.tar.gz"))

    def install(self, log: Log) -> None:
        """Build from the clean copy, install into an empty folder, and list what ansible-doc finds there."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._bench.run(log, "ansible-galaxy", "collection", "build", "--output-path", self._folder, ".")
        with tarfile.open(self._tarball()) as archive:
            unwanted = [name for name in archive.getnames() if _UNWANTED.search(name)]
        if unwanted:
            raise Failed(f"these do not belong into the package: {', '.join(unwanted)}")
        target = self._installed
        found = {"ANSIBLE_COLLECTIONS_PATH": str(target)}
        self._bench.run(
            log, "ansible-galaxy", "collection", "install", "--offline", self._tarball(), "-p", target, variables=found
        )
        for kind in ("module", "lookup", "role"):
            self._bench.run(log, "ansible-doc", "--type", kind, "--list", "aimms.cloud", cwd=target, variables=found)

    def playbooks(self, log: Log) -> None:
        """Its playbooks, by their full names, from nowhere but the folder that it was installed into."""
        self._bench.pytest(log, "tests/e2e/package", variables={"ANSIBLE_COLLECTIONS_PATH": str(self._installed)})

    def importer(self, log: Log) -> None:
        """The importer exits 0 on warnings, so its log is read."""
        settings = self._bench.space.home / "importer.cfg"
        settings.write_text(_IMPORTER)
        variables = {"GALAXY_IMPORTER_CONFIG": str(settings)}
        self._bench.run(
            log, "python", "-m", "galaxy_importer.main", self._tarball(), cwd=self._folder, variables=variables
        )
        warnings = [line for line in log.lines() if re.match(r"(WARNING|ERROR|CRITICAL)\b", line)]
        if warnings:
            raise Failed(f"{len(warnings)} warnings: {warnings[0]}")
