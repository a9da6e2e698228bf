"""What the table of jobs keeps of an error: never its text, which may quote a message."""

import traceback

LIBRARIES = "site-packages"


def head_of(error: BaseException) -> str:
    """Type and origin, as in `OperationalError (57P01) in remove_old_answers, idempotency.py line 90`."""
    state = getattr(error.__cause__, "sqlstate", None)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if LIBRARIES not in frame.filename] or frames
    origin = (
        f" in {ours[-1].name}, {ours[-1].filename.rpartition('/')[2]} line {ours[-1].lineno}" if ours else ""
    )
    return f"{type(error).__name__}{f' ({state})' if state else ''}{origin}"
