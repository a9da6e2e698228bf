"""Contents as they were sent: images that are kept outside their rows are put back."""

import base64
import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from messaging.conf import parley_settings
from messaging.content import Link
from messaging.models import StoredObject
from threads.seekrflow.dialect import SEEKRFLOW

logger = logging.getLogger("messaging")

MARK = '"image_url_ref"'


def contents_with_images(
    rows: Iterable[Mapping[str, Any]], *, workspace_id: str, link: Link
) -> dict[str, list[dict[str, Any]]]:
    """The items of those messages whose images are kept outside, by the id of the message.

    Up to the bytes that the settings allow for one answer an image is the data URL that was sent; beyond
    them, or where its file cannot be read, it is the link to its object.
    """
    contents = {
        row["id"]: json.loads(row["structured_content"])
        for row in rows
        if row["content_dialect"] == SEEKRFLOW.name and MARK in (row["structured_content"] or "")
    }
    refs = [item["image_url_ref"] for items in contents.values() for item in items if "image_url_ref" in item]
    urls = _urls(refs, workspace_id, link) if refs else {}
    return {name: [_restored(item, urls) for item in items] for name, items in contents.items()}


def _urls(refs: Iterable[Mapping[str, Any]], workspace_id: str, link: Link) -> dict[str, str]:
    """The URL of each object: data where the budget allows."""
    ids = [ref["object_id"] for ref in refs]
    stored = {row.pk: row for row in StoredObject.objects.for_workspace(workspace_id).with_ids(ids)}
    budget = parley_settings().inline_objects_bytes
    urls = {}
    for ref in refs:
        row = stored.get(ref["object_id"])
        data = _data(row) if row and row.size_bytes <= budget else None
        budget -= len(data or b"")
        url = ref["prefix"] + base64.b64encode(data).decode() if data is not None else link(ref["object_id"])
        urls[ref["object_id"]] = url
    return urls


def _data(row: StoredObject) -> bytes | None:
    try:
        with row.open() as file:
            content: bytes = file.read()
    except Exception:  # whatever the storage raises: the link is an answer too
        logger.exception("could not read %s", row.path)
        return None
    return content


def _restored(item: dict[str, Any], urls: Mapping[str, str]) -> dict[str, Any]:
    if "image_url_ref" not in item:
        return item
    rest = {name: value for name, value in item.items() if name != "image_url_ref"}
    return rest | {"image_url": urls[item["image_url_ref"]["object_id"]]}
