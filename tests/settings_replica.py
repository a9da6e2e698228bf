"""A primary and a replica, told apart by a router: `DJANGO_SETTINGS_MODULE=tests.settings_replica`.

The replica is the connection of the primary under another name; `tests.replica` makes it strict.
"""

from copy import deepcopy

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, MIDDLEWARE

DATABASES["replica"] = deepcopy(DATABASES["default"]) | {"TEST": {"MIRROR": "default"}}
DATABASE_ROUTERS = ["tests.replica.Router"]
MIDDLEWARE = ["tests.replica.NoteMethod", *MIDDLEWARE]
