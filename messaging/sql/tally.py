"""How many statements a thread has sent, for whoever logs that."""

import threading

__all__ = ["tally"]


class Tally(threading.local):
    """It only rises: who wants the number of a request takes the difference."""

    statements = 0


tally = Tally()
