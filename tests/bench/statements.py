"""How many SQL statements pages take, a number a line: `python -m tests.bench.statements SESSION PATH ...`"""

import os
import sys
from collections.abc import Iterator, Sequence

import django


def counts(session: str, paths: Sequence[str]) -> Iterator[int]:
    """Of each page, asked for by the person of this session; the second time, as caches are filled then."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    person = Client(headers={"Cookie": f"sessionid={session}", "Host": "localhost"})
    for path in paths:
        for _ in range(2):
            with CaptureQueriesContext(connection) as context:
                answer = person.get(path)
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status_code}")
        yield len(context)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    print(*counts(sys.argv[1], sys.argv[2:]), sep="\n")
