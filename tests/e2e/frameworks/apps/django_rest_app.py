# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Django REST framework with drf-spectacular: its three styles of paging, and JSON:API. The document is in YAML."""

from __future__ import annotations

from functools import partial
from typing import Any

from account import ROOT, Accounts, Refused, View
from apps.django_host import Rows, served
from django.http import HttpResponse
from django.urls import include, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import exceptions, pagination, routers, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework_json_api.exceptions import exception_handler
from rest_framework_json_api.pagination import JsonApiLimitOffsetPagination, JsonApiPageNumberPagination
from rest_framework_json_api.renderers import JSONRenderer

PAGE = 50


class SessionSerializer(serializers.Serializer):
    """A session."""

    id = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    app_name = serializers.CharField()
    app_version = serializers.CharField()
    owner = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    message = serializers.CharField(allow_blank=True)


class LineSerializer(serializers.Serializer):
    """A line of a log."""

    timestamp = serializers.DateTimeField()
    message = serializers.CharField()


class ByNumber(pagination.PageNumberPagination):
    """As the guide shows it: the limit stands in no document."""

    page_size_query_param = "page_size"
    max_page_size = PAGE


class ByOffset(pagination.LimitOffsetPagination):
    """By offset."""

    max_limit = PAGE


class ByCursor(pagination.CursorPagination):
    """By cursor; the size cannot be chosen."""

    ordering = "-created_at"


def _named(error: Exception) -> Exception:
    if isinstance(error, Refused):
        refused = exceptions.APIException(str(error))
        refused.status_code = error.status
        return refused
    return error


class JsonApi(viewsets.GenericViewSet):
    """Answers as JSON:API has it, which the document does not know: ``data`` for what it calls ``results``."""

    renderer_classes, resource_name = (JSONRenderer,), "Session"

    def get_exception_handler(self) -> Any:
        """Its own: ``errors`` is a list."""
        return exception_handler


def _viewset(paging: Any, base: Any, accounts: Accounts) -> Any:
    class SessionViewSet(base):
        serializer_class, pagination_class, queryset = SessionSerializer, paging, Rows()
        lookup_value_regex = "[^/]+"

        def seen(self) -> View:
            return accounts.view(self.request.headers.get("apiKey"))

        def handle_exception(self, exc: Exception) -> Response:
            return super().handle_exception(_named(exc))

        def paged(self, found: list[Any], serializer: Any) -> Response:
            page = self.paginate_queryset(Rows(found))
            return self.get_paginated_response(serializer(page, many=True).data)

        def list(self, request: Any, kind: str) -> Response:
            return self.paged(self.seen().all(kind), SessionSerializer)

        def retrieve(self, request: Any, kind: str, pk: str) -> Response:
            return Response(SessionSerializer(self.seen().one(kind, pk)).data)

        def destroy(self, request: Any, kind: str, pk: str) -> Response:
            self.seen().delete(kind, pk)
            return Response(status=204)

        @extend_schema(request=None)
        @action(detail=True, methods=["patch"])
        def terminate(self, request: Any, kind: str, pk: str) -> Response:
            return Response(SessionSerializer(self.seen().terminate(kind, pk)).data)

        @extend_schema(responses=LineSerializer(many=True))
        @action(detail=True, pagination_class=_log_paging(paging))
        def logs(self, request: Any, kind: str, pk: str) -> Response:
            return self.paged(self.seen().one(kind, pk).lines, LineSerializer)

        @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
        @action(detail=True, url_path="logs/download", pagination_class=None)
        def download(self, request: Any, kind: str, pk: str) -> HttpResponse:
            return HttpResponse(self.seen().one(kind, pk).log, content_type="text/plain")

    return SessionViewSet


def _log_paging(paging: Any) -> Any:
    return type("ByTime", (ByCursor,), {"ordering": "timestamp"}) if paging is ByCursor else paging


def _app(paging: Any, accounts: Accounts, base: Any = viewsets.GenericViewSet) -> Any:
    router = routers.DefaultRouter()
    router.include_root_view = False
    router.register("sessions/(?P<kind>[^/.]+)", _viewset(paging, base, accounts), basename="session")
    root = ROOT.lstrip("/")
    api = (path(f"{root}/", include(router.urls)),)
    document = SpectacularAPIView.as_view(urlconf=api, authentication_classes=[], permission_classes=[])
    return served((path(f"{root}/openapi.yaml", document), *api))


APPS = {
    "django-rest-by-page": (PAGE, partial(_app, ByNumber)),
    "django-rest-by-offset": (PAGE, partial(_app, ByOffset)),
    "django-rest-by-cursor": (PAGE, partial(_app, ByCursor)),
    "django-rest-json-api": (100, partial(_app, JsonApiPageNumberPagination, base=JsonApi)),
    "django-rest-json-api-by-offset": (100, partial(_app, JsonApiLimitOffsetPagination, base=JsonApi)),
}
