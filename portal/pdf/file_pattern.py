"""PDF files of which most objects are the same from one to the next."""

import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping

import pydyf

_HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_FREE, _PLAIN, _PACKED = 0, 1, 2
_FIRST_GENERATION, _NO_GENERATION = 0, 65535


class FilePattern:
    """A file whose objects are settled but for some.

    Objects keep their numbers. What is settled is written and packed once. Open are the objects of the given
    numbers, and `info`, the number of the information dictionary.
    """

    def __init__(self, pdf: pydyf.PDF, open_numbers: Iterable[int]) -> None:
        self.info: int = pdf.info.number
        self._root = pdf.catalog.reference
        self._package = len(pdf.objects)
        self._places: list[tuple[int, int, int]] = [(_FREE, 0, _NO_GENERATION)] * (self._package + 2)
        opened = {*open_numbers, self.info}
        settled = [found for found in pdf.objects if found.free != "f" and found.number not in opened]
        self._start = self._settled(settled)

    def write(self, objects: Mapping[int, bytes], identifier: bytes) -> bytes:
        """The file with the objects that were open, by their numbers. The same input gives the same bytes."""
        places = list(self._places)
        parts = [self._start]
        position = len(self._start)
        for number, content in objects.items():
            places[number] = (_PLAIN, position, _FIRST_GENERATION)
            part = _numbered(number, content)
            parts.append(part)
            position += len(part)
        places[-1] = (_PLAIN, position, _FIRST_GENERATION)
        body = b"".join(parts)
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest().encode()
        references = b"/Type/XRef/W[1 4 2]/Size %d/Root %s/Info %d 0 R/ID[%s %s]" % (
            len(places),
            self._root,
            self.info,
            pydyf.String(identifier).data,
            pydyf.String(digest).data,
        )
        table = stream(b"".join(struct.pack(">BIH", *place) for place in places), references)
        end = b"startxref\n%d\n%%%%EOF\n" % position
        return body + _numbered(len(places) - 1, table) + end

    def _settled(self, objects: Iterable[pydyf.Object]) -> bytes:
        parts = [_HEADER]
        position = len(_HEADER)
        packed: list[pydyf.Object] = []
        for found in objects:
            if found.compressible:
                packed.append(found)
            else:
                part = _numbered(found.number, _stream_of(found))
                self._places[found.number] = (_PLAIN, position, _FIRST_GENERATION)
                parts.append(part)
                position += len(part)
        self._places[self._package] = (_PLAIN, position, _FIRST_GENERATION)
        parts.append(_numbered(self._package, self._packed(packed)))
        return b"".join(parts)

    def _packed(self, objects: list[pydyf.Object]) -> bytes:
        """An object stream (ISO 32000-1, 7.5.7)."""
        contents = [found.data for found in objects]
        index, position = [], 0
        for place, (found, content) in enumerate(zip(objects, contents, strict=True)):
            self._places[found.number] = (_PACKED, self._package, place)
            index.append(b"%d %d" % (found.number, position))
            position += len(content) + 1
        first = b" ".join(index) + b"\n"
        extra = b"/Type/ObjStm/N %d/First %d" % (len(objects), len(first))
        return stream(first + b"\n".join(contents), extra)


def stream(content: bytes, extra: bytes = b"") -> bytes:
    """A compressed stream with further entries of its dictionary."""
    packed = zlib.compress(content)
    return b"<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (extra, len(packed), packed)


def _stream_of(found: pydyf.Stream) -> bytes:
    content = b"\n".join(part if isinstance(part, bytes) else str(part).encode() for part in found.stream)
    return stream(content, pydyf.Dictionary(found.extra).data[2:-2])


def _numbered(number: int, content: bytes) -> bytes:
    return b"%d 0 obj\n%s\nendobj\n" % (number, content)
