"""The settings of such a host, on a database in memory: `threads` is not installed."""

from tests.settings import STORAGES  # noqa: F401
from tests.settings_host import INSTALLED_APPS as HOST_APPS
from tests.settings_host import MIDDLEWARE, SECRET_KEY, STATIC_URL, TEMPLATES, USE_TZ  # noqa: F401

ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "tests.storealone.urls"
INSTALLED_APPS = [name for name in HOST_APPS if name not in ("tests.hostapp", "threads")]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
