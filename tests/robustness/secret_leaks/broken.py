"""A copy of the collection that raises an unexpected error with the key in its text and in those of its causes."""

from __future__ import annotations

import shutil
from pathlib import Path

_BREAK = """

def _break(self, *args, **kwargs):
    import os
    from urllib.parse import quote

    mark = self.connection.base_url.rpartition("/")[2]
    with open(os.path.join(os.environ["LEAKS_JOURNAL"], mark + ".broke"), "a") as stream:
        stream.write("broke\\n")
    key = self.connection.api_key
    try:
        raise KeyError({{"apiKey": key, "quoted": quote(key)}})
    except KeyError as cause:
        raise RuntimeError(f"{decoy} the key is {{key}}, or {{quote(key)}}, or {{[key]}}") from cause


HttpClient.get = HttpClient.send = HttpClient.stream = _break
"""


def break_collection(source: Path, folder: Path, decoy: str) -> str:
    """Copy the collection to ``folder`` and break its requests. Returns the path on which Ansible finds the copy."""
    for part in ("plugins", "meta", "roles", "playbooks"):
        shutil.copytree(source / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "galaxy.yml", folder)
    with (folder / "plugins/module_utils/http/client.py").open("a", encoding="utf-8") as stream:
        stream.write(_BREAK.format(decoy=decoy))
    return str(folder.parents[2])
