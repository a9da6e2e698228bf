"""The settings of such a host: two databases, and a default without a table, so that no statement may stray.

On SQLite they are files in the folder `SHARDS_FOLDER`, on PostgreSQL schemas of one database.
"""

import os
from pathlib import Path
from typing import Any

from tests.settings import DATABASES as OF_TESTS
from tests.settings import STORAGES  # noqa: F401
from tests.settings_host import INSTALLED_APPS as HOST_APPS
from tests.settings_host import MIDDLEWARE as HOST_MIDDLEWARE
from tests.settings_host import SECRET_KEY, STATIC_URL, TEMPLATES, USE_TZ  # noqa: F401

FOLDER = Path(os.environ["SHARDS_FOLDER"])
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.shards.urls"
INSTALLED_APPS = [name for name in HOST_APPS if name != "tests.hostapp"]
MIDDLEWARE = [
    "tests.shards.middleware.ByHost",
    *(name for name in HOST_MIDDLEWARE if "LoginRequired" not in name),
]


def database(alias: str) -> dict[str, Any]:
    given = OF_TESTS["default"]
    if given["ENGINE"].endswith("sqlite3"):
        return {"ENGINE": given["ENGINE"], "NAME": FOLDER / f"{alias}.sqlite3"}
    options = {**given.get("OPTIONS", {}), "options": f"-c search_path={alias},public"}
    return {**given, "OPTIONS": options}


DATABASES = {alias: database(alias) for alias in ("default", "one", "two")}
DATABASE_ROUTERS = ["messaging.sql.databases.ChosenDatabase"]
