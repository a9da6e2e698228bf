"""The service as in production, with a view whose answer never ends."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.e2e.live"
