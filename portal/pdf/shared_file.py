"""The file of documents that share a layout: WeasyPrint's file of the first, of which what differs is open.

Open are the contents of pages, the subsets of the fonts, the embedded files, and what describes the document.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

import pydyf
from weasyprint.document import DocumentMetadata

from portal.pdf.drawing import Drawing, EmbeddedFile
from portal.pdf.file_pattern import FilePattern, stream
from portal.pdf.markup import Markup
from portal.pdf.typeface import typeface

_SYMBOLIC = 4
_BATCH = 100  # at most, of a map to Unicode
_MAP_START = (
    b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
    b"/CIDSystemInfo\n<< /Registry (Adobe)\n/Ordering (UCS)\n/Supplement 0\n>> def\n"
    b"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
    b"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
)
_MAP_END = b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
_PACKET_START = b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
_PACKET_END = b'\n</x:xmpmeta>\n<?xpacket end="r"?>'
_FONT_BOX = (0, -120, 1000, 880)  # of the typeface's em square
_XMP_VERSIONS = {"pdf/a-3b": ("a", 3, "B")}


class SharedFile:
    """A file with open objects.

    In: WeasyPrint's file, once it is written, and the weights of its fonts by their names.
    """

    def __init__(self, pdf: pydyf.PDF, weights: dict[str, int]) -> None:
        self._objects = pdf.objects
        pages = [self._object(number) for number in pdf.pages["Kids"][::3]]
        self._contents = [_number(page["Contents"]) for page in pages]
        self._descendants: dict[int, bytes] = {}
        self._fonts = self._opened_fonts(self._object(_number(pages[0]["Resources"])), weights)
        self._metadata = _number(pdf.catalog["Metadata"]) if "Metadata" in pdf.catalog else None
        self._names, self._files = self._opened_files(pdf.catalog)
        self._producer = pdf.info["Producer"]
        self._language = pdf.catalog["Lang"].string
        font_numbers = [number for numbers in self._fonts.values() for number in numbers]
        file_numbers = [number for numbers in self._files for number in numbers]
        single = [number for number in (self._metadata, self._names) if number is not None]
        self._pattern = FilePattern(pdf, [*self._contents, *font_numbers, *file_numbers, *single])
        self.streams = [self._object(number) for number in self._contents]
        self._specifications = [dict(self._object(specification)) for specification, _ in self._files]
        self._types = [self._object(content).extra["Subtype"] for _, content in self._files]
        del self._objects

    def write(
        self, drawing: Drawing, markup: Markup, pages: Sequence[bytes], glyphs: dict[int, list[int]]
    ) -> bytes:
        """The file of a document: the contents of its pages, and the glyphs of each weight by new numbers."""
        objects = dict(zip(self._contents, map(stream, pages), strict=True))
        for weight, numbers in self._fonts.items():
            objects.update(
                zip(numbers, _font(weight, self._descendants[weight], glyphs[weight]), strict=True)
            )
        objects |= self._embedded(drawing.files)
        metadata = _metadata(markup, self._language)
        if self._metadata is not None:
            objects[self._metadata] = _packet(metadata, _XMP_VERSIONS[drawing.variant or ""])
        objects[self._pattern.info] = self._information(metadata)
        return self._pattern.write(objects, drawing.identifier[:16])

    def _object(self, number: int) -> Any:
        return self._objects[number]

    def _opened_fonts(
        self, resources: pydyf.Dictionary, weights: dict[str, int]
    ) -> dict[int, tuple[int, int, int]]:
        """The numbers of the objects of each weight: file, map to Unicode and descendant."""
        opened = {}
        for name, reference in self._object(_number(resources["Font"])).items():
            font = self._object(_number(reference))
            descendant_number = _number(font["DescendantFonts"][0])
            descendant = self._object(descendant_number)
            descriptor = self._object(_number(descendant["FontDescriptor"]))
            descriptor |= {"Flags": _SYMBOLIC, "FontBBox": pydyf.Array(_FONT_BOX)}
            opened[weights[name]] = (
                _number(descriptor["FontFile2"]),
                _number(font["ToUnicode"]),
                descendant_number,
            )
            self._descendants[weights[name]] = pydyf.Dictionary(
                {key: value for key, value in descendant.items() if key != "W"}
            ).data[:-2]
        return opened

    def _opened_files(self, catalog: pydyf.Dictionary) -> tuple[int | None, list[tuple[int, int]]]:
        """The numbers of the list of embedded files, and of each one's specification and content."""
        if "Names" not in catalog:
            return None, []
        number = _number(catalog["Names"]["EmbeddedFiles"])
        specifications = [_number(reference) for reference in self._object(number)["Names"][1::2]]
        return number, [
            (specification, _number(self._object(specification)["EF"]["F"]))
            for specification in specifications
        ]

    def _embedded(self, files: Sequence[EmbeddedFile]) -> dict[int, bytes]:
        objects: dict[int, bytes] = {}
        names = pydyf.Array()
        for file, (specification, content), kind, known in zip(
            files, self._files, self._types, self._specifications, strict=True
        ):
            name = pydyf.String(file.name.encode(errors="ignore"))
            names += [name, f"{specification} 0 R"]
            stated = known | {
                "F": name,
                "UF": pydyf.String(file.name),
                "Desc": pydyf.String(file.description),
            }
            objects[specification] = pydyf.Dictionary(stated).data
            objects[content] = stream(file.content, _file_entries(file, kind))
        if self._names is not None:
            objects[self._names] = pydyf.Dictionary({"Names": names}).data
        return objects

    def _information(self, metadata: DocumentMetadata) -> bytes:
        """The information dictionary, which says what the metadata say (ISO 19005-3, 6.6.2.3.4)."""
        stated = {
            "Producer": self._producer,
            "Title": metadata.title,
            "Author": ", ".join(metadata.authors),
            "CreationDate": _date(metadata.created),
            "ModDate": _date(metadata.modified),
        }
        content: bytes = pydyf.Dictionary(
            {
                key: value if key == "Producer" else pydyf.String(value)
                for key, value in stated.items()
                if value
            }
        ).data
        return content


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _font(weight: int, descendant: bytes, glyphs: list[int]) -> tuple[bytes, bytes, bytes]:
    """A font's file, map to Unicode and descendant, for glyphs that are numbered by their order."""
    style = typeface(weight)
    program = style.program(glyphs)
    characters = [style.character_of[glyph] for glyph in glyphs[1:]]
    widths = " ".join(str(style.pdf_width(glyph)) for glyph in glyphs)
    return (
        stream(program, b"/Length1 %d" % len(program)),
        stream(_unicode_map(characters)),
        b"%s/W [0 [%s]]>>" % (descendant, widths.encode()),
    )


def _unicode_map(characters: Sequence[str]) -> bytes:
    lines = [
        f"<{place:04x}> <{character.encode('utf-16-be').hex()}>"
        for place, character in enumerate(characters, 1)
    ]
    parts = []
    for start in range(0, len(lines), _BATCH):
        batch = lines[start : start + _BATCH]
        parts.append(f"{len(batch)} beginbfchar\n" + "\n".join(batch) + "\nendbfchar\n")
    return _MAP_START + "".join(parts).encode() + _MAP_END


def _file_entries(file: EmbeddedFile, kind: str) -> bytes:
    moment = pydyf.String(file.made_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ"))
    parameters = pydyf.Dictionary(
        {
            "CheckSum": f"<{md5(file.content, usedforsecurity=False).hexdigest()}>",
            "Size": len(file.content),
            "CreationDate": moment,
            "ModDate": moment,
        }
    )
    return b"/Type/EmbeddedFile/Subtype %s/Params %s" % (kind.encode(), parameters.data)


def _metadata(markup: Markup, language: str) -> DocumentMetadata:
    described = markup.described
    return DocumentMetadata(
        title=markup.title,
        authors=[described["author"]] if "author" in described else [],
        created=described.get("dcterms.created"),
        modified=described.get("dcterms.modified"),
        lang=language,
    )


def _packet(metadata: DocumentMetadata, kind: tuple[str, int, str]) -> bytes:
    """The metadata in XMP."""
    content = metadata.generate_rdf_metadata(*kind)
    return stream(_PACKET_START + content + _PACKET_END, b"/Type/Metadata/Subtype/XML")


def _date(iso: str | None) -> str:
    """A moment as PDF writes it (ISO 32000-1, 7.9.4)."""
    if not iso:
        return ""
    moment = datetime.fromisoformat(iso)
    offset = f"{moment:%z}"
    return f"D:{moment:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:]}"
