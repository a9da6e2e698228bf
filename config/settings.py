"""Settings of the standalone service, read from the environment; OPERATIONS.md lists every variable.

Without any variable they describe a server for this machine alone, on SQLite, safe to keep running.
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from .environment import Environment

env = Environment()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))


def kept_secret_key() -> str:
    """The key in DATA_DIR, made there on the first start and readable by its owner alone."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written under another name, then linked: of several first starts one key wins, never half of one.
        with NamedTemporaryFile("w", dir=DATA_DIR) as draft:
            draft.write(get_random_secret_key())
            draft.flush()
            with suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text().strip()


def make_private(path: str) -> None:
    """Make the file of a database, if there is none, before SQLite does so for everybody to read."""
    if path != ":memory:":
        with suppress(OSError):  # there is one, or there can be none, as SQLite will say
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "config",
    "messaging",
    "threads",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.watching.middleware.Watching",
    "config.middleware.EncryptedWires",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.pages.PageSessions",
    "config.pages.PageLanguages",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.pages.PageAuthentication",
    "config.pages.PageMessages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

# Origins whose pages may call the wires; none, since a key sees its whole workspace.
CORS_ALLOWED_ORIGINS = env.list("CORS_ORIGINS", default=[])
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type", "content-encoding", "idempotency-key", "last-event-id"),
    *("prefer", "x-api-key", "x-request-id", "x-team-id", "x-user-id", "x-workspace-id"),
]
CORS_EXPOSE_HEADERS = [
    *("Allow", "Idempotent-Replayed", "Parley-Ignored", "Preference-Applied", "Retry-After"),
    *("WWW-Authenticate", "X-Request-Id", "X-Total-Count-Estimated"),
]
if CORS_ALLOWED_ORIGINS:
    MIDDLEWARE.insert(
        MIDDLEWARE.index("config.middleware.EncryptedWires") + 1, "config.cross_origin.CrossOrigin"
    )

ROOT_URLCONF = "config.urls"

# The wires that the service speaks, each below the prefix that its dialect names.
WIRES = [
    "messaging.api.dialect.MIELTO",
    "threads.seekrflow.dialect.SEEKRFLOW",
    "threads.openai.dialect.OPENAI",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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


CONNECT_SECONDS = env.int("CONNECT_SECONDS", default=3)
# Of every connection, a command's too: who reads changes waits for the oldest transaction. 0: none, as behind
# a pooler that does not pass it on.
IDLE_TRANSACTION_SECONDS = env.float("IDLE_TRANSACTION_SECONDS", default=300.0)


def database() -> dict[str, Any]:
    """DATABASE_URL, with what each engine needs to keep writers apart."""
    config: dict[str, Any] = env.db_url(
        "DATABASE_URL", default=f"sqlite:///{DATA_DIR.as_posix()}/parley.sqlite3"
    )
    if config["ENGINE"] == "django.db.backends.sqlite3":
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(config["NAME"])
        config["OPTIONS"] = {
            # Take the write lock when the transaction begins, and wait for it rather than fail.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    else:
        config["CONN_HEALTH_CHECKS"] = True
        config["OPTIONS"] = {
            "connect_timeout": CONNECT_SECONDS,
            # The machine of the database has gone: what was sent to it is acknowledged by nobody.
            "tcp_user_timeout": CONNECT_SECONDS * 1000,
            "keepalives_idle": CONNECT_SECONDS,
            **config.get("OPTIONS", {}),
        }
        if IDLE_TRANSACTION_SECONDS:
            ends_idle = f"-c idle_in_transaction_session_timeout={round(IDLE_TRANSACTION_SECONDS * 1000)}"
            config["OPTIONS"]["options"] = f"{ends_idle} {config['OPTIONS'].get('options', '')}".strip()
    # On SQLite, too: it reads the schema and the pages it needs anew with each connection.
    config["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
    return config


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Of the pages for people, where a browser asks for none that Parley has; the wires have one of their own.
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / ".static")))


# How long a bucket may be silent.
STORAGE_SECONDS = env.float("STORAGE_SECONDS", default=5.0)


def object_storage() -> dict[str, Any]:
    """Where large tool outputs and images are kept: a folder of this machine, or an S3 bucket.

    A bucket needs the extra `s3`; boto3 looks up its credentials.
    """
    bucket = env.str("S3_BUCKET", default="")
    if not bucket:
        folder = env.str("OBJECTS_DIR", default=str(DATA_DIR / "objects"))
        options = {"location": folder, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    from botocore.config import Config  # type: ignore[import-untyped]  # comes with the extra

    where = {
        "client_config": Config(
            # A thread waits for it, and the clients behind that thread.
            connect_timeout=min(STORAGE_SECONDS, CONNECT_SECONDS),
            read_timeout=STORAGE_SECONDS,
            retries={"total_max_attempts": 2},
        ),
        "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
        "region_name": env.str("S3_REGION", default="") or None,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": bucket, **where}}


STORAGES = {
    "default": object_storage(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# HTTPS=true once the service is reached through TLS: redirects, secure cookies and HSTS follow.
HTTPS = env.bool("HTTPS", default=False)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
# Opted into: they bind hosts that are not ours, and browsers forget a preload only after months.
SECURE_HSTS_PRELOAD = HTTPS and env.bool("HSTS_PRELOAD", default=False)
# The preload list takes no domain without its subdomains.
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and (SECURE_HSTS_PRELOAD or env.bool("HSTS_SUBDOMAINS", default=False))
# `check --deploy` asks for both of everybody.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# The probes of an orchestrator come without TLS, and so does Prometheus.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if HTTPS and BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

HOST, PORT = env.str("HOST", default="127.0.0.1"), env.int("PORT", default=8000)
# Processes, and threads of each.
WEB_CONCURRENCY = env.at_least("WEB_CONCURRENCY", 1, default=2)
THREADS = env.at_least("THREADS", 1, default=4)
# Of each process; further ones are refused.
MAX_CONNECTIONS = env.at_least("MAX_CONNECTIONS", 1, default=10_000)
# Whether `serve` has a worker of its own, in one process more.
RUN_WORKER = env.bool("RUN_WORKER", default=True)
# A request that has waited longer than this for a thread is refused with 503, see config/serving/pool.py.
QUEUE_SECONDS = env.float("QUEUE_SECONDS", default=2.0)
# Of long answers on their way to slow readers, in each process.
SPOOL_BYTES = env.int("SPOOL_BYTES", default=1024**3)
# Of a request, see config/serving/deadlines.py; 0: none, as behind a pooler that does not pass it on.
LOCK_SECONDS = env.float("LOCK_SECONDS", default=3.0)
STATEMENT_SECONDS = env.float("STATEMENT_SECONDS", default=30.0)

# Who reads /metrics names this token; without one it is for this machine itself alone.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Whether spans are sent, see config/watching/tracing.py.
TRACING = env.bool("TRACING", default=False)

LOG_FORMAT = env.str("LOG_FORMAT", default="line")
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}: write line or json")
ACCESS_LOG = env.str("ACCESS_LOG", default="")


def access_log() -> dict[str, Any]:
    """The handler of the access log: a file, or standard output for `-`."""
    if ACCESS_LOG in ("", "-"):
        return {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "all"}
    return {"class": "logging.FileHandler", "filename": ACCESS_LOG, "delay": True, "formatter": "all"}


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"all": {"()": "config.watching.logs.Formatter", "as_json": LOG_FORMAT == "json"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "all"},
        "access": access_log(),
        "suspicions": {"class": "config.security.Suspicions"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Answers of 4xx are the caller's affair; the access log has them.
        "django.request": {"level": "ERROR"},
        # Hosts that are not ours, forms that were tampered with: anybody can send them.
        "django.security": {"handlers": ["suspicions"], "propagate": False},
        "config.access": {
            "handlers": ["access"],
            "level": "INFO" if ACCESS_LOG else "WARNING",
            "propagate": False,
        },
        # What fails in the service it reports itself; the rest are requests that are none.
        "uvicorn.error": {"level": "CRITICAL"},
    },
}

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {
    # Documentation pages without a byte from elsewhere.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "persistAuthorization": True,
        "tryItOutEnabled": True,
        "displayRequestDuration": True,
    },
    "TITLE": "Parley",
}

EXTRACTORS = {
    "none": None,
    "rules": "messaging.memories.rules.RuleExtractor",
    "openai": "messaging.memories.openai.OpenAIExtractor",
}
EMBEDDERS = {
    "none": None,
    "semantic": "messaging.memories.semantic.SemanticEmbedder",
    "openai": "messaging.memories.openai_embedder.OpenAIEmbedder",
}


def memories() -> dict[str, Any]:
    """What draws memories and finds them; with `openai`, a model of any server that speaks its API."""
    url, model = env.str("MEMORY_URL", default=""), env.str("MEMORY_MODEL", default="")
    key = env.str("MEMORY_KEY", default="")
    drawn, searched = env.str("MEMORY_EXTRACTOR", default="rules"), env.str("MEMORY_EMBEDDER", default="none")
    settings: dict[str, Any] = {
        "EXTRACTOR": EXTRACTORS.get(drawn, drawn),
        "EMBEDDER": EMBEDDERS.get(searched, searched),
    }
    if drawn == "openai":
        settings["EXTRACTOR_OPTIONS"] = {"url": url, "model": model, "key": key}
    if searched == "openai":
        settings["EMBEDDER_OPTIONS"] = {
            "url": env.str("MEMORY_EMBEDDER_URL", default=url),
            "model": env.str("MEMORY_EMBEDDER_MODEL", default=model),
            "key": env.str("MEMORY_EMBEDDER_KEY", default=key),
        }
    return settings


PARLEY: dict[str, Any] = {
    "PREPARED_STATEMENTS": env.bool("PREPARED_STATEMENTS", default=True),
    "MEMORIES": memories(),
}
if env.str("RATE_LIMIT", default=""):
    PARLEY["RATE_LIMIT"] = env.str("RATE_LIMIT")
if env.bool("STRICT", default=False):
    PARLEY["STRICT"] = True
if env.str("MAX_BODY_BYTES", default=""):
    PARLEY["MAX_BODY_BYTES"] = env.int("MAX_BODY_BYTES")
if env.str("TOKEN_COUNTER", default=""):
    PARLEY["TOKEN_COUNTER"] = env.str("TOKEN_COUNTER")
if env.list("WEBHOOK_NETWORKS", default=[]):
    PARLEY["WEBHOOK_NETWORKS"] = env.list("WEBHOOK_NETWORKS")
if env.str("OBJECT_THRESHOLD_BYTES", default=""):
    PARLEY["OBJECT_THRESHOLD_BYTES"] = env.int("OBJECT_THRESHOLD_BYTES")
if env.str("RUN_SECONDS", default=""):
    PARLEY["RUN_SECONDS"] = env.int("RUN_SECONDS")

# What the environment was asked for, so that a misspelt variable is told from one that is not ours.
VARIABLES = env.known
