"""Work upon all rows of a table, while others write to it: in passes, each over what others held."""

import logging
import time
from collections.abc import Callable, Iterable, Set
from typing import Any

logger = logging.getLogger("messaging")

BATCH = 1_000
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds until rows that somebody was writing are looked for again."""
Keys = list[Any]


def in_passes(
    wanting: Callable[[Keys | None], Iterable[Keys]], work: Callable[[Keys], Set[Any]], what: str
) -> int:
    """Do the work upon batches of rows until none is left; returns upon how many.

    `wanting` gives the primary keys of rows that want it, of all or among some. `work` is a transaction that
    returns upon which it was done: a row that another transaction holds is passed over and comes again in a
    further pass, so that nobody waits for whom this waits for.
    """
    number, pause = 0, FIRST_PAUSE
    passed_over: Keys | None = None
    while True:
        held: Keys = []
        for keys in wanting(passed_over):
            done = work(keys)
            number += len(done)
            held += [key for key in keys if key not in done]
        if not held:
            return number
        logger.info("%s: waiting for %d rows that others are writing", what, len(held))
        time.sleep(pause)
        passed_over, pause = held, min(2 * pause, LONGEST_PAUSE)
