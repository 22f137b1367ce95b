# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps what Python compiles of modules in a zip file, as Python does for modules in folders, and the zip files.

Ansible sends each module and its module_utils as a zip file. Every play gathers it anew, and every task compiles it
anew: half of the time of a short play.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import sys
import zipimport
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Any

_FOLDER = os.environ.get("MODULE_CACHE")
_private: Any = zipimport  # nothing else can be told how to compile
_imp: Any = import_module("_imp")


def _compiled(pathname: str, source: bytes) -> CodeType:
    kept = Path(_FOLDER or "", f"{hashlib.sha256(source).hexdigest()}.{sys.implementation.cache_tag}")
    with contextlib.suppress(FileNotFoundError):
        code: CodeType = marshal.loads(kept.read_bytes())
        _imp._fix_co_filename(code, pathname)
        return code
    code = _compile(pathname, source)
    part = kept.with_name(f"{kept.name}.{os.getpid()}")
    part.write_bytes(marshal.dumps(code))
    part.replace(kept)
    return code


class _Gathering:
    """Waits for the part of Ansible that gathers the files of a module."""

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        """None for every other module."""
        if name != "ansible.executor.module_common":
            return None
        sys.meta_path.remove(self)
        return import_module("gathered_files").spec_of(name, Path(_FOLDER or ""))


if _FOLDER:
    sys.meta_path.insert(0, _Gathering())
    _compile = _private._compile_source
    _private._compile_source = _compiled
