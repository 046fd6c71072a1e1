"""The file that a server's state is loaded from at its start, and saved to at its end, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from mockserver.core.errors import ConfigurationError
from mockserver.server.state.reading import Loaded, load_state


def load_kept(file: Path | None) -> Loaded | None:
    """None where there is no file yet. Raises ConfigurationError for a file that is damaged, and for a place that
    nothing could be saved to at the end."""
    if file is None:
        return None
    _hold_writable(file)
    return load_state(file) if file.exists() else None


def save(file: Path, text: str) -> None:
    """Takes the file's place once everything is on the disk; its permissions stay. A new one is for its owner only, as
    credentials stand in it. Raises ConfigurationError, and leaves the file as it was."""
    place = file.resolve()
    written: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        written = Path(name)
        with os.fdopen(descriptor, "wb") as copy:
            with suppress(FileNotFoundError):
                os.fchmod(copy.fileno(), place.stat().st_mode & 0o7777)
            copy.write(text.encode("utf-8"))
            copy.flush()
            os.fsync(copy.fileno())
        written.replace(place)
        _sync_folder(place.parent)
    except OSError as error:
        if written is not None:
            written.unlink(missing_ok=True)
        raise ConfigurationError(f"--state {file}: cannot be saved: {error.strerror}") from None


def _hold_writable(file: Path) -> None:
    place = file.resolve()
    if place.exists() and not place.is_file():
        raise ConfigurationError(f"--state {file}: is no file")
    try:
        with tempfile.TemporaryFile(dir=place.parent):
            pass
    except OSError as error:
        raise ConfigurationError(
            f"--state {file}: nothing can be saved in its folder: {error.strerror}"
        ) from None


def _sync_folder(folder: Path) -> None:
    """So that the new name survives a loss of power, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
