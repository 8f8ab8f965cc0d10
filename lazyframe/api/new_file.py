"""A file that gets its name when all of it is written."""

from __future__ import annotations

import os
import shutil
import stat
import uuid
from contextlib import suppress


class NewFile:
    """An empty file in a directory, to be written to.

    It has no name where the system can do so (Linux's ``O_TMPFILE``, on most file systems): nothing is left
    of it then when the process is killed. Else it has one that readers of the directory pass over.

    Parameters
    ----------
    directory : str
        Where it will be.

    Attributes
    ----------
    path : str
        By which to open it.

    Raises
    ------
    OSError
        If the directory takes no files.
    """

    def __init__(self, directory: str) -> None:
        self._name = os.path.join(directory, f".{uuid.uuid4().hex}.part")
        self._handle = _nameless(directory)
        if self._handle is None:
            self.path = self._name
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        else:
            self.path = _path_of(self._handle)

    def replace(self, target: str) -> None:
        """Give it the name ``target``, and the mode of the file that has it, if there is one."""
        with suppress(FileNotFoundError):
            os.chmod(self.path, stat.S_IMODE(os.stat(target).st_mode))
        if self._handle is not None:
            self._be_named()
        os.replace(self._name, target)

    def _be_named(self) -> None:
        try:
            # with a directory, which an absolute path makes no use of, Python follows the link to the file
            os.link(self.path, self._name, src_dir_fd=self._handle)
        except OSError:  # as in a container that forbids it
            shutil.copy(self.path, self._name)

    def close(self) -> None:
        """Let go of it, and remove it if it has not got its name."""
        if self._handle is not None:
            os.close(self._handle)
        with suppress(OSError):
            os.unlink(self._name)


def _nameless(directory: str) -> int | None:
    try:
        handle = os.open(directory, os.O_TMPFILE | os.O_WRONLY, 0o666)
    except (AttributeError, OSError):
        return None
    if os.path.exists(_path_of(handle)):
        return handle
    os.close(handle)
    return None


def _path_of(handle: int) -> str:
    return f"/proc/self/fd/{handle}"
