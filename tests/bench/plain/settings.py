"""The service's own settings but for the routes. A request is a transaction, so a batch is one commit."""

from config.settings import *  # noqa: F403
from config.settings import DATABASES

ROOT_URLCONF = "tests.bench.plain.urls"
DATABASES["default"]["ATOMIC_REQUESTS"] = True
