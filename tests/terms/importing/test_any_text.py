"""Whatever the lines of a text and their order: nothing is lost, and the export reads back."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.terms.importing import NoteKind, TermsImportError, import_text
from contracts.terms.markdown import render
from tests.properties import examples
from tests.terms.importing.flatten import characters, kept, without_markup

LINES = [
    "第1章 総則",
    "第２節　細則",
    "第1条（目的）",
    "（定義）",
    "第 2 条 当社は、見本を定めます。",
    "第3条 見本",
    "第3条の2（枝番）本文",
    "・第〇条 禁止",
    "第4条",
    "第2条第1項の規定による。",
    "1. 一項",
    "2. 二項は、",
    "３．三項。",
    "2 二項。",
    "1.",
    "（1）一号",
    "(2) 二号",
    "（２）",
    "イ 細目",
    "① 丸",
    "・点",
    "- 線",
    "  - 深い線",
    "一　漢",
    "a) 字",
    "本文です。",
    "続く本文は、",
    "ただし、除きます。",
    "に続きます",
    "甲\t乙",
    "丙\t丁\t戊",
    "| 品目 | 円 |",
    "|---|---|",
    "<table><tr><td>甲</td></tr></table>",
    "以上",
    "附則",
    "別紙1",
    "別紙２　料金表",
    "第 1 基本料金",
    "## 見出し",
    "# 約款",
    "> 引用",
    "",
    "",
    "\f",
    "―――",
    "3",
    "4",
    "\\逆",
    "{#key}",
]
HEADING_BRACKETS, LABEL_DOTS = "()【】", "."


@settings(deadline=None, max_examples=examples(400))
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=25))
def test_nothing_is_lost_whatever_stands_where(lines: list[str]) -> None:
    source = "\n".join(lines)
    try:
        imported = import_text(source)
    except TermsImportError as error:
        assert error.problems
        return
    assert import_text(render(imported.terms)).terms == imported.terms
    visible = without_markup(source).replace("<table><tr><td>甲</td></tr></table>", "甲")
    visible = visible.replace("|---|---|", "").replace("| 品目 | 円 |", "品目 円").replace("> 引用", "引用")
    difference = Counter(characters(visible))
    difference.subtract(characters(kept(imported)))
    for note in imported.notes:
        if note.kind is NoteKind.COUNTED_ON:
            written, counted = note.subject.split(" → ")
            difference.subtract(characters(written))
            difference.update(characters(counted))
    lost_or_made_up = {
        character: count
        for character, count in difference.items()
        if count and character not in HEADING_BRACKETS + LABEL_DOTS
    }
    assert lost_or_made_up == {}, (source, kept(imported))
