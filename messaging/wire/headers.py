"""Text that stands in the head of a request."""

__all__ = ["as_sent"]


def as_sent(text: str) -> str:
    """The text that a client meant: clients send UTF-8, WSGI hands it over as if it were Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
