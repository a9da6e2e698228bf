"""Golden files: what a test finds is written beside them and never over them."""

import difflib
from pathlib import Path


def hold(path: Path, found: str) -> None:
    """Raise AssertionError with the difference where the file does not hold this text.

    To accept it: `mv NAME_out.EXT NAME.EXT`.
    """
    sibling = path.with_name(f"{path.stem}_out{path.suffix}")
    wanted = path.read_text() if path.exists() else ""
    if found == wanted:
        sibling.unlink(missing_ok=True)
        return
    sibling.write_text(found)
    lines = difflib.unified_diff(
        wanted.splitlines(), found.splitlines(), path.name, sibling.name, lineterm=""
    )
    difference = "\n".join(list(lines)[:200])
    raise AssertionError(f"{path.name} differs; if that is meant, move {sibling.name} over it\n{difference}")
