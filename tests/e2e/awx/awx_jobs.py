# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them: by ansible-runner, in a folder with env/, inventory/ and project/, keys in the environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from awx_rules import approval_status, injected, walk
from plays import MODULES

AWX = Path(__file__).resolve().parents[3] / "extensions/awx"


class _Unsafe(yaml.SafeDumper):
    """YAML dumper that marks every text as unsafe (not a template), as AWX does with external values."""

    def represent_data(self, data: Any) -> Any:
        if isinstance(data, str):
            return self.represent_scalar("!unsafe", data)
        return super().represent_data(data)


def load(name: str) -> Any:
    """A data file of extensions/awx."""
    return yaml.safe_load((AWX / name).read_text(encoding="utf-8"))


class Job:
    """A started job. After ``wait`` it has its events and artifacts."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder, self._process = folder, process
        self.events: list[dict[str, Any]] = []

    def wait(self) -> Job:
        """Wait for the end and read events and artifacts."""
        said, _none = self._process.communicate(timeout=300)
        kept = self.folder / "artifacts/job"
        texts = [path.read_text(encoding="utf-8") for path in (kept / "job_events").iterdir()]
        self.events = sorted((json.loads(text) for text in texts), key=lambda event: int(event["counter"]))
        ends = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        self.output = said.decode() + (kept / "stdout").read_text(encoding="utf-8")
        self.status = (kept / "status").read_text(encoding="utf-8")
        if not ends and self.status != "failed":
            raise AssertionError(self.output)
        # A job that fails before its first play has no figures.
        end = ends[0] if ends else {"artifact_data": {}, "processed": {}, "failures": {}, "dark": {}}
        self.artifact: dict[str, Any] = end["artifact_data"]
        self.hosts = set(end["processed"])
        self.failed = set(end["failures"]) | set(end["dark"])
        return self

    def failure(self, host: str) -> str:
        """The message of the task that failed on a host."""
        told = [event["event_data"] for event in self.events if event["event"] == "runner_on_failed"]
        return str([one["res"]["msg"] for one in told if one["host"] == host and not one.get("ignore_errors")][-1])

    def actions(self, host: str) -> list[str]:
        """The actions that ran on a host without a failure."""
        told = [event["event_data"] for event in self.events if event["event"] == "runner_on_ok"]
        return [str(one["resolved_action"]) for one in told if one["host"] == host]

    def texts(self) -> Iterable[tuple[str, str]]:
        """All files of a job that AWX stores: not its input, and not ``command``, which contains its environment."""
        for path in sorted((self.folder / "artifacts").rglob("*")):
            if path.is_file() and path.name != "command":
                yield path.name, path.read_text(encoding="utf-8", errors="replace")
        yield "events", json.dumps(self.events)


class Workflow:
    """A finished workflow: the job of each node that ran, and whether AWX calls it successful."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.asked = False
        self.status = ""


class Awx:
    """Launches job templates."""

    def __init__(self, folder: Path, collections: str) -> None:
        self._folder, self._collections, self._count = folder, collections, 0

    def launch(self, template: str, *given: Any, **more: Any) -> Job:
        """Start a job as ``begin`` does, and wait for its end."""
        return self.begin(template, *given, **more).wait()

    def begin(
        self,
        template: str,
        hosts: Mapping[str, Any],
        credential: tuple[str, Mapping[str, Any]],
        *,
        only: Sequence[str] | None = None,
        sliced: bool = False,
        limit: str = "",
        artifact: Mapping[str, Any] | None = None,
        **answers: Any,
    ) -> Job:
        """Start a job of a template.

        :param hosts: variables by host. :param credential: the name of its type, and its fields.
        :param only: the hosts of the slice, or those that are enabled.
        :param artifact: what earlier jobs of the workflow left.
        :param answers: to the survey; the rest is answered with the defaults.
        """
        (made,) = (one for one in load("job_templates.yml") if one["name"] == template)
        self._count += 1
        folder = self._folder / f"job{self._count}"
        shutil.copytree(AWX / "project", folder / "project")
        (folder / "env").mkdir()
        (folder / "inventory").mkdir()
        inventory = {"all": {"hosts": {name: hosts[name] for name in (hosts if only is None else only)}}}
        (folder / "inventory/hosts").write_text(json.dumps(inventory), encoding="utf-8")
        questions = [one for one in load("questions.yml") if one["variable"] in made["survey"]]
        asked = {one["variable"]: one["default"] for one in questions}
        if unknown := set(answers) - set(asked):
            raise AssertionError(f"the survey of {template} does not ask for {unknown}")
        own = yaml.safe_dump(made["extra_vars"]) if made["extra_vars"] else ""
        given = yaml.dump({**asked, **(artifact or {}), **answers, **self._told(template, sliced)}, Dumper=_Unsafe)
        (folder / "env/extravars").write_text(own + given, encoding="utf-8")
        (folder / "env/cmdline").write_text(f"-vvvvv --forks 5{limit and ' -l '}{limit}", encoding="utf-8")
        (folder / "env/settings").write_text('{"idle_timeout": 120}', encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "ansible_runner",
            "run",
            str(folder),
            "-p",
            made["playbook"],
            "-i",
            "job",
            "-q",
        ]
        environment = self._environment(folder, credential)
        return Job(folder, subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))

    def _told(self, template: str, sliced: bool) -> dict[str, Any]:
        """The variables of AWX itself. A slice is a job of a workflow that has the name of the template."""
        told = {"awx_job_id": self._count, "awx_job_template_name": template}
        told["ansible_python_interpreter"] = MODULES.variables(os.environ)["ANSIBLE_PYTHON_INTERPRETER"]
        return {**told, "awx_workflow_job_name": template} if sliced else told

    def run_workflow(
        self,
        hosts: Mapping[str, Any],
        credential: tuple[str, Mapping[str, Any]],
        meanwhile: Callable[[], Mapping[str, Any]] | None = None,
        *,
        answer: tuple[str, float] = ("approved", 60),
        **answers: Any,
    ) -> Workflow:
        """Run the nodes of the workflow as AWX does. A node has the artifacts of all before it.

        :param meanwhile: what happens before an approval; it returns options for the jobs after it.
        :param answer: to the approval, and after how many seconds.
        """
        done, options, artifacts = Workflow(), dict[str, Any](), dict[str, Any]()
        nodes = {one["identifier"]: one for one in load("workflow.yml")["nodes"]}
        surveys = {one["name"]: one["survey"] for one in load("job_templates.yml")}

        def run(name: str) -> str:
            node = nodes[name]
            if "approval" in node:
                done.asked = True
                options.update(meanwhile() if meanwhile else {})
                given = approval_status(node["approval"]["timeout"], *answer) == "approved"
                return "successful" if given else "failed"
            asked = {name: value for name, value in answers.items() if name in surveys[node["template"]]}
            job = self.launch(node["template"], hosts, credential, artifact=artifacts, **options, **asked)
            done.jobs[node["identifier"]] = job
            artifacts.update(job.artifact)
            return str(job.status)

        done.status = walk(nodes, run)
        return done

    def _environment(self, folder: Path, credential: tuple[str, Mapping[str, Any]]) -> dict[str, str]:
        path = folder / "env/tmp8yjzpn2k"
        variables, text = injected(load(f"credential_types/{credential[0]}.yml"), credential[1], str(path))
        path.write_text(text, encoding="utf-8")
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AIMMS_", "PYTEST_"))
        }
        return kept | {
            **MODULES.variables(kept),
            "ANSIBLE_COLLECTIONS_PATH": self._collections,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_DISPLAY_TRACEBACK": "always",
            **variables,
        }
