"""Facts that a request attaches to a key for its pages: they are stored nowhere."""

from dataclasses import dataclass

from messaging.models import ApiKey, Workspace

__all__ = ["Further", "attach_further", "attach_secret", "further_of", "secret_of"]


@dataclass(frozen=True, slots=True)
class Further:
    """The further workspaces of a key, as one person may see them."""

    seen: list[Workspace]
    unseen: int
    """How many others there are."""


def attach_further(api_key: ApiKey, further: Further) -> None:
    vars(api_key)["further_on_page"] = further


def further_of(api_key: ApiKey) -> Further:
    further: Further = vars(api_key)["further_on_page"]
    return further


def attach_secret(api_key: ApiKey, secret: str) -> None:
    """Keep the secret of a new key for the one answer that shows it."""
    vars(api_key)["secret_of_answer"] = secret


def secret_of(api_key: ApiKey) -> str:
    secret: str = vars(api_key)["secret_of_answer"]
    return secret
