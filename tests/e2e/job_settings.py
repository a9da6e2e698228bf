"""The service with leases that soon end."""

from config.settings import *  # noqa: F403
from config.settings import PARLEY

PARLEY["JOB_LEASE_SECONDS"] = 2
PARLEY["WEBHOOK_TIMEOUT_SECONDS"] = 1
