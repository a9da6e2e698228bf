"""What the views of the SeekrFlow wire share."""

from typing import Any

from django.urls import reverse

from messaging.exceptions import ConversationNotFound
from messaging.services import Writer
from messaging.wire.view import WireViewSet
from threads.models import Thread

from .dialect import SEEKRFLOW

__all__ = ["THREAD_OBJECT", "SeekrFlowViewSet"]

THREAD_OBJECT = "thread-object"
"""Name of the route of stored objects."""


class SeekrFlowViewSet(WireViewSet):
    dialect = SEEKRFLOW

    def writer(self) -> Writer:
        """On whose behalf this request writes."""
        return Writer(user_id=self.access.user_id, owner_id=self.access.owner_id)

    def link(self, object_id: str) -> str:
        """The path under which the client gets a stored object, wherever the host has put this wire."""
        match: Any = self.request.resolver_match
        return reverse(":".join([*match.namespaces, THREAD_OBJECT]), args=[object_id])

    def require_thread(self, thread_id: str) -> None:
        """Raises ConversationNotFound."""
        if not Thread.objects.for_workspace(self.access.workspace_id).filter(pk=thread_id).exists():
            raise ConversationNotFound
