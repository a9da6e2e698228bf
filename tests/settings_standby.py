"""The service as in production, behind a router that reads from a standby: `REPLICA_URL` names it."""

import os

import environ

from config.settings import *  # noqa: F403
from config.settings import DATABASES

DATABASES["replica"] = DATABASES["default"] | environ.Env.db_url_config(os.environ["REPLICA_URL"])
DATABASE_ROUTERS = ["tests.replica.Router"]
