"""A worker of a process of its own, with jobs that write down what happens to them.

`python -m tests.e2e.jobs FILE`; `python -m tests.e2e.jobs FILE NAME...` asks for a job of each name instead.
"""

import os
import sys
import time
from pathlib import Path

import django

SECONDS = 0.2


def note(file: Path, what: str, name: str) -> None:
    """Append a line, whole, whoever else does."""
    handle = os.open(file, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.write(handle, f"{what} {name} {os.getpid()}\n".encode())
    os.close(handle)


def main(path: str, *names: str) -> None:
    from messaging.jobs import Context, Worker, enqueue, job, registry
    from messaging.jobs.process import run_process

    file = Path(path)
    registry._kinds.clear()

    @job("noted")
    def noted(context: Context, *, name: str) -> None:
        note(file, "begin", name)
        end = time.monotonic() + (60 if name.startswith("long") else SECONDS)
        while time.monotonic() < end and not file.with_suffix(".enough").exists():
            if context.should_stop():
                note(file, "stop", name)
                return
            time.sleep(0.02)
        note(file, "end", name)

    for name in names:
        enqueue("noted", parameters={"name": name})
    if not names:
        run_process(Worker(idle=0.1))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.e2e.job_settings")
    django.setup()
    main(*sys.argv[1:])
