# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the files that Ansible sends with a module of a collection, as long as no file of its module_utils changes."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import ZipFile

_COLLECTIONS = "ansible_collections."


def spec_of(name: str, folder: Path) -> ModuleSpec | None:
    """How to import Ansible's builder of zip files, so that it keeps its work in the folder."""
    spec = find_spec(name)
    loader: Any = spec and spec.loader
    if loader:
        execute = loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            module.recursive_finder = _keeping(module.recursive_finder, folder)

        loader.exec_module = exec_module
    return spec


def _keeping(gather: Any, folder: Path) -> Any:
    def kept(name: str, full_name: str, source: bytes, target: ZipFile, *others: Any) -> Any:
        if not full_name.startswith(_COLLECTIONS):
            return gather(name, full_name, source, target, *others)
        file = folder / f"{_key(gather, full_name, source)}.files"
        if not file.exists():
            made = gather(name, full_name, source, target, *others)
            part = file.with_name(f"{file.name}.{os.getpid()}")
            part.write_bytes(pickle.dumps((made, [(one, target.read(one)) for one in target.infolist()])))
            part.replace(file)
            return made
        made, entries = pickle.loads(file.read_bytes())
        for entry, content in entries:
            target.writestr(entry, content)
        return made

    return kept


def _key(gather: Any, full_name: str, source: bytes) -> str:
    """What the files depend on: the module, Ansible, and each file of module_utils by its path, size and time."""
    told = [gather.__code__.co_filename, full_name, sys.version, hashlib.sha256(source).hexdigest()]
    package = sys.modules[".".join(full_name.split(".")[:3])]
    for base in package.__path__:
        parts = Path(base) / "plugins" / "module_utils"
        told += sorted(_state_of(parts)) if parts.is_dir() else []
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _state_of(folder: Path) -> Iterator[str]:
    for entry in os.scandir(folder):
        if entry.is_dir():
            yield from _state_of(Path(entry))
        else:
            stat = entry.stat()
            yield f"{entry.path} {stat.st_size} {stat.st_mtime_ns}"
