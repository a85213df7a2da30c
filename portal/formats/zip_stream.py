"""A ZIP that is written while it is sent, in memory that does not grow with the number of its files.

The table at its end is kept in a temporary file until then. What is known whole is stored as it is: PDFs are
compressed already. Source: APPNOTE.TXT 6.3.10 (PKWARE), sections 4.3 and 4.5.3; sizes and places beyond
4 GiB, and more than 65,534 files, are stated in the ZIP64 records.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_DESCRIPTOR = struct.Struct("<IIII")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_EXTRA64 = struct.Struct("<HHQ")
_END64 = struct.Struct("<IQHHIIQQQQ")
_LOCATOR64 = struct.Struct("<IIQI")
_END = struct.Struct("<IHHHHIIH")

_UTF_8, _SIZES_FOLLOW = 0x0800, 0x0008
_STORED, _DEFLATED = 0, 8
_MADE_ON_UNIX = (3 << 8) | 45
_VERSION, _VERSION64 = 20, 45
_READABLE_BY_OWNER = 0o100600 << 16
_MOST_FILES, _FURTHEST = 0xFFFF, 0xFFFFFFFF
_PIECE = 1 << 16


class ZipStream:
    """Gives the bytes of a ZIP piece by piece; each file is below 4 GiB. To be closed by `end`."""

    def __init__(self, at: datetime) -> None:
        self._day = (at.year - 1980) << 9 | at.month << 5 | at.day
        self._time = at.hour << 11 | at.minute << 5 | at.second // 2
        self._table: IO[bytes] = TemporaryFile()  # noqa: SIM115 – it lives until `end`
        self._count = self._offset = 0

    def add(self, name: str, content: bytes) -> Iterator[bytes]:
        """A file whose content is known."""
        crc, size = zlib.crc32(content), len(content)
        head = self._local(name, _UTF_8, crc, size)
        self._note(name, _UTF_8, crc, size, size)
        self._offset += len(head) + size
        yield head
        yield content

    def add_pieces(self, name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """A file whose size is known only once all of it was sent; it is compressed on the way."""
        flags = _UTF_8 | _SIZES_FOLLOW
        head = self._local(name, flags, 0, 0, _DEFLATED)
        yield head
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        crc = size = packed = 0
        for piece in pieces:
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            if sent := packer.compress(piece):
                packed += len(sent)
                yield sent
        rest = packer.flush()
        packed += len(rest)
        yield rest
        self._note(name, flags, crc, size, packed, _DEFLATED)
        self._offset += len(head) + packed + _DESCRIPTOR.size
        yield _DESCRIPTOR.pack(0x08074B50, crc, packed, size)

    def end(self) -> Iterator[bytes]:
        """The table of all files, and where it lies."""
        with self._table as table:
            size = table.tell()
            table.seek(0)
            while piece := table.read(_PIECE):
                yield piece
        count, offset = self._count, self._offset
        if count >= _MOST_FILES or offset + size >= _FURTHEST:
            yield _END64.pack(0x06064B50, 44, _MADE_ON_UNIX, _VERSION64, 0, 0, count, count, size, offset)
            yield _LOCATOR64.pack(0x07064B50, 0, offset + size, 1)
        files, at = min(count, _MOST_FILES), min(offset, _FURTHEST)
        yield _END.pack(0x06054B50, 0, 0, files, files, size, at, 0)

    def _local(self, name: str, flags: int, crc: int, size: int, method: int = _STORED) -> bytes:
        written = name.encode()
        fields = (
            0x04034B50,
            _VERSION,
            flags,
            method,
            self._time,
            self._day,
            crc,
            size,
            size,
            len(written),
            0,
        )
        return _LOCAL.pack(*fields) + written

    def _note(self, name: str, flags: int, crc: int, size: int, packed: int, method: int = _STORED) -> None:
        """Keep for the table where the file begins."""
        written, extra, version = name.encode(), b"", _VERSION
        if self._offset >= _FURTHEST:
            extra, version = _EXTRA64.pack(1, 8, self._offset), _VERSION64
        stamp = (method, self._time, self._day, crc, packed, size, len(written), len(extra), 0, 0, 0)
        place = (_READABLE_BY_OWNER, min(self._offset, _FURTHEST))
        record = _CENTRAL.pack(0x02014B50, _MADE_ON_UNIX, version, flags, *stamp, *place)
        self._table.write(record + written + extra)
        self._count += 1
