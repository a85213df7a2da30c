"""What is known so far of a text that is being read line by line, before it becomes a tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.terms.tree import Item, Paragraph, Table


@dataclass
class TableDraft:
    header: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def width(self) -> int:
        return len(self.header or self.rows[0])

    def table(self) -> Table:
        return Table(self.header, tuple(self.rows))


@dataclass
class ItemDraft:
    indent: int
    label: str
    text: list[str]
    items: list[ItemDraft] = field(default_factory=list)

    def item(self) -> Item:
        return Item(self.label, "\n".join(self.text), tuple(child.item() for child in self.items))


@dataclass
class ParagraphDraft:
    number: int | None
    text: list[str]
    heading: str = ""
    items: list[ItemDraft] = field(default_factory=list)
    tables: list[TableDraft] = field(default_factory=list)
    indent = 0

    def paragraph(self) -> Paragraph:
        return Paragraph(
            self.number,
            "\n".join(self.text),
            tuple(item.item() for item in self.items),
            tuple(table.table() for table in self.tables),
            self.heading,
        )


@dataclass(kw_only=True)
class BodyDraft:
    """What follows the heading of an article or annex."""

    paragraphs: list[ParagraphDraft] = field(default_factory=list)
    open_items: list[ItemDraft] = field(default_factory=list)
    small_heading: str = ""

    def open(self, number: int | None, text: list[str]) -> ParagraphDraft:
        """Begin a paragraph, under the small heading that was just read, if any."""
        paragraph = ParagraphDraft(number, text, self.small_heading)
        self.small_heading = ""
        self.paragraphs.append(paragraph)
        self.open_items.clear()
        return paragraph

    @property
    def current(self) -> ParagraphDraft | None:
        """The paragraph that what follows belongs to; None at the beginning and below a small heading."""
        return self.paragraphs[-1] if self.paragraphs and not self.small_heading else None

    def numbers(self) -> set[int | None]:
        """The numbers given since the last small heading."""
        numbers: set[int | None] = set()
        for paragraph in self.paragraphs:
            numbers = {paragraph.number} if paragraph.heading else numbers | {paragraph.number}
        return set() if self.small_heading else numbers

    def content(self) -> tuple[Paragraph, ...]:
        return tuple(paragraph.paragraph() for paragraph in self.paragraphs)
