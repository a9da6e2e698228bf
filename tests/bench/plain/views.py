from typing import TYPE_CHECKING, Any, cast

from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.generics import GenericAPIView, ListAPIView, ListCreateAPIView, RetrieveAPIView
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from messaging.index.filters import Texts
from messaging.models import Message
from messaging.wire.auth import ApiKeyAuthentication

from .serializers import MessageSerializer, ThreadMessageSerializer

if TYPE_CHECKING:  # generic to the type checker alone
    View = GenericAPIView[Message]
    ListView = ListAPIView[Message]
    ListCreateView = ListCreateAPIView[Message]
    RetrieveView = RetrieveAPIView[Message]
else:
    View, RetrieveView = GenericAPIView, RetrieveAPIView
    ListView, ListCreateView = ListAPIView, ListCreateAPIView


class KeyAuthentication(ApiKeyAuthentication):
    """Refuses with 401, as the framework does where a header names the scheme."""

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class Narrowed(View):
    """Of the workspace of the key, narrowed by what the query names."""

    authentication_classes = (KeyAuthentication,)
    permission_classes = (IsAuthenticated,)
    pagination_class = LimitOffsetPagination
    filter_backends = (SearchFilter, OrderingFilter)
    search_fields = ("content",)
    ordering_fields = ("created_at", "seq")

    def get_queryset(self) -> Any:
        query, (api_key, _) = self.request.query_params, cast(Any, self.request.auth)
        rows = Message.objects.filter(workspace_id=api_key.workspace_id)
        if "conversation" in query:
            rows = rows.filter(conversation=query["conversation"])
        if "case" in query:
            rows = rows.filter(meta_data__case=int(query["case"]))
        if "tag" in query:
            rows = rows.narrow(Texts.any_of("tags", [query["tag"]]))
        return rows


class MessageView(Narrowed, ListCreateView):
    serializer_class = MessageSerializer

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """A body that is a list is a batch."""
        kwargs.setdefault("many", isinstance(kwargs.get("data"), list))
        return super().get_serializer(*args, **kwargs)


class OneMessageView(Narrowed, RetrieveView):
    serializer_class = MessageSerializer


class ThreadMessageView(Narrowed, ListView):
    serializer_class = ThreadMessageSerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("parts")
