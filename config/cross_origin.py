"""Answers of the wires that pages of other origins may read; see `CORS_ORIGINS` in OPERATIONS.md."""

from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest

from .wires import dialect_of

__all__ = ["CrossOrigin"]


class CrossOrigin(CorsMiddleware):
    """Concerns the wires alone: no page of another origin has business with the admin."""

    def is_enabled(self, request: HttpRequest) -> bool:
        return dialect_of(request.path_info) is not None
