"""Count machine instructions: callgrind counts from one mark to the next, and nothing else.

A mark is a client request of valgrind's, the instructions that `valgrind/callgrind.h` compiles into a C program. They
do nothing on a processor, so a process that is not under valgrind may make them too.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
import re
import shutil
from pathlib import Path

# mov rax, rdi; xor edx, edx; rol rdi, 3, 13, 61, 51; xchg rbx, rbx; mov rax, rdx; ret
_CODE = bytes.fromhex("4889f8 31d2 48c1c703 48c1c70d 48c1c73d 48c1c733 4887db 4889d0 c3")
_BASE = ord("C") << 24 | ord("T") << 16
_DUMP, _ZERO, _START = 0, 1, 4


def is_available() -> bool:
    """Say whether instructions can be counted on this machine."""
    return platform.machine() == "x86_64" and shutil.which("valgrind") is not None


def command(folder: Path) -> list[str]:
    """Return what comes before a command whose marks are to count.

    :param folder: where the figures go.
    """
    out = f"--callgrind-out-file={folder / 'out'}"
    return ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", out]


class Marks:
    """Where a figure begins and where it ends."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(
            -1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        )
        self._memory.write(_CODE)
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._call = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)(address)
        self._requests = {
            number: (ctypes.c_uint64 * 6)(_BASE + number) for number in (_DUMP, _ZERO, _START)
        }

    def begin(self) -> None:
        """Count from here."""
        self._request(
            _START
        )  # the first time; it stays on, for to switch it costs more than it saves
        self._request(_ZERO)

    def end(self) -> None:
        """Count up to here, and write the figure."""
        self._request(_DUMP)

    def _request(self, number: int) -> None:
        self._call(ctypes.addressof(self._requests[number]))


def figures(folder: Path) -> list[int]:
    """Return the figures that were written, in their order.

    :param folder: what :func:`command` was given.
    """
    files = sorted(folder.glob("out.*"), key=lambda path: int(path.suffix[1:]))
    found = [re.search(r"^totals: (\d+)", path.read_text(), re.M) for path in files]
    return [int(match[1]) for match in found if match]
