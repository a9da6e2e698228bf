"""Who calls: the key in the request, and what it opens. The tenant of a request is decided here, once."""

from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from messaging.changes import Actor
from messaging.exceptions import InvalidValue, WorkspaceNotFound
from messaging.models import ApiKey, Workspace
from messaging.models.workspace import WorkspaceQuerySet
from messaging.services import find_api_key
from messaging.values.choices import ActorKind
from messaging.values.text import text_problem

from .headers import header
from .inputs import as_sent

MAX_ID_LENGTH = 255
PASTED = " \t\r\n\"'"
"""Characters around a key that are none of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a request may reach. A host with its own authentication makes one in its `ACCESS` function."""

    workspace_id: str
    permissions: frozenset[str]
    identity: str
    """Who calls, by the same name each time: whom the rate limit counts and `Idempotency-Key`s belong to."""
    owner_id: str | None = None
    """Whom the writes of this caller belong to."""
    user_id: str | None = None
    """The end user on whose behalf the call is made."""
    api_key: ApiKey | None = None

    @property
    def actor(self) -> Actor:
        """Who causes the changes of this request."""
        if self.api_key:
            return Actor(ActorKind.API_KEY, self.api_key.pk)
        return Actor(ActorKind.HOST, self.identity[:MAX_ID_LENGTH])

    @property
    def caller(self) -> str:
        """Whose an `Idempotency-Key` is; a long name is shortened to what tells it from others."""
        if len(self.identity) <= MAX_ID_LENGTH:
            return self.identity
        return sha256(self.identity.encode()).hexdigest()

    def workspaces(self) -> WorkspaceQuerySet:
        """The workspaces that the caller could name."""
        if self.api_key:
            return Workspace.objects.reachable_by(self.api_key.pk)
        return Workspace.objects.filter(pk=self.workspace_id)


Grant = tuple[ApiKey, bool]
"""`request.auth` of an authenticated request: the key, and whether it may use the workspace that is named."""


class KeyHolder:
    """`request.user` of an authenticated request: no account of the site, just the holder of a key."""

    is_authenticated = True
    is_anonymous = False
    pk = None


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`, `Authorization: KEY`, `X-API-Key: KEY`, or both headers with one key."""

    def authenticate(self, request: Request) -> tuple[KeyHolder, Grant] | None:
        keys = _keys_of(request)
        if not keys:
            return None
        grant = None
        if len(keys) == 1:
            grant = find_api_key(text=keys.pop(), workspace_id=_named_workspace(request))
        if grant is None:
            raise AuthenticationFailed("Invalid API key")
        return KeyHolder(), grant


def access_of_api_key(request: Request) -> Access:
    """The default `PARLEY["ACCESS"]`. Raises WorkspaceNotFound for a workspace that the key may not use."""
    api_key, may_use_workspace = cast(Grant, request.auth)
    if not may_use_workspace:
        raise WorkspaceNotFound
    return Access(
        workspace_id=_named_workspace(request) or api_key.workspace_id,
        permissions=frozenset(api_key.permissions),
        identity=api_key.pk,
        owner_id=api_key.owner_id,
        user_id=user_id_of(request),
        api_key=api_key,
    )


def user_id_of(request: Request) -> str | None:
    """The caller's `x-user-id`. Raises InvalidValue for one that could not be stored."""
    value = header(request, "X-User-Id")
    if not value:
        return None
    value = as_sent(value)
    if len(value) > MAX_ID_LENGTH:
        raise InvalidValue(
            ("header", "x-user-id"), f"At most {MAX_ID_LENGTH} characters are allowed", "string_too_long"
        )
    if reason := text_problem(value):
        raise InvalidValue(("header", "x-user-id"), reason, "string_unstorable")
    return value


def _named_workspace(request: Request) -> str | None:
    workspace_id = header(request, "X-Workspace-Id")
    if workspace_id and text_problem(workspace_id):
        raise WorkspaceNotFound
    return workspace_id or None


def _keys_of(request: Request) -> set[str]:
    """The different keys that the request carries: none, one, or a contradiction."""
    given = (header(request, "Authorization"), header(request, "X-API-Key"))
    return {text for each in given if each and (text := _bare(each))}


def _bare(credential: str) -> str:
    """The key alone, without the schemes and quotes that come along when one is pasted."""
    text = credential.strip(PASTED)
    while text[:7].lower() == "bearer ":
        text = text[7:].strip(PASTED)
    return "" if text.lower() == "bearer" else text
