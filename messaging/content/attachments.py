"""Attachments whose large texts are kept outside their row: in place of each a ref, under `<name>_ref`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from .kinds import JSONObject

SUFFIX = "_ref"
Leave = Callable[[str], JSONObject | None]
"""Given a text, the ref in whose favour it leaves; None where it stays."""


def without_texts(value: object, leave: Leave) -> object:
    """The value with refs in place of texts that leave, at whatever depth and in the same order.

    A text stays where its ref would have the name of another value.
    """
    match value:
        case dict():
            return dict(_entry(name, item, value, leave) for name, item in value.items())
        case list():
            return [without_texts(item, leave) for item in value]
    return value


def with_refs(value: object, shown: Mapping[str, object]) -> object:
    """The value with other refs, or with texts again: `shown` holds either by the id of the object.

    What looks like a ref and names no object of these is the author's own, and stays.
    """
    match value:
        case dict():
            return dict(_shown(str(name), item, shown) for name, item in value.items())
        case list():
            return [with_refs(item, shown) for item in value]
    return value


def refs_in(value: object) -> Iterator[JSONObject]:
    """Whatever looks like a ref, at whatever depth."""
    match value:
        case dict():
            for name, item in value.items():
                yield from [item] if is_ref(item, name) else refs_in(item)
        case list():
            for item in value:
                yield from refs_in(item)


def is_ref(value: object, name: str) -> TypeGuard[JSONObject]:
    """Whether this entry of an object looks like a ref: anything else is data of its author."""
    if not name.endswith(SUFFIX) or not isinstance(value, dict):
        return False
    return isinstance(value.get("object_id"), str) and isinstance(value.get("size_bytes"), int)


def ref_of(given: Mapping[str, Any], name: str) -> JSONObject | None:
    """The ref that stands for this field of an object; None where nothing looks like one."""
    ref = given.get(f"{name}{SUFFIX}")
    return ref if is_ref(ref, SUFFIX) else None


def without_ids(value: object) -> object:
    """The value with refs that tell what the objects hold, and not which they are: equal for equal texts."""
    match value:
        case dict():
            return {
                name: _held(item) if is_ref(item, name) else without_ids(item) for name, item in value.items()
            }
        case list():
            return [without_ids(item) for item in value]
    return value


def _held(ref: JSONObject) -> JSONObject:
    return {name: ref.get(name) for name in ("sha256", "prefix")}


def _entry(name: str, item: object, around: JSONObject, leave: Leave) -> tuple[str, object]:
    if not isinstance(item, str):
        return name, without_texts(item, leave)
    ref = leave(item) if f"{name}{SUFFIX}" not in around else None
    return (f"{name}{SUFFIX}", ref) if ref else (name, item)


def _shown(name: str, item: object, shown: Mapping[str, object]) -> tuple[str, object]:
    if is_ref(item, name):
        value = shown.get(item["object_id"], item)
        return (name.removesuffix(SUFFIX), value) if isinstance(value, str) else (name, value)
    return name, with_refs(item, shown)
