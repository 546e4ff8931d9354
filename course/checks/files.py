"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT}


def advice(error: OSError, otherwise: str) -> str:
    """Returns what to do about a file that cannot be written: `otherwise`, but for a full disk."""
    return "Free some space on the disk, then try again." if error.errno in _FULL else otherwise


def replace_text(path: Path, text: str) -> None:
    """Writes a file in one step: a reader sees the old text or the new, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with scratch.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())  # a power cut must not leave an empty file in its place
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
