"""The middleware of config/OPERATIONS.md."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

from messaging.sql.databases import choose_database

SHARDS = {"acme.example": "one", "globex.example": "two"}


class ByHost:
    """Chooses the database of a request by the name that it was sent to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        alias = SHARDS.get(request.get_host())
        if alias is None:
            raise Http404
        choose_database(alias)
        return self.get_response(request)
