"""The query parameters that narrow the list of threads."""

from messaging.wire.filters import NarrowBy, WireFilterSet
from threads.models import Thread


class ThreadFilter(WireFilterSet):
    created_after = NarrowBy("created_after")
    created_before = NarrowBy("created_before")
    meta_data = NarrowBy("with_meta_data")

    class Meta:
        model = Thread
        fields: tuple[str, ...] = ()
