"""The host's own ways with REST_FRAMEWORK, each of which would spoil an answer of ours."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.exceptions import WorkspaceNotFound
from messaging.models import Workspace
from messaging.wire.auth import Access


class Shout(BaseRenderer):
    media_type = "text/loud"
    format = "loud"
    charset = "utf-16"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> str:
        return str(data).upper()


class Everybody:
    """Stands for nobody in particular, and counts as logged in."""

    is_authenticated = True
    is_staff = True


def teapot(error: Exception, context: dict[str, Any]) -> Response:
    return Response({"oops": str(error)}, status=418)


def spoil(*args: Any, **kwargs: Any) -> Any:
    """A hook of the documentation, before and after."""
    return []


class BadgeAuthentication(BaseAuthentication):
    """The host's own credentials: `X-Badge: NAME/SLUG`, for a person and a workspace."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        badge = request.headers.get("X-Badge")
        if badge is None:
            return None
        if "/" not in badge:
            raise AuthenticationFailed("Not a badge")
        return Everybody(), badge


def access_of_badge(request: Request) -> Access:
    name, _, slug = str(request.auth).partition("/")
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        raise WorkspaceNotFound
    return Access(
        workspace_id=workspace.pk,
        permissions=frozenset({"read", "write"} if name != "guest" else {"read"}),
        identity=name,
        owner_id=name,
    )
