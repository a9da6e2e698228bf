"""Where large objects are kept."""

from django.core.files.storage import Storage, storages

from .conf import parley_settings


def object_storage() -> Storage:
    return storages[parley_settings().object_storage]
