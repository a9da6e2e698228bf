"""Metadata by the vendor's rules: texts alone, few of them, and short. The store's own may be anything."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from messaging.values.json import dumps
from messaging.values.types import JSONObject

MAX_PAIRS, MAX_KEY, MAX_VALUE = 16, 64, 512

Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=MAX_KEY)],
        Annotated[str, StringConstraints(max_length=MAX_VALUE)],
    ],
    Field(max_length=MAX_PAIRS),
]


def shown_metadata(stored: Mapping[str, Any] | None) -> dict[str, str]:
    """What of stored meta data the vendor's rules can show: other values than texts as their JSON, in their
    order; what is too long or too much is left out."""
    texts = {name: _text(value) for name, value in (stored or {}).items()}
    fitting = [
        (name, text) for name, text in texts.items() if len(name) <= MAX_KEY and len(text) <= MAX_VALUE
    ]
    return dict(fitting[:MAX_PAIRS])


def replaced_metadata(stored: Mapping[str, Any] | None, given: Mapping[str, str] | None) -> JSONObject:
    """The stored meta data with these in place of what is shown of it.

    What this wire does not show stays, and so does the value of a text that comes back as it was shown.
    """
    before, shown = stored or {}, shown_metadata(stored)
    kept = {name: value for name, value in before.items() if name not in shown}
    new = {name: before[name] if shown.get(name) == text else text for name, text in (given or {}).items()}
    return {**kept, **new}


def _text(value: object) -> str:
    return value if isinstance(value, str) else dumps(value).decode()
