"""Scan a CSV once: in which encoding it is written, where it ends, and whether a quote stands in it.

It costs one strict decoding and little more. What cannot be read is refused here with its line and byte, before a row
is staged.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from talentpool.conform.files.limits import MAX_LINE, long_line
from talentpool.errors import RejectedError

BLOCK = 1024 * 1024
_TAIL = 16_384
_END_MARK = b"\x1a"
"""DOS programs close a text with it, some fill up a sector. It is no part of a roster."""
Open = Callable[[], BinaryIO]


@dataclass(frozen=True)
class Scan:
    """`size`: bytes up to the end mark, if there is one; `quoted`: a quote stands somewhere; `ending`: the last bytes."""

    encoding: str
    size: int
    quoted: bool
    ending: bytes = b""

    def chunks(self, file: BinaryIO) -> Iterator[bytes]:
        """The bytes of the text, about a block at a time."""
        left = self.size
        while left and (chunk := file.read(min(BLOCK, left))):
            left -= len(chunk)
            yield chunk


class Part(io.RawIOBase):
    """A file as bytes up to where its text ends."""

    def __init__(self, file: BinaryIO, scanned: Scan) -> None:
        super().__init__()
        self._file = file
        self._chunks = scanned.chunks(file)
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._held = self._held or memoryview(next(self._chunks, b""))
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size

    def close(self) -> None:
        self._file.close()
        super().close()


class Lines:
    """Counts the lines (ended by CR LF, LF or CR) of a text with quotes, and sees whether all quotes are in their place.

    `odd`: in some line they are of an odd number, or one stands in the middle of a cell. A second look says which.
    """

    def __init__(self) -> None:
        self._ends = 0
        self._last = 0
        self._quotes = 0
        self.odd = False

    def add(self, chunk: bytes) -> None:
        data = np.frombuffer(chunk, np.uint8)
        if not len(data):
            return
        feeds, returns = data == 10, data == 13
        self._ends += int(np.count_nonzero(feeds) + np.count_nonzero(returns))
        self._ends -= int(np.count_nonzero(returns[:-1] & feeds[1:])) + (self._last == 13 and bool(feeds[0]))
        self._last = int(data[-1])
        if not self.odd:
            self._look(data, feeds | returns)

    def _look(self, data: np.ndarray, ends: np.ndarray) -> None:
        quotes = data == 34
        beside = quotes | ends | (data == 44)
        places = np.flatnonzero(quotes)
        before = np.searchsorted(places, np.flatnonzero(ends)) + self._quotes
        self._quotes = (self._quotes + len(places)) % 2
        self.odd = bool((before % 2).any() or (quotes[1:-1] & ~beside[:-2] & ~beside[2:]).any())

    @property
    def inside(self) -> bool:
        """Whether what passed ends within a line."""
        return self._last not in (0, 10, 13)

    @property
    def count(self) -> int:
        """How many lines there were, the last one with or without an end."""
        return self._ends + self.inside

    @property
    def uneven(self) -> bool:
        """Whether something about the quotes asks for a second look, now that everything passed."""
        return self.odd or self._quotes == 1


def scan(open_file: Open, name: str) -> Scan:
    """RejectedError, with the place, of a file that is neither UTF-8 nor GB18030 throughout."""
    with open_file() as file:
        head = file.read(4)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise RejectedError(
            "encoding_unknown",
            f"{name}：文件是 UTF-16（“Unicode 文本”）编码；请另存为“CSV UTF-8（逗号分隔）”后重新交付",
        )
    marked = head[:3] == codecs.BOM_UTF8
    decoding = {
        code: codecs.getincrementaldecoder(code)("strict") for code in (["utf-8"] if marked else ["utf-8", "gb18030"])
    }
    size, quoted, tail, unread = 0, False, b"", 0
    line = 0  # bytes since the last line end; a chunk is no longer than a line may be
    with open_file() as file:
        while True:
            chunk = file.read(BLOCK)
            if (nul := chunk.find(b"\0")) >= 0:
                raise _nul(open_file, size + nul, name)
            for code, decoder in list(decoding.items()):
                try:
                    decoder.decode(chunk, not chunk)
                except UnicodeDecodeError as error:
                    # the decoder held back the beginning of a character of the chunk before
                    unread = max(unread, size + len(chunk) - len(error.object) + error.start)
                    del decoding[code]
            if not decoding:
                raise _undecodable(open_file, unread, marked, name)
            if not chunk:
                break
            end = _line_end(chunk)
            if line + (len(chunk) if end < 0 else end) > MAX_LINE:
                raise long_line(line_of(open_file, size - line + 1), name)
            line = line + len(chunk) if end < 0 else len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            size += len(chunk)
            quoted = quoted or b'"' in chunk
            tail = (tail + chunk)[-_TAIL:]
    beyond = tail[len(tail.rstrip(_END_MARK + b"\r\n \t")) :]
    encoding = "utf-8-sig" if marked else next(iter(decoding))
    past = len(beyond) if _END_MARK in beyond else 0
    return Scan(encoding, size - past, quoted, tail[: len(tail) - past])


def _line_end(chunk: bytes) -> int:
    """Where its first line ends; -1 = not within it."""
    feed = chunk.find(b"\n")
    back = chunk.find(b"\r", 0, feed if feed >= 0 else len(chunk))
    return back if back >= 0 else feed


def line_of(open_file: Open, offset: int) -> int:
    """In which line, counted from 1, a byte stands."""
    lines = Lines()
    with open_file() as file:
        while offset > 0 and (chunk := file.read(min(BLOCK, offset))):
            lines.add(chunk)
            offset -= len(chunk)
    return lines.count if lines.inside else lines.count + 1


def _nul(open_file: Open, offset: int, name: str) -> RejectedError:
    return RejectedError(
        "nul_bytes",
        f"{name}：第 {line_of(open_file, offset)} 行（文件第 {offset + 1} 字节）有空字节 0x00；"
        "多为导出或传输中断，或文件是 UTF-16 编码；请另存为“CSV UTF-8（逗号分隔）”后重新交付",
    )


def _undecodable(open_file: Open, offset: int, marked: bool, name: str) -> RejectedError:
    what = "带 UTF-8 标记，但" if marked else ""
    codes = "UTF-8" if marked else "UTF-8 或 GB18030"
    return RejectedError(
        "encoding_unknown",
        f"{name}：{what}第 {line_of(open_file, offset)} 行（文件第 {offset + 1} 字节）起不是 {codes} 编码；"
        "可能由两种编码的文件拼接而成，或传输中损坏；请用同一编码（UTF-8 或 GB18030）重新导出",
    )


class Utf8Rows(io.RawIOBase):
    """The decoded file as UTF-8 bytes, after `skip` lines; for GB18030 the one place where bytes are recoded.

    `lines` looks at those of a file in which a quote stands: without one every line is a row.
    """

    def __init__(self, file: BinaryIO, scanned: Scan, skip: int) -> None:
        super().__init__()
        self._file = file
        self._chunks = scanned.chunks(file)
        self._decoder = codecs.getincrementaldecoder(scanned.encoding)("strict")
        self.lines = Lines() if scanned.quoted else None
        self._ended = False
        text = rest = ""
        while not rest and not self._ended:
            text += self._decode()
            lines = io.StringIO(text, newline="")
            for _ in range(skip):
                lines.readline()
            rest = lines.read()
        self._held = memoryview(rest.encode())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._held and not self._ended:
            self._held = memoryview(self._decode().encode())
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size

    def _decode(self) -> str:
        """The next part; a text wrapper would take it in pieces of 8 KB, which costs more than the decoding."""
        chunk = next(self._chunks, b"")
        self._ended = not chunk
        if self.lines is not None:
            self.lines.add(chunk)
        return self._decoder.decode(chunk, final=self._ended)

    def close(self) -> None:
        self._file.close()
        super().close()
