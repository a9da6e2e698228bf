"""gunicorn's configuration, read from the environment like the rest of the service."""

import gc
import os
import resource

FILES = 65_536


def open_files() -> int:
    """How many files a process may have open, up to FILES, once it may have as many as the machine allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # a system may allow less than it says
            return soft
    return wanted


bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# gthread, whose requests know how long they have waited for a thread.
worker_class = "config.overload.Worker"
threads = int(os.environ.get("THREADS", "4"))
# The code is loaded once and shared by the workers, which keeps their memory small.
preload_app = True
# Of a process. What is beyond its capacity it takes, too, to refuse it in time; the rest waits unheard.
worker_connections = min(10_000, open_files() // 2)
keepalive = 75
# A client that dawdles costs a thread at most this long, in seconds.
timeout = 60
graceful_timeout = 30
# No second way in: gunicorn's control socket would lie in the home directory.
control_socket_disable = True
# Room for a cursor that carries the longest of titles.
limit_request_line = 8190
accesslog = os.environ.get("ACCESS_LOG") or None
wsgi_app = "config.wsgi:application"


def pre_fork(server: object, worker: object) -> None:
    """What was loaded is there to stay: the collector of a worker need not look at it, nor copy its pages."""
    gc.freeze()
