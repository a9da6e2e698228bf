"""Why a webhook is disabled and a delivery has failed, stored in English; the admin translates it."""

from django.utils.translation import gettext_noop

ANSWERED = gettext_noop("The endpoint answered %(status)s")
GONE = gettext_noop("The endpoint answered 410: it is gone")
GIVEN_UP = gettext_noop("%(failures)s attempts in a row have failed, the last with: %(error)s")
REASONS = (
    GONE,
    GIVEN_UP,
    ANSWERED,
    gettext_noop("The signing secret was made under another SECRET_KEY; rotate it"),
    gettext_noop("The URL has more than %(most)s characters"),
    gettext_noop("The URL holds characters that are to be escaped"),
    gettext_noop("Give an absolute URL, such as https://example.com/parley"),
    gettext_noop("The URL must not hold a user name or a password"),
    gettext_noop("The URL must not have a fragment"),
    gettext_noop("The port of a URL is a number from 1 to 65535"),
    gettext_noop("This is no URL"),
    gettext_noop("The host is not at a public address, nor in a network of WEBHOOK_NETWORKS"),
    gettext_noop("Give an https URL; http is for the networks of WEBHOOK_NETWORKS"),
)
"""What may be told, those of the values for addresses and secrets, too."""
