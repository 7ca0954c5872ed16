"""Built chains kept on disk, since ten thousand borrowers take the better part of a minute.

The key covers the options, this package's sources and the versions of the packages that supply EVM and bytecode, so
that a stale chain is never served. The file is a pickle: it is only ever read back from the directory that this
program wrote it to.
"""

import gc
import hashlib
import importlib.metadata
import os
import pickle
import tempfile
from pathlib import Path

from .artifacts import VERSIONED

# Smaller chains are built faster than they are read.
WORTH_KEEPING = 500
KEPT = 8


class Cache:
    """A directory of built chains."""

    def __init__(self, directory: str | None):
        self.directory = Path(directory) if directory else None

    def load(self, options):
        """(chain, market, population) as they were built, or None."""
        if self.directory is None or options.borrowers < WORTH_KEEPING:
            return None
        try:
            gc.disable()  # a million small objects and no garbage among them
            with open(self._path(options), "rb") as file:
                return pickle.load(file)
        except (OSError, EOFError, pickle.UnpicklingError, AttributeError):
            return None
        finally:
            gc.enable()

    def save(self, options, built) -> None:
        """Keep a chain; a full disk or a read-only directory only costs the next start its speed."""
        if self.directory is None or options.borrowers < WORTH_KEEPING:
            return
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.directory, delete=False) as file:
                pickle.dump(built, file, protocol=5)
            os.replace(file.name, self._path(options))
            kept = sorted(self.directory.glob("*.pickle"), key=lambda p: p.stat().st_mtime)
            for old in kept[:-KEPT]:
                old.unlink(missing_ok=True)
        except OSError:
            return

    def _path(self, options) -> Path:
        digest = hashlib.sha256(repr(options).encode())
        for package in VERSIONED:
            digest.update(f"{package} {importlib.metadata.version(package)}".encode())
        for source in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(source.read_bytes())
        return self.directory / f"{options.rules}-{options.borrowers}-{options.seed}-{digest.hexdigest()[:24]}.pickle"
