"""The rows of the store in the vocabulary of threads. The tables are those of `messaging`."""

from django.utils.translation import gettext_lazy as _

from messaging.models import Conversation, Part

__all__ = ["Part", "Thread"]


class Thread(Conversation):
    """A conversation as the wires of threads speak of it."""

    class Meta:
        proxy = True
        verbose_name = _("thread")
        verbose_name_plural = _("threads")
