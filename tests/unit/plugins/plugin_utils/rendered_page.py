# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page as it is rendered, and what a browser would find in it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from ansible_collections.aimms.cloud.plugins.plugin_utils.html_report import page
from ansible_collections.aimms.cloud.plugins.plugin_utils.overview import overview
from ansible_collections.aimms.cloud.tests.unit.plugins.plugin_utils import page_samples as samples


class Parsed(HTMLParser):
    """Every element with its attributes, and all text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.said = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.said += data


def rendered(sessions, cleanup=None, **more):
    return page(
        {**overview(sessions, cleanup=cleanup), "host": "acme", "written_at": samples.written(samples.NOW), **more}
    )


def rows_of(html):
    return json.loads(re.search(r'id="rows">(.*?)</script>', html, re.DOTALL)[1])
