"""The base of all our API views. It pins every policy, so that nothing a host configures changes one byte."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any, cast

import orjson
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.signals import got_request_exception
from django.db import IntegrityError, models, transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils.module_loading import import_string
from pydantic import BaseModel
from rest_framework import exceptions as drf
from rest_framework.authentication import BaseAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from messaging.changes import acting_as
from messaging.conf import parley_settings
from messaging.exceptions import NotFound, PermissionMissing, WorkspaceNotFound
from messaging.index.filters import Filter
from messaging.index.index_scan import IndexScan
from messaging.index.listing import Listing, Order, Window
from messaging.index.plan import plan
from messaging.index.querysets import TenantQuerySet
from messaging.replicas import reading_own_writes
from messaging.services import Answer, Writer, answer_once, count_request, fingerprint_of
from messaging.services.rate import parse_rate
from messaging.sql.rows import JSONRow, json_rows
from messaging.values.json import encode
from messaging.values.problems import Problem
from messaging.values.text import escaped, text_problem

from .auth import Access
from .dialect import Dialect
from .errors import classify
from .headers import header
from .ignored import HEADER, Unread, ignored_headers
from .inputs import idempotency_key, ignored_in, read_input, validated_input
from .operations import Handler, Operation, operation_of
from .pagination import Page, PageQuery, WirePagination
from .parameters import everything, filters_of
from .preferences import handling_of
from .repeating import repeating
from .responses import InPieces, WireResponse
from .schema import OperationSchema
from .sent_back import SentBack
from .shapes import Read
from .unparsed import Unparsed

logger = logging.getLogger("messaging")

CONVERSATIONS = ("conversation_id", "thread_id")
"""What the wires call the id of a conversation in a path."""


class WireViewSet(GenericViewSet[Any]):
    """Handlers are methods decorated with `operation`; they see `queryset` narrowed to their tenant."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    parser_classes = ()
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = Unparsed
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

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[JSONRenderer, str]:
        """Every client gets JSON, whatever its `Accept` header names, as from FastAPI."""
        return JSONRenderer(), JSONRenderer.media_type

    def perform_authentication(self, request: Request) -> None:
        # The host's substitute for an anonymous user is no caller of ours.
        if not (request.successful_authenticator and request.user and request.user.is_authenticated):
            raise drf.NotAuthenticated("Not authenticated")
        access_of: Callable[[Request], Access] = import_string(parley_settings().access)
        try:
            self.access = access_of(request)
        except ObjectDoesNotExist:  # of somebody who is known, and belongs nowhere
            raise PermissionDenied from None

    def check_throttles(self, request: Request) -> None:
        if rate := parse_rate(parley_settings().rate_limit or ""):
            count_request(identity=self.access.caller, limit=rate[0], period=rate[1])

    def handle_exception(self, error: Exception) -> WireResponse:  # type: ignore[override]  # no DRF Response
        """An answer for every exception there is.

        Unlike DRF's own this rolls nothing back: a transaction that is open here is not ours.
        """
        if isinstance(error, IntegrityError) and self._workspace_is_gone():
            error = WorkspaceNotFound()
        refusal = classify(error)
        if refusal.status >= 500:
            # A host's formatter writes what it is given, line breaks of a caller, too.
            logger.error("%s %s failed", self.request.method, escaped(self.request.path), exc_info=error)
            got_request_exception.send(sender=type(self), request=self.request._request)
        return self.dialect.refuse(refusal)

    def _workspace_is_gone(self) -> bool:
        """Whether the workspace or the key of the request was deleted while it was being served."""
        access: Access | None = getattr(self, "access", None)  # absent until the request is authenticated
        return access is not None and not access.workspaces().filter(pk=access.workspace_id).exists()

    @property
    def workspace_id(self) -> str:
        """The tenant of the request."""
        return self.access.workspace_id

    def get_queryset(self) -> Any:
        """Where a request meets its tenant; a listing does so by itself."""
        queryset: Any = super().get_queryset()
        return queryset.for_workspace(self.workspace_id)

    def find(self, object_id: str) -> Any:
        """The object of this id in this workspace. Raises the view's `not_found`."""
        row = self.get_queryset().filter(pk=object_id).first()
        if row is None:
            raise self.not_found
        return row

    def find_row(self, shape: type[Read], object_id: str, **values: str) -> JSONRow:
        """What the shape is made of, if the object has these values, too; read by a prepared statement."""
        scan = IndexScan.of_workspace(self.queryset.model, self.workspace_id, id=object_id, **values)
        rows = json_rows(scan.in_order(("id",)), shape.columns(), shape.parse)
        if not rows:
            raise self.not_found
        return self._timed(rows)[0]

    def shown(self, shape: type[Read], object_id: str, **values: str) -> dict[str, Any]:
        """The same as the shape shows it."""
        return shape.of(self.find_row(shape, object_id, **values))

    def require(self, rows: TenantQuerySet[Any], unknown: type[NotFound], **values: str) -> None:
        """Raises `unknown` where none of the rows has these values in this workspace."""
        if not rows.for_workspace(self.workspace_id).filter(**values).exists():
            raise unknown

    def listing(self, filters: Iterable[Filter], order: Order, window: Window | None = None) -> Listing:
        """The rows of this tenant that these filters leave, in this order."""
        return Listing(
            model=self.queryset.model,
            workspaces=(self.workspace_id,),
            filters=tuple(filters),
            order=order,
            window=window or Window(),
        )

    def rows_of(
        self, shape: type[Read], listing: Listing
    ) -> tuple[list[JSONRow], Iterator[list[JSONRow]] | None]:
        """What the shape is made of, for the rows of the window of a listing; see RowSource.all_rows."""
        columns = tuple(dict.fromkeys((*shape.columns(), *listing.order.names)))
        source = plan(listing)
        rows, further = source.all_rows(columns, shape.parse)
        if further and listing.window.is_backward:
            rows, further = source.forwards().all_rows(columns, shape.parse)
        elif listing.window.is_backward:
            rows.reverse()
        return self._timed(rows), further and map(self._timed, further)

    def page_of(self, query: PageQuery, *also: Filter) -> Page:
        """The page that `query` asks for of what its parameters leave; `also` narrows like one of them."""
        pagination, window = self.pagination_class(), query.window()
        listing = self.listing((*filters_of(query), *also), pagination.order_of(window))
        page = pagination.page_of(listing, window, reader=self.workspace_id)
        if not page.is_exact:
            self.headers["X-Total-Count-Estimated"] = "true"
        self._timed(page.rows)
        return replace(page, further=map(self._timed, page.further)) if page.further else page

    def _timed(self, rows: list[JSONRow]) -> list[JSONRow]:
        """The rows with their times as the wire writes them, where that is not how the database does."""
        if moment := self.dialect.moment:
            for row in rows:
                for name in _times_of(self.queryset.model) & row.keys():
                    row[name] = row[name] and moment(datetime.fromisoformat(row[name]))
        return rows

    def writer(self, *, enable_memories: bool = False) -> Writer:
        """On whose behalf this request writes."""
        return Writer(
            user_id=self.access.user_id, owner_id=self.access.owner_id, enable_memories=enable_memories
        )

    def perform(self, operation: Operation, handler: Handler, path: Mapping[str, str]) -> HttpResponseBase:
        """Check permission and input, then run the handler, at most once for each `Idempotency-Key`."""
        with reading_own_writes(self.request.method, self.access.identity), acting_as(self.access.actor):
            if operation.permission:
                self.require_permission(operation.permission)
            # An id that no database can store becomes one that none does store, and answers as absent.
            ids = self.ids_of({name: "" if text_problem(value) else value for name, value in path.items()})
            arguments, raw = self._arguments(operation, ids)

            def respond() -> HttpResponseBase:
                answer = handler(self, **ids, **arguments)
                if isinstance(answer, HttpResponseBase):
                    return answer
                if isinstance(answer, InPieces):
                    return answer.response(self.dialect.moment)
                return WireResponse(answer, operation.status, moment=self.dialect.moment)

            key = idempotency_key(self.request) if operation.idempotent else None
            once = respond if key is None else partial(self._once, key, raw, ids, respond)
            return repeating(self.request.method, once)

    def require_permission(self, permission: str) -> None:
        """Raise PermissionMissing unless the caller holds it."""
        if permission not in self.access.permissions:
            raise PermissionMissing(f"This key lacks the '{permission}' permission")

    def ids_of(self, path: Mapping[str, str]) -> Mapping[str, str]:
        """The ids that the parameters of a path name, where a wire takes others than the store's own, too."""
        return path

    def _arguments(
        self, operation: Operation, ids: Mapping[str, str]
    ) -> tuple[Mapping[str, BaseModel | None], bytes]:
        """(what the handler takes, the body as it came). The answer will name what is ignored."""
        given = read_input(self.request, operation)
        ignored = [*ignored_in(given, operation), *ignored_headers(self.request.META)]
        unread, refused, is_strict = Unread(), list[Problem](), self._is_strict()
        if ignored:
            back = SentBack(operation, ids, lambda ids: self._shown_now(ids, given.parameters))
            unread = Unread(each for each in ignored if not back.is_shown(each))
            refused = unread.problems(back.names) if is_strict else []
        if unread:
            self.headers[HEADER] = unread.header()
        return validated_input(given, operation, unread=unread, refused=refused), given.raw

    def _is_strict(self) -> bool:
        """Whether what would be ignored is refused."""
        if handling := handling_of(header(self.request, "Prefer") or ""):
            self.headers["Preference-Applied"] = f"handling={handling}"
            return handling == "strict"
        return parley_settings().strict

    def ids_shown(self, ids: Mapping[str, str], parameters: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
        """The ids by which `retrieve` shows the object that a request changes; empty for none. The parameters
        are as they came."""
        return ids

    def _shown_now(
        self, ids: Mapping[str, str], parameters: Mapping[str, Sequence[str]]
    ) -> Mapping[str, object]:
        """All that a GET of the object answers, for a request that changes it; empty if nothing is there."""
        retrieve: Any = getattr(self, "retrieve", None)
        operation = operation_of(retrieve)
        changes = self.request.method in ("PUT", "PATCH")
        named = self.ids_shown(ids, parameters) if operation and changes else {}
        if operation is None or not named:
            return {}
        query = {"query": everything(operation.query)} if operation.query else {}
        try:
            shown = retrieve.__wrapped__(self, **named, **query)
        except NotFound:
            return {}
        values: Mapping[str, object] = orjson.loads(encode(shown, self.dialect.moment))
        return values

    def _once(
        self, key: str, raw: bytes, ids: Mapping[str, str], respond: Callable[[], HttpResponseBase]
    ) -> HttpResponseBase:
        """The answer to the caller's first request with this key: that of `respond`, or what is kept."""

        def perform() -> Answer:
            response = cast(HttpResponse, respond())  # no POST answers with a stream
            return Answer(response.status_code, response.content)

        # A retry repeats the route, the end user, and every byte of the body.
        route = f"{self.request.method} {self.request.get_full_path()}"
        answer, replayed = answer_once(
            workspace_id=self.workspace_id,
            caller=self.access.caller,
            key=key,
            fingerprint=fingerprint_of(route.encode(), (self.access.user_id or "").encode(), raw),
            perform=perform,
            request=raw,
            subject_id=next((ids[name] for name in CONVERSATIONS if name in ids), None),
            shows_columns=self.dialect.shows_columns,
        )
        headers = {"Idempotent-Replayed": "true"} if replayed else {}
        return WireResponse(orjson.Fragment(answer.body), answer.status_code, headers)


@cache
def _times_of(model: type[models.Model]) -> frozenset[str]:
    """The columns that hold a time."""
    return frozenset(
        field.attname for field in model._meta.concrete_fields if isinstance(field, models.DateTimeField)
    )
