from contracts.terms.importing.joining import Join, Layout, glue
from contracts.terms.importing.source import SourceLine, columns, read_lines
from contracts.terms.tree import Table


def texts(source: str) -> list[str]:
    return [line.text for line in read_lines(source)]


def test_marks_of_markdown_are_taken_off() -> None:
    lines = read_lines(
        "## 第1章 総則\n- 項目\n  - 細目\n**第1条（目的）**\n- 第2条（定義）**\n> 引用\n**強い**語"
    )
    assert [line.text for line in lines] == [
        "第1章 総則",
        "項目",
        "細目",
        "第1条（目的）",
        "第2条（定義）",
        "引用",
        "強い語",
    ]
    assert [line.heading for line in lines][:2] == [2, 0]
    assert [(line.dash, line.indent) for line in lines[1:3]] == [(True, 0), (True, 2)]


def test_a_full_width_character_takes_two_columns() -> None:
    assert [columns(text) for text in ("a1 ", "あ１", "第1条")] == [3, 4, 5]


def test_lines_keep_their_number_page_and_the_blank_line_above() -> None:
    lines = read_lines("一\n\n\f二\n三")
    assert [(line.text, line.number, line.page, line.after_blank) for line in lines] == [
        ("一", 1, 1, False),
        ("二", 3, 2, True),
        ("三", 4, 2, False),
    ]


def test_tabs_make_rows_when_they_stand_together() -> None:
    lines = read_lines("品目\t円\n見本\t<p>5</p><p>6</p>\n\n一つ\tだけ\n\n1.\t本文")
    assert [line.cells for line in lines] == [("品目", "円"), ("見本", "5\n6"), (), ()]
    assert [line.text for line in lines[2:]] == ["一つ だけ", "1. 本文"]


def test_rows_of_markdown_are_rows() -> None:
    lines = read_lines("| 品目 | 円 |\n|---|---|\n| a\\|b | 5<br>6 |")
    assert lines[0].cells == ("品目", "円")
    assert lines[1].separator
    assert lines[2].cells == ("a|b", "5\n6")


def test_an_html_table_is_read_with_its_spans_and_what_stands_beside_it() -> None:
    source = """前<table><tr><th>区分</th><th>項目</th><th>円</th></tr>
<tr><td rowspan="2">A<br>B</td><td colspan="2">なし</td></tr>
<tr><td>二</td><td>6 &amp; 7</td></tr></table>後
次"""
    lines = read_lines(source)
    assert [(line.number, line.text) for line in lines if line.table is None] == [
        (1, "前"),
        (3, "後"),
        (4, "次"),
    ]
    assert lines[1].table == Table(("区分", "項目", "円"), (("A\nB", "なし", ""), ("", "二", "6 & 7")))


def test_tags_outside_of_tables_are_markup_but_addresses_are_text() -> None:
    assert texts("<p>一</p><p>二&nbsp;三</p>") == ["一", "二\xa0三"]
    assert texts("<https://example.com/>") == ["<https://example.com/>"]


def line(text: str, *, indent: int = 0, page: int = 1) -> SourceLine:
    return SourceLine(1, text, indent, page=page)


WRAPPED = Layout(wrapped=True, full=60)
WHOLE = Layout(wrapped=False, full=0)
LONG = "あ" * 35


def test_a_line_that_ran_into_the_margin_goes_on() -> None:
    assert WRAPPED.join(LONG, line(LONG), line("続き")) is Join.SENTENCE
    assert WRAPPED.join("見出し", line("見出し"), line("本文です。")) is Join.LINE


def test_a_sentence_cut_by_a_page_goes_on_where_lines_are_paragraphs() -> None:
    assert WHOLE.join(LONG, line(LONG), line("続き")) is Join.SENTENCE
    assert WHOLE.join("短い、", line("短い、"), line("続き")) is Join.SENTENCE
    assert WHOLE.join("（開いた", line("（開いた"), line("続き")) is Join.SENTENCE
    assert WHOLE.join("語", line("語"), line("に続く")) is Join.SENTENCE
    assert WHOLE.join("語", line("語"), line("次頁", page=2)) is Join.SENTENCE


def test_after_a_sentence_something_new_begins_unless_it_is_a_proviso() -> None:
    assert WHOLE.join("です。", line("です。"), line("次の文です。")) is Join.NEW
    assert WHOLE.join("です。", line("です。"), line("ただし、除きます。")) is Join.LINE


def test_the_layout_is_seen_in_the_widths_of_the_lines() -> None:
    wrapped = [line("あ" * 40) for _ in range(20)] + [line("終わり。")]
    whole = [line("あ" * width) for width in range(10, 400, 20)]
    assert Layout.of(wrapped).wrapped
    assert not Layout.of(whole).wrapped
    assert not Layout.of(wrapped[:3]).wrapped


def test_broken_latin_words_keep_their_space() -> None:
    assert glue("NTT", "Data") == "NTT Data"
    assert glue("希望日の 1", "ヶ月前") == "希望日の 1ヶ月前"
