"""The SeekrFlow wire, operation by operation, in the vendor's order, then what is ours.

A host includes it below `v1/`.
"""

from messaging.wire.routes import LIST, both_spellings, closed

from .dialect import SEEKRFLOW
from .messages.views import ThreadMessageViewSet
from .objects.views import ObjectViewSet
from .parts.views import PartViewSet
from .runs.views import RunMessageViewSet, RunStreamViewSet, RunViewSet
from .threads.views import ThreadViewSet
from .view import THREAD_OBJECT

THREAD = "threads/<str:thread_id>"
MESSAGE = f"{THREAD}/messages/<str:message_id>"
RUN = f"{THREAD}/runs/<str:run_id>"

operations = [
    *both_spellings("threads", ThreadViewSet, LIST),
    *both_spellings(THREAD, ThreadViewSet, {"get": "retrieve", "delete": "destroy"}),
    *both_spellings(f"{THREAD}/messages", ThreadMessageViewSet, LIST),
    *both_spellings(
        MESSAGE, ThreadMessageViewSet, {"get": "retrieve", "patch": "update", "delete": "destroy"}
    ),
    *both_spellings(f"{THREAD}/runs", RunViewSet, LIST),
    *both_spellings(f"{THREAD}/runs/stream", RunStreamViewSet, {"post": "create"}),
    *both_spellings(f"{THREAD}/runs/stream/vercel", RunStreamViewSet, {"post": "vercel"}),
    *both_spellings(RUN, RunViewSet, {"get": "retrieve", "patch": "update"}),
    *both_spellings(f"{RUN}/cancel", RunViewSet, {"post": "cancel"}),
    *both_spellings(f"{RUN}/attach", RunStreamViewSet, {"get": "attach"}),
    *both_spellings(f"{RUN}/messages", RunMessageViewSet, LIST),
    *both_spellings(f"{MESSAGE}/parts", PartViewSet, {"get": "list"}),
    *both_spellings(f"{MESSAGE}/parts/<str:part_id>", PartViewSet, {"get": "retrieve"}),
    *both_spellings("objects/<str:object_id>", ObjectViewSet, {"get": "retrieve"}, name=THREAD_OBJECT),
]
urlpatterns = closed(SEEKRFLOW, operations)
