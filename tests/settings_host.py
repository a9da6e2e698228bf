"""A hostile host: Parley added as the README says, to a project whose other settings are all against us.

`DJANGO_SETTINGS_MODULE=tests.settings_host pytest tests/messaging tests/wire`: nothing may differ.
"""

from tests.settings import DATABASES, PASSWORD_HASHERS, STORAGES  # noqa: F401

SECRET_KEY = "the host's"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "tests.hostapp.urls"
API_PREFIX = "/chat"
WIRES = [
    "messaging.api.dialect.MIELTO",
    "threads.seekrflow.dialect.SEEKRFLOW",
    "threads.openai.dialect.OPENAI",
]
"""Where the tests find us."""

INSTALLED_APPS = [
    "tests.hostapp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # What the README says to add.
    "messaging",
    "threads",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
]
AUTH_USER_MODEL = "hostapp.Member"
DEFAULT_AUTO_FIELD = "django.db.models.SmallAutoField"
DATABASES["default"]["ATOMIC_REQUESTS"] = True
# As a host has it that has given SQLite no thought.
DATABASES["default"].pop("OPTIONS", None)

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
STATIC_URL = "static/"
APPEND_SLASH = True

LANGUAGE_CODE = "de"
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
USE_TZ = True
TIME_ZONE = "Asia/Kathmandu"
DATETIME_FORMAT = "j. F Y"
DATETIME_INPUT_FORMATS = ["%d/%m/%y"]
FIRST_DAY_OF_WEEK = 6

# Room for a form of the admin and no more.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50
FILE_UPLOAD_MAX_MEMORY_SIZE = 1

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["tests.hostapp.rest.Shout", "rest_framework.renderers.BrowsableAPIRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FormParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "1/day", "user": "1/day"},
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
    "ALLOWED_VERSIONS": ["9"],
    "DEFAULT_VERSION": "9",
    "VERSION_PARAM": "message_id",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 1,
    "DEFAULT_FILTER_BACKENDS": ["rest_framework.filters.SearchFilter"],
    "SEARCH_PARAM": "role",
    "DEFAULT_METADATA_CLASS": "rest_framework.metadata.SimpleMetadata",
    "DEFAULT_SCHEMA_CLASS": "rest_framework.schemas.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "tests.hostapp.rest.Everybody",
    "EXCEPTION_HANDLER": "tests.hostapp.rest.teapot",
    "NON_FIELD_ERRORS_KEY": "oops",
    "URL_FORMAT_OVERRIDE": "limit",
    "FORMAT_SUFFIX_KWARG": "message_id",
    "UNICODE_JSON": False,
    "COMPACT_JSON": False,
    "STRICT_JSON": False,
    "DATETIME_FORMAT": "%d.%m.%Y",
    "SCHEMA_COERCE_PATH_PK": True,
    "SCHEMA_COERCE_METHOD_NAMES": {"retrieve": "read", "destroy": "remove"},
}
SPECTACULAR_SETTINGS = {
    "TITLE": "The host",
    "VERSION": "9",
    "OAS_VERSION": "3.0.3",
    "DESCRIPTION": "The host's",
    "SCHEMA_PATH_PREFIX": "/chat/api",
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "SCHEMA_PATH_PREFIX_INSERT": "/elsewhere",
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "CAMELIZE_NAMES": True,
    "SECURITY": [{"none": []}],
    "TOS": "https://host.example/terms",
    "EXTERNAL_DOCS": {"url": "https://host.example/"},
    "SERVERS": [{"url": "https://host.example/"}],
    "TAGS": [{"name": "host"}],
    "APPEND_PATHS": {"/host": {}},
    "APPEND_COMPONENTS": {"schemas": {"Host": {"type": "object"}}},
    "SCHEMA_COERCE_PATH_PK_SUFFIX": True,
    "SERVE_URLCONF": "tests.hostapp.rest",
    "POSTPROCESSING_HOOKS": ["tests.hostapp.rest.spoil"],
    "PREPROCESSING_HOOKS": ["tests.hostapp.rest.spoil"],
    "ENUM_NAME_OVERRIDES": {"HostEnum": ["active", "ended", "archived"]},
}
PARLEY = {"RATE_LIMIT": None, "WEBHOOK_NETWORKS": ["127.0.0.0/8"]}
