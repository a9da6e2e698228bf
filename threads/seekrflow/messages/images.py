"""Contents as they were sent: images that are kept outside their rows are put back."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from messaging.content import Link
from messaging.services.inlining import shown_objects
from threads.seekrflow.dialect import SEEKRFLOW

REF = "image_url_ref"
MARK = f'"{REF}"'


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
    named = [(name, item[REF]) for name, items in contents.items() for item in items if REF in item]
    shown = shown_objects(named, workspace_id=workspace_id)
    return {
        name: [_restored(item, shown.get(name, {}), link) for item in items]
        for name, items in contents.items()
    }


def _restored(item: dict[str, Any], shown: Mapping[str, Any], link: Link) -> dict[str, Any]:
    if REF not in item:
        return item
    object_id = item[REF]["object_id"]
    text = shown.get(object_id)
    rest = {name: value for name, value in item.items() if name != REF}
    return rest | {"image_url": text if isinstance(text, str) else link(object_id)}
