"""The standalone service's settings, on the database that TEST_DATABASE_URL names (SQLite if none)."""

import os

os.environ.setdefault("SECRET_KEY", "for tests alone")
os.environ.pop("DATABASE_URL", None)

from config.settings import *  # noqa: F403
