"""What the services refuse, in the language of the person who reads it: the wires say it in English."""

from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext, gettext_noop

from messaging.exceptions import ParleyError, Referred
from messaging.values.words import OF_VALUES, translated
from messaging.webhooks.reasons import REASONS

NOT_FOUND = (
    gettext_noop("Workspace not found"),
    gettext_noop("API key not found"),
    gettext_noop("Webhook not found"),
    gettext_noop("Conversation not found"),
    gettext_noop("Message not found"),
)
"""What NotFound says, for the catalogues."""


def in_words(refusal: Exception | str) -> str:
    """The reason as a page shows it. One that no catalogue has stays as it is."""
    if isinstance(refusal, ProtectedError | RestrictedError):
        refusal = Referred()
    if not isinstance(refusal, ParleyError):
        return str(refusal)
    if refusal.params:
        return gettext(refusal.message) % refusal.params
    return translated(gettext(refusal.message), (*REASONS, *OF_VALUES)) if refusal.message else ""


def reason_in_words(stored: str) -> str:
    """Why a webhook is disabled or a delivery has failed, which is stored in English."""
    return translated(stored, REASONS)
