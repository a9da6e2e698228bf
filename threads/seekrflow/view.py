"""What the views of the SeekrFlow wire share."""

from typing import Any

from django.urls import reverse

from messaging.exceptions import ThreadNotFound
from messaging.services import Writer
from messaging.wire.view import WireViewSet
from threads.models import Thread

__all__ = ["THREAD_OBJECT", "SeekrFlowViewSet"]

THREAD_OBJECT = "thread-object"
"""Name of the route of stored objects."""


class SeekrFlowViewSet(WireViewSet):
    security_scheme = "APIKeyHeader"
    # Threads belong to the workspace of the key: the vendor's team header does not reach them either.
    ignored_headers = ("x-team-id",)

    def writer(self) -> Writer:
        """On whose behalf this request writes."""
        return Writer(user_id=self.access.user_id, owner_id=self.access.owner_id)

    def link(self, object_id: str) -> str:
        """The path under which the client gets a stored object, wherever the host has put this wire."""
        match: Any = self.request.resolver_match
        return reverse(":".join([*match.namespaces, THREAD_OBJECT]), args=[object_id])

    def require_thread(self, thread_id: str) -> None:
        """Raises ThreadNotFound."""
        if not Thread.objects.for_workspace(self.access.workspace_id).filter(pk=thread_id).exists():
            raise ThreadNotFound
