# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the collection, from the files that it is installed or checked out with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).parents[3]
_IN_CHECKOUT = re.compile(r"(?m)^version: *[\"']?([^\s\"']+)")


def collection_version(root: Path = ROOT) -> Optional[str]:
    """The version; None if no file tells it."""
    try:
        manifest = root / "MANIFEST.json"
        if manifest.is_file():
            return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
        found = _IN_CHECKOUT.search((root / "galaxy.yml").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found[1] if found else None
