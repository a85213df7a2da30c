"""Any terms that the format can hold, for properties."""

from dataclasses import replace

from hypothesis import strategies as st

from contracts.terms.numbering import ArticleNumber
from contracts.terms.tree import Annex, Article, Item, Paragraph, Table, Terms

CHARACTERS = "約款第1２条項（）() -#>|\\.．{}イ①のABC:一十。"
line = st.text(CHARACTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
text = st.lists(line, min_size=1, max_size=3).map("\n".join)
labels = ["(1)", "(2)", "(十)", "(a)", "イ", "①", "1.", "2)", "a.", "一", "(い)"]
cell = st.text(CHARACTERS + "<br>\n", max_size=9).map(
    lambda text: "\n".join(part.strip() for part in text.split("\n") if part.strip())
)


def tables_of(width: int) -> st.SearchStrategy[Table]:
    row = st.tuples(*[cell] * width)
    return st.builds(Table, st.just(()) | row, st.lists(row, min_size=1, max_size=3).map(tuple))


tables = st.lists(st.integers(1, 3).flatmap(tables_of), max_size=2).map(tuple)


def items(depth: int) -> st.SearchStrategy[tuple[Item, ...]]:
    children = items(depth - 1) if depth else st.just(())
    labelled = st.lists(
        st.builds(Item, st.sampled_from(labels), text, children), unique_by=lambda item: item.label
    )
    plain = st.lists(st.builds(Item, st.sampled_from(["", "・"]), text, children), max_size=2)
    return (labelled | plain).map(lambda found: tuple(found[:3]))


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Paragraph, ...]:
    numbers = draw(st.lists(st.integers(1, 12), unique=True, max_size=3))
    unnumbered: list[int | None] = [None] * draw(st.integers(0, 2))
    order = draw(st.permutations([*numbers, *unnumbered]))
    heading = st.just("") | line
    paragraphs = [
        Paragraph(number, draw(text), draw(items(1)), draw(tables), draw(heading)) for number in order
    ]
    if paragraphs and draw(st.booleans()):
        again = [replace(paragraph, heading="再び") for paragraph in paragraphs[:1]]
        paragraphs += [*again, Paragraph(None, "", (), (draw(tables_of(2)),), draw(line))]
        paragraphs += [Paragraph(None, "", (Item("(1)", draw(line)),)), Paragraph(None, "", heading="題だけ")]
    return tuple(paragraphs) or (Paragraph(None, "", (Item("(1)", draw(line)),), draw(tables)),)


CHAPTERS = [
    [],
    ["第1章 総則"],
    ["第1章 総則\n第1節 通則", "第1章 総則\n第1款 通則", "第2章の2"],
    ["第3章 契約\n第1節 通則", "第3編"],
    ["第4編\n第1章\n第1節"],
]


@st.composite
def terms_texts(draw: st.DrawFn) -> Terms:
    number = st.builds(ArticleNumber, st.integers(1, 60), st.sampled_from([(), (2,), (2, 3)])) | st.just(
        ArticleNumber(0, (), "〇")
    )
    numbers = draw(st.lists(number, unique=True, max_size=4))
    first_chapter = draw(st.integers(0, 1))
    articles = [
        Article(
            number,
            draw(line | st.just("")),
            draw(st.sampled_from(CHAPTERS[chapter])) if chapter else "",
            draw(bodies()),
        )
        for chapter, number in enumerate(numbers, start=first_chapter)
    ]
    keys = draw(st.lists(st.sampled_from(["general", "list-1", "sla"]), unique=True))
    annexes = [Annex(key, draw(line), draw(bodies())) for key in keys]
    preamble = draw(st.just("") | text)
    return Terms(draw(line), preamble, tuple(articles), tuple(annexes))
