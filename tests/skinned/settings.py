"""The settings of such a host, on a database in memory; the skin is the module that SKIN names, or none."""

import os

from tests.settings_host import *  # noqa: F403
from tests.settings_host import INSTALLED_APPS as HOST_APPS

ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.skinned.urls"
INSTALLED_APPS = [*filter(None, [os.environ.get("SKIN")]), *HOST_APPS]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
