"""A storage of files that fails on request, as a full disk and a bucket that is away do."""

import errno
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage


class Failing(FileSystemStorage):
    """Raises `error` after so many further calls; a save leaves half of the file, as a full disk does."""

    error: Exception | None = None
    after = 0
    asked = 0

    def _ask(self) -> None:
        self.asked += 1
        if self.error and self.after <= 0:
            raise self.error
        self.after -= 1

    def _save(self, name: str, content: Any) -> str:
        try:
            self._ask()
        except Exception:
            if self.is_full:
                self._keep(name, ContentFile(b"half"))
            raise
        return self._keep(name, content)

    def _keep(self, name: str, content: Any) -> str:
        kept: str = super()._save(name, content)  # type: ignore[misc]  # the stubs leave it out
        return kept

    def _open(self, name: str, mode: str = "rb") -> Any:
        self._ask()
        return super()._open(name, mode)  # type: ignore[misc]  # the stubs leave it out

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        self._ask()
        return super().listdir(path)

    def delete(self, name: str) -> None:
        if not self.is_full:
            self._ask()
        super().delete(name)

    @property
    def is_full(self) -> bool:
        """A disk that is full still deletes."""
        return getattr(self.error, "errno", None) == errno.ENOSPC
