"""The base of all our API views. It pins every policy, so that nothing a host configures changes one byte."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils.module_loading import import_string
from rest_framework import exceptions as drf
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from messaging.conf import parley_settings
from messaging.exceptions import NotFound, PermissionMissing
from messaging.index.filters import Filter
from messaging.index.index_scan import IndexScan
from messaging.index.listing import Listing, Order
from messaging.services import Answer, answer_once, count_request, fingerprint_of
from messaging.services.rate import parse_rate
from messaging.sql.rows import JSONRow, json_rows
from messaging.values.text import text_problem

from .auth import Access
from .dialect import Dialect
from .handler import ExceptionHandler, handle
from .inputs import idempotency_key, validated_input
from .operations import Handler, Operation
from .pagination import Page, PageQuery, WirePagination
from .parameters import filters_of
from .replicas import reading_own_writes
from .responses import WireResponse
from .schema import OperationSchema

__all__ = ["WireViewSet"]


class OneRenderer(BaseContentNegotiation):
    """Every client gets JSON, whatever its `Accept` header names, as from FastAPI."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> None:
        return None

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class WireViewSet(GenericViewSet[Any]):
    """Handlers are methods decorated with `operation`; they see `queryset` narrowed to their tenant."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    parser_classes = ()
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = OneRenderer
    permission_classes = ()
    throttle_classes = ()
    versioning_class = None
    metadata_class = None
    filter_backends = ()
    pagination_class: type[WirePagination] = WirePagination
    schema = OperationSchema()

    dialect: Dialect
    """The wire that the view belongs to."""
    queryset: Any
    access: Access
    not_found: type[NotFound] = NotFound
    """What is raised for an id that `queryset` does not hold in this workspace."""
    tag = ""
    """Heading in the documentation."""

    @classmethod
    def as_view(cls, *args: Any, **kwargs: Any) -> Any:
        # Services hold the transactions; a host's ATOMIC_REQUESTS would stretch their locks.
        return transaction.non_atomic_requests(super().as_view(*args, **kwargs))

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [import_string(parley_settings().authentication)()]

    def get_exception_handler(self) -> ExceptionHandler:
        return handle

    def perform_authentication(self, request: Request) -> None:
        # The host's substitute for an anonymous user is no caller of ours.
        if not (request.successful_authenticator and request.user and request.user.is_authenticated):
            raise drf.NotAuthenticated("Not authenticated")
        access_of: Callable[[Request], Access] = import_string(parley_settings().access)
        self.access = access_of(request)

    def check_throttles(self, request: Request) -> None:
        if rate := parse_rate(parley_settings().rate_limit or ""):
            count_request(identity=self.access.identity, limit=rate[0], period=rate[1])

    def get_queryset(self) -> Any:
        """Where a request meets its tenant; a listing does so by itself."""
        queryset: Any = super().get_queryset()
        return queryset.for_workspace(self.access.workspace_id)

    def find(self, object_id: str) -> Any:
        """The object of this id in this workspace. Raises the view's `not_found`."""
        row = self.get_queryset().filter(pk=object_id).first()
        if row is None:
            raise self.not_found
        return row

    def find_row(self, object_id: str) -> JSONRow:
        """The same as a list would show it, with the columns of the view's lists, by a prepared statement."""
        scan = IndexScan.of_workspace(self.queryset.model, self.access.workspace_id, id=object_id)
        rows = json_rows(scan.in_order(("id",)), self.pagination_class.columns)
        if not rows:
            raise self.not_found
        return rows[0]

    def listing(self, filters: Iterable[Filter], order: Order) -> Listing:
        """The rows of this tenant that these filters leave, in this order."""
        return Listing(
            model=self.queryset.model,
            workspaces=(self.access.workspace_id,),
            filters=tuple(filters),
            order=order,
        )

    def page_of(self, query: PageQuery, *also: Filter) -> Page:
        """The page that `query` asks for of what its parameters leave; `also` narrows like one of them."""
        pagination, window = self.pagination_class(), query.window()
        listing = self.listing((*filters_of(query), *also), pagination.order_of(window))
        return pagination.page_of(listing, window, reader=self.access.workspace_id)

    def perform(self, operation: Operation, handler: Handler, path: Mapping[str, str]) -> HttpResponseBase:
        """Check permission and input, then run the handler, at most once for each `Idempotency-Key`."""
        with reading_own_writes(self.request.method, self.access.identity):
            return self._perform(operation, handler, path)

    def _perform(self, operation: Operation, handler: Handler, path: Mapping[str, str]) -> HttpResponseBase:
        if operation.permission and operation.permission not in self.access.permissions:
            raise PermissionMissing(f"This key lacks the '{operation.permission}' permission")
        arguments, raw = validated_input(self.request, operation)
        key = idempotency_key(self.request) if operation.idempotent else None
        # An id that no database can store becomes one that none does store, and answers as absent.
        path = {name: "" if text_problem(value) else value for name, value in path.items()}

        def respond() -> HttpResponseBase:
            answer = handler(self, **path, **arguments)
            if isinstance(answer, HttpResponseBase):
                return answer
            return WireResponse(answer, operation.status, moment=self.dialect.moment)

        if key is None:
            return respond()

        def perform() -> Answer:
            response = cast(HttpResponse, respond())  # no POST answers with a stream
            return Answer(response.status_code, response.content)

        answer, replayed = answer_once(
            workspace_id=self.access.workspace_id,
            key=key,
            fingerprint=self._fingerprint(raw),
            perform=perform,
        )
        response = WireResponse.of_bytes(answer.body, answer.status_code)
        if replayed:
            response["Idempotent-Replayed"] = "true"
        return response

    def _fingerprint(self, raw: bytes) -> str:
        """The digest that a retry repeats: of the route, the end user, and every byte of the body."""
        route = f"{self.request.method} {self.request.get_full_path()}"
        return fingerprint_of(route.encode(), (self.access.user_id or "").encode(), raw)
