"""The settings of the app: one dict `PARLEY` in the host's settings, read into a frozen dataclass.

Keys of the dict are the field names in capitals. A wrong key or value is a system check error.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, TypeVar

from django.conf import settings as django_settings
from django.core.files.storage import Storage, storages
from django.core.signals import setting_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySettings:
    """How memories are drawn from messages, and found: the dict `PARLEY["MEMORIES"]`."""

    extractor: str | None = "messaging.memories.rules.RuleExtractor"
    """Class that draws memories from what people write, as a dotted path; None: none are drawn."""

    extractor_options: dict[str, Any] = field(default_factory=dict)
    """Its keyword arguments."""

    embedder: str | None = None
    """Class that gives texts their vectors, as a dotted path; None: memories are searched by their words."""

    embedder_options: dict[str, Any] = field(default_factory=dict)
    """Its keyword arguments."""

    roles: tuple[str, ...] = ("user",)
    """Roles of the messages from which memories are drawn."""

    max_turns: int = 20
    """Most messages of one user that an extractor is given at once."""

    max_known: int = 20
    """Most memories of that user that it is shown, the nearest ones."""

    max_memories: int = 10_000
    """Most memories of one user; more are refused."""

    max_length: int = 2_000
    """Most characters of a memory that is drawn."""

    near: float = 0.95
    """From which cosine on two memories of a user are one, where there is an embedder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParleySettings:
    """What a host may decide. Every attribute is followed by what it means."""

    max_body_bytes: int = 10 * 1024 * 1024
    """Largest request body; a larger one is answered 413."""

    strict: bool = False
    """Whether a request is refused with 422 for what would be ignored of it, unless it says
    `Prefer: handling=lenient`. Otherwise the answer names that in its header `Parley-Ignored`."""

    max_batch: int = 1_000
    """Most messages that one create call may carry."""

    max_depth: int = 100
    """Deepest nesting of arrays and objects in a request body."""

    max_values: int = 250_000
    """Most values in a request body: members of objects and elements of arrays, and each object and array
    once more."""

    max_items: int = 1_000
    """Most items of any other list that a request names: tool calls, attachments, tags, parts, ..."""

    max_parts: int = 5_000
    """Most parts of contents that one call may carry in all its messages: many are rows of their own."""

    max_tags: int = 100
    """Most tags of a message, and most collections of a conversation."""

    max_tag_length: int = 255
    """Characters of one of them."""

    max_meta_data_keys: int = 100
    """Most keys at the top of the meta data of a message or a conversation: each is an entry of an index."""

    max_key_length: int = 255
    """Characters of one of them."""

    page_bytes: int = 16 * 1024 * 1024
    """How many bytes of texts and JSON one page reads at once. A page by cursor ends there; one that is asked
    for by number of rows is sent piece by piece."""

    count_ceiling: int = 10_000
    """Up to how many matches a filtered list is counted exactly; above that PostgreSQL estimates."""

    indexed_text_bytes: int = 64 * 1024
    """How many bytes of a text, folded and in UTF-8, a search looks at: the beginning of a longer one."""

    rate_limit: str | None = None
    """Requests per API key, as `600/minute` (second, minute, hour or day); None for no limit."""

    idempotency_hours: int = 24
    """How long the answer to an `Idempotency-Key` is kept, at least."""

    last_used_seconds: int = 60
    """At most once in this many seconds the use of a key is written down."""

    read_your_writes: int | None = 5
    """For so many seconds after a key or a person of the staff wrote, its requests read from the writer; None
    for no such time. It matters behind a router that reads from replicas. Django's default cache notes it."""

    changes_kept_days: int = 7
    """How long changes are kept for readers; one whose position is older reads the state anew."""

    echo_invalid_input: bool = True
    """Whether 422 bodies repeat the refused value as `input`, as FastAPI does."""

    object_threshold_bytes: int = 32 * 1024
    """A tool argument, output, datum or image of more bytes is kept in a storage, and not in its row."""

    object_storage: str = "default"
    """Name in Django's STORAGES of the storage for them."""

    inline_objects_bytes: int = 32 * 1024 * 1024
    """Up to how many bytes of stored images one answer repeats in message contents; the rest are links."""

    import_bytes: int = 32 * 1024 * 1024
    """Largest file that the import page of the admin takes, unpacked; the command takes any."""

    import_seconds: int = 60
    """How long the import page works on a file; uploaded again, the file goes on where it was."""

    run_seconds: int = 600
    """How long a run may hold its thread; each write of the run starts the time anew."""

    job_lease_seconds: int = 30
    """How long a worker may be silent before others take its jobs over; it prolongs its leases in time."""

    jobs_kept_days: int = 7
    """For how many days a job that has ended stays in the table."""

    webhook_networks: tuple[str, ...] = ()
    """Networks, such as `10.0.0.0/8`, that webhooks may be sent to though they are not public; there `http`
    will do, elsewhere it takes `https`."""

    webhook_threads: int = 16
    """How many webhooks one worker sends to at the same time."""

    webhook_timeout_seconds: int = 15
    """How long an endpoint may take to answer, from the connection to the end of the answer."""

    webhook_messages: str = "messaging.api.messages.outputs.messages_of"
    """Function from a workspace id and message ids to the messages that `include=messages` adds, as JSON
    values; a dotted path."""

    deliveries_kept_days: int = 7
    """For how many days an attempt to send to a webhook stays in its list."""

    token_counter: str = "estimate"  # noqa: S105  no secret
    """Who counts the tokens of a message when it is written: `estimate`, by its bytes; `o200k_base` or
    `cl100k_base`, exactly, with the extra `tokens`; or the dotted path of a function from a text to a
    number."""

    memories: MemorySettings = field(default_factory=MemorySettings)
    """How memories are drawn and found."""

    prepared_statements: bool = False
    """Whether what every request runs goes to the driver without Django's cursor, and PostgreSQL prepares it,
    once a connection; not behind a pooler of transactions."""

    authentication: str = "messaging.wire.auth.ApiKeyAuthentication"
    """DRF authentication class of the wires, as a dotted path."""

    access: str = "messaging.wire.auth.access_of_api_key"
    """Function from the authenticated DRF request to its `Access`: which workspace, which permissions."""


Settings = TypeVar("Settings", ParleySettings, MemorySettings)


@cache
def parley_settings() -> ParleySettings:
    """The settings in force. Unknown keys are ignored here and reported by the checks."""
    given: dict[str, Any] = dict(getattr(django_settings, "PARLEY", {}))
    if isinstance(memories := given.get("MEMORIES"), Mapping):
        given["MEMORIES"] = _read(MemorySettings, memories)
    return _read(ParleySettings, given)


def memory_settings() -> MemorySettings:
    """Those of memories."""
    return parley_settings().memories


def _read(kind: type[Settings], given: Mapping[str, Any]) -> Settings:
    known = {each.name for each in fields(kind)}
    return kind(**{key.lower(): value for key, value in given.items() if str(key).lower() in known})


def object_storage() -> Storage:
    """Where large objects are kept."""
    return storages[parley_settings().object_storage]


def _reread(*, setting: str, **kwargs: Any) -> None:
    if setting == "PARLEY":
        parley_settings.cache_clear()


setting_changed.connect(_reread)
