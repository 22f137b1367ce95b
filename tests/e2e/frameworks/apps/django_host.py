# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Django for all apps that are built with it."""

from __future__ import annotations

import operator
from typing import Any

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="of no use here",
        ROOT_URLCONF=(),
        DATABASES={},
        USE_TZ=True,
        MIDDLEWARE=[f"{__name__}.PathsOfTheApp"],
        INSTALLED_APPS=["rest_framework", "drf_spectacular"],
        REST_FRAMEWORK={
            "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "UNAUTHENTICATED_USER": None,
            "PAGE_SIZE": 50,
        },
        SPECTACULAR_SETTINGS={"TITLE": "Session manager", "DISABLE_ERRORS_AND_WARNINGS": True},
        LOGGING_CONFIG=None,
    )
    django.setup()

from django.core.asgi import get_asgi_application


class PathsOfTheApp:
    """One Django answers for several apps: each request brings the paths of its own."""

    def __init__(self, get_response: Any) -> None:
        """:param get_response: what answers."""
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Answer."""
        request.urlconf = request.scope["paths"]
        return self._get_response(request)


_DJANGO = get_asgi_application()


class Rows(list[Any]):
    """What paging by cursor wants of a query: sorted already, it is asked for what lies before or after a time."""

    def order_by(self, *_names: str) -> Rows:
        """Itself."""
        return self

    def filter(self, **limit: str) -> Rows:
        """The rows below or above a value."""
        name, value = next(iter(limit.items()))
        field, _separator, how = name.partition("__")
        fits = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}[how]
        return Rows(row for row in self if fits(str(getattr(row, field)), value))

    def __getitem__(self, which: Any) -> Any:
        """A slice is of rows too."""
        found = list.__getitem__(self, which)
        return Rows(found) if isinstance(which, slice) else found


def served(paths: tuple[Any, ...]) -> Any:
    """The app with these paths."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await _DJANGO({**scope, "paths": paths}, receive, send)

    return answer
