"""A disk that lies: with failing_sync.c preloaded, syncing fails."""

import subprocess

from conftest import ROOT


def failing_sync(folder):
    """A library to preload, with which syncing fails while the file in KPR_FAILING_SYNC is there."""
    library = folder / "failing_sync.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, ROOT / "tests/system/failing_sync.c"], check=True)
    return library
