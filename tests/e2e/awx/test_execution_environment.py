# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of an execution environment, as far as ansible-builder shows it without containers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[3]
DEFINITION = ROOT / "extensions/ee/execution-environment.yml"


def _tool(name: str, *options: str | Path, folder: Path, collections: str = "") -> str:
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": collections or str(folder), "ANSIBLE_NOCOLOR": "1"}
    command = [Path(sys.executable).parent / name, *options]
    made = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return made.stdout


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build context of ansible-builder, with the collection's tarball."""
    folder = tmp_path_factory.mktemp("ee")
    source = folder / "source"
    ignored = shutil.ignore_patterns(".git", ".build", ".venv", "output", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, source, ignore=ignored)
    _tool("ansible-galaxy", "collection", "build", "--output-path", folder, source, folder=folder)
    next(folder.glob("aimms-cloud-*.tar.gz")).rename(folder / "aimms-cloud.tar.gz")
    shutil.copy(DEFINITION, folder)
    _tool("ansible-builder", "create", "--output-filename", "Containerfile", folder=folder)
    return folder / "context"


def test_the_collection_is_installed_as_the_build_would_do_it(context: Path, tmp_path: Path) -> None:
    build = context / "_build"
    install = ("collection", "install", "--offline", "-r", "requirements.yml", "-p", tmp_path)
    _tool("ansible-galaxy", *install, folder=build, collections=str(tmp_path))
    for part in ("plugins/modules", "playbooks/awx_setup.yml", "extensions/awx/job_templates.yml"):
        assert (tmp_path / "ansible_collections/aimms/cloud" / part).exists()


def test_what_the_collection_needs_is_found_in_it(context: Path, tmp_path: Path) -> None:
    build = context / "_build"
    install = ("collection", "install", "--offline", "-r", "requirements.yml", "-p", tmp_path / "there")
    _tool("ansible-galaxy", *install, folder=build, collections=str(tmp_path / "there"))
    written = ("--write-pip", "pip.txt", "--write-bindep", "bindep.txt", "--sanitize")
    _tool("ansible-builder", "introspect", "there", *written, folder=tmp_path)
    needed = [line for line in (tmp_path / "pip.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line.split("#")[0].strip() for line in needed] == ["requests>=2.25"]
    assert not (tmp_path / "bindep.txt").exists()
    _tool("pip", "install", "--dry-run", "--quiet", "-r", "pip.txt", folder=tmp_path)


def test_the_image_has_an_ansible_core_that_the_collection_supports(context: Path) -> None:
    containerfile = (context / "Containerfile").read_text()
    definition = yaml.safe_load(DEFINITION.read_text())
    assert definition["dependencies"]["ansible_core"]["package_pip"] in containerfile
    least = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"]
    assert definition["dependencies"]["ansible_core"]["package_pip"].startswith(
        f"ansible-core{least.removesuffix('.0')}"
    )
    assert "python3.12" in containerfile
