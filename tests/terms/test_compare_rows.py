import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from contracts.terms.compare.outline import blocks_of
from contracts.terms.compare.rows import ADDED, CHANGED, DELETED, NEW, OMITTED, Row, compare
from contracts.terms.markdown import parse
from contracts.terms.numbering import ArticleNumber
from contracts.terms.tree import Annex, Article, Item, Paragraph, Terms
from tests.properties import examples
from tests.terms.any_terms import terms_texts

CATALOG = Path(__file__).parents[2] / "contracts" / "catalog"
BODIES = {
    "目的": "この約款は、契約者が本サービスを利用するときの条件を定めます。",
    "料金": "契約者は、料金表に定める料金を、毎月末日までに当社へ支払います。",
    "中止": "当社は、設備の保守のためやむを得ないとき、提供を中止することがあります。",
    "解約": "契約者は、希望する日の14日前までに申し出て、契約を解約することができます。",
    "管轄": "この契約に関する紛争は、東京地方裁判所を第一審の専属的合意管轄裁判所とします。",
}


def article(number: str, title: str, *paragraphs: Paragraph) -> Article:
    body = paragraphs or (Paragraph(None, BODIES[title]),)
    return Article(ArticleNumber.parse(number), title, "", body)


def terms(*articles: Article, title: str = "約款", preamble: str = "") -> Terms:
    return Terms(title, preamble, articles)


def table(old: Terms, new: Terms) -> list[tuple[str, str, str]]:
    return [(row.new, row.old, row.remark) for row in compare(old, new)]


FIVE = [article(str(number), title) for number, title in enumerate(BODIES, start=1)]


def test_untouched_articles_around_a_changed_one_fold() -> None:
    changed = article("4", "解約", Paragraph(None, BODIES["解約"].replace("14日", "20日")))
    rows = compare(terms(*FIVE), terms(*FIVE[:3], changed, FIVE[4]))
    assert [(row.article, row.remark) for row in rows] == [
        ("1～3", OMITTED),
        ("4", ""),
        ("4", CHANGED),
        ("5", OMITTED),
    ]
    assert rows[1].new == rows[1].old == "第4条（解約）"
    assert [(change.old.of(rows[2].old), change.new.of(rows[2].new)) for change in rows[2].changes] == [
        ("14日", "20日")
    ]


def test_a_new_article_and_a_deleted_one() -> None:
    branch = article("2の2", "中止", Paragraph(1, "一項"), Paragraph(2, "二項"))
    new = terms(FIVE[0], FIVE[1], branch, *FIVE[2:4])
    assert table(terms(*FIVE), new) == [
        (OMITTED, OMITTED, OMITTED),
        ("第2条の2（中止）", NEW, NEW),
        ("1. 一項", "", ""),
        ("2. 二項", "", ""),
        (OMITTED, OMITTED, OMITTED),
        (DELETED, "第5条（管轄）", DELETED),
        ("", BODIES["管轄"], ""),
    ]


def test_paragraphs_and_items_added_inside_an_article_renumber_the_others() -> None:
    old = article(
        "1", "料金", Paragraph(1, BODIES["料金"], (Item("(1)", "振込"),)), Paragraph(2, BODIES["中止"])
    )
    items = (Item("(1)", "振込"), Item("(2)", "口座振替"))
    new = article(
        "1",
        "料金",
        Paragraph(1, BODIES["料金"], items),
        Paragraph(2, BODIES["管轄"]),
        Paragraph(3, BODIES["中止"]),
    )
    assert table(terms(old), terms(new)) == [
        ("第1条（料金）", "第1条（料金）", ""),
        (f"1. {BODIES['料金']}", f"1. {BODIES['料金']}", ""),
        ("(1) 振込", "(1) 振込", ""),
        ("(2) 口座振替", ADDED, ADDED),
        (f"2. {BODIES['管轄']}", ADDED, ADDED),
        (f"3. {BODIES['中止']}", f"2. {BODIES['中止']}", CHANGED),
    ]


def test_a_number_that_merely_moves_is_the_only_change_of_its_row() -> None:
    inserted = [FIVE[0], article("2", "中止"), article("3", "料金")]
    rows = compare(terms(*FIVE[:2]), terms(*inserted))
    heading = rows[3]
    assert (heading.new, heading.old, heading.remark) == ("第3条（料金）", "第2条（料金）", CHANGED)
    assert [(change.kind, change.old.of(heading.old)) for change in heading.changes] == [
        ("renumbered", "第2条")
    ]
    assert (rows[4].article, rows[4].remark) == ("3", OMITTED)


def test_a_moved_article_stands_at_its_new_place_only() -> None:
    moved = [article(str(place), one.title) for place, one in enumerate([*FIVE[1:], FIVE[0]], start=1)]
    rows = [row for row in compare(terms(*FIVE), terms(*moved)) if row.moved]
    assert [(row.new, row.old, row.remark) for row in rows] == [("第5条（目的）", "第1条（目的）", CHANGED)]


def test_an_article_deleted_in_place_keeps_its_number() -> None:
    gone = article("3", "", Paragraph(None, "削除"))
    after = terms(*FIVE[:2], gone, *FIVE[3:])
    assert table(terms(*FIVE), after)[1:3] == [
        ("第3条 削除", "第3条（中止）", DELETED),
        ("", BODIES["中止"], ""),
    ]
    assert table(after, terms(*FIVE))[1:3] == [
        ("第3条（中止）", "第3条 削除", NEW),
        (BODIES["中止"], "", ""),
    ]


def test_a_number_given_to_something_else_is_no_change_but_a_deletion_and_a_new_article() -> None:
    rows = compare(terms(article("1", "料金")), terms(article("1", "管轄")))
    assert [row.remark for row in rows if row.remark] == [DELETED, NEW]


def test_title_and_preamble_are_compared_too() -> None:
    old = terms(FIVE[0], title="約款 第1版", preamble="前文です。\n後です。")
    new = terms(FIVE[0], title="約款 第2版", preamble="前文です。\n後になります。")
    assert [row.remark for row in compare(old, new)] == [CHANGED, "", CHANGED, OMITTED]


def test_chapter_headings_show_only_where_they_changed() -> None:
    old, new = (
        parse(f"# 題\n\n## 第1章 総則\n\n### 第1条\n一\n\n## 第2章 {title}\n\n### 第2条\n二\n")
        for title in ("契約", "契約の成立")
    )
    assert table(old, new) == [
        (OMITTED, OMITTED, OMITTED),
        ("第2章 契約の成立", "第2章 契約", CHANGED),
        (OMITTED, OMITTED, OMITTED),
    ]


def test_tables_are_compared_row_by_row() -> None:
    text = "# 題\n\n## 料金表 {{#list-1}}\n| 品目 | 月額 |\n|---|---|\n| 席 | {seat}円 |\n| 回線 | 500円 |\n"
    rows = compare(parse(text.format(seat=100)), parse(text.format(seat="1,200")))
    assert [(row.article, row.new, row.remark) for row in rows] == [
        ("list-1", "料金表", ""),
        ("list-1", "品目｜月額", ""),
        ("list-1", "席｜1,200円", CHANGED),
        ("list-1", "回線｜500円", ""),
    ]


@pytest.mark.parametrize(
    "file", sorted(CATALOG.glob("*/*.md")), ids=lambda file: f"{file.parent.name}/{file.stem}"
)
def test_a_text_compared_with_itself_is_left_out_whole(file: Path) -> None:
    text = parse(file.read_text(encoding="utf-8"))
    assert [row.remark for row in compare(text, text)] == [OMITTED]


def test_the_rows_fit_into_json() -> None:
    changed = article("4", "解約", Paragraph(None, BODIES["解約"].replace("14日", "20日")))
    row = compare(terms(FIVE[3]), terms(changed))[1].to_dict()
    assert set(row) == {"article", "old", "new", "remark", "changes"}
    start = BODIES["解約"].index("14日")
    assert json.loads(json.dumps(row))["changes"] == [
        {
            "kind": "replaced",
            "old": "14日",
            "new": "20日",
            "old_span": [start, start + 3],
            "new_span": [start, start + 3],
        }
    ]


@settings(deadline=None, max_examples=examples(25), suppress_health_check=[HealthCheck.too_slow])
@given(terms_texts())
def test_any_text_compared_with_itself_has_no_changes(text: Terms) -> None:
    assert [row.remark for row in compare(text, text)] == [OMITTED]


def edited_texts(seed: int) -> tuple[Terms, Terms]:
    """A text, and what is left of it after articles, paragraphs and items were taken out and added."""
    chance = random.Random(seed)

    def sentence() -> str:
        """Long and varied enough never to be taken for another."""
        return "".join(chr(chance.randrange(0x4E00, 0x9000)) for _place in range(24)) + "。"

    def paragraph(number: int) -> Paragraph:
        items = tuple(Item(f"({place})", sentence()) for place in range(1, chance.randint(1, 4)))
        return Paragraph(number, sentence(), items)

    def body(size: int) -> list[Paragraph]:
        return [paragraph(number) for number in range(1, size + 1)]

    def changed(paragraphs: list[Paragraph]) -> list[Paragraph]:
        kept = [one for one in paragraphs if chance.random() > 0.2]
        if chance.random() < 0.5:
            kept.insert(chance.randint(0, len(kept)), paragraph(1))
        return [replace(one, number=number) for number, one in enumerate(kept or body(1), start=1)]

    old = [(sentence(), body(chance.randint(1, 4))) for _place in range(chance.randint(2, 8))]
    new = [(title, changed(one) if chance.random() < 0.4 else one) for title, one in old]
    new = [one for one in new if chance.random() > 0.2] or new[:1]
    new.insert(chance.randint(0, len(new)), (sentence(), body(2)))
    texts = (
        terms(
            *(
                Article(ArticleNumber(n), title, "", tuple(one))
                for n, (title, one) in enumerate(side, start=1)
            )
        )
        for side in (old, new)
    )
    return next(texts), next(texts)


@pytest.mark.parametrize("seed", range(40))
def test_each_side_shows_its_changed_articles_whole(seed: int) -> None:
    old, new = edited_texts(seed)
    rows = compare(old, new)
    for side, text in (("old", old), ("new", new)):
        for block in blocks_of(text):
            shown = [getattr(row, side) for row in rows]
            heading = block.heading.shown
            if heading in shown and rows[shown.index(heading) + 1].remark != OMITTED:
                first = shown.index(heading) + 1
                following = [text for text in shown[first:] if text not in ("", ADDED, NEW, DELETED)]
                units = [unit.shown for unit in block.units()]
                assert following[: len(units)] == units


@pytest.mark.parametrize("seed", range(40))
def test_swapping_the_sides_swaps_what_was_added_and_deleted(seed: int) -> None:
    def one_sided(rows: tuple[Row, ...], side: str, other: str) -> list[str]:
        return sorted(getattr(row, side) for row in rows if getattr(row, other) in (ADDED, NEW, DELETED))

    old, new = edited_texts(seed)
    forth, back = compare(old, new), compare(new, old)
    assert one_sided(forth, "new", "old") == one_sided(back, "old", "new") != []
    assert one_sided(forth, "old", "new") == one_sided(back, "new", "old")


def suppl(*clauses: Paragraph, title: str = "付則") -> Annex:
    return Annex("suppl", title, clauses)


def with_annexes(*annexes: Annex) -> Terms:
    return Terms("約款", "", tuple(FIVE[:2]), annexes)


def test_small_headings_of_an_annex_have_rows_of_their_own() -> None:
    first = suppl(Paragraph(None, "この約款は2016年3月1日から実施します。", heading="第1条（実施期日）"))
    renamed = suppl(Paragraph(None, "この約款は2016年3月1日から実施します。", heading="第1条（効力）"))
    assert table(with_annexes(), with_annexes(first))[1:] == [
        ("付則", NEW, NEW),
        ("第1条（実施期日）", "", ""),
        ("この約款は2016年3月1日から実施します。", "", ""),
    ]
    assert table(with_annexes(first), with_annexes(renamed))[1:] == [
        ("付則", "付則", ""),
        ("第1条（効力）", "第1条（実施期日）", CHANGED),
        ("この約款は2016年3月1日から実施します。", "この約款は2016年3月1日から実施します。", ""),
    ]


def test_a_small_heading_that_merely_gets_another_number_is_renumbered() -> None:
    old = suppl(Paragraph(None, "一", heading="第1条（経過）"))
    new = suppl(
        Paragraph(None, "前", heading="第1条（実施）"), Paragraph(None, "一", heading="第2条（経過）")
    )
    rows = compare(with_annexes(old), with_annexes(new))
    assert [(row.new, row.old, row.remark) for row in rows[2:]] == [
        ("第1条（実施）", ADDED, ADDED),
        ("前", ADDED, ADDED),
        ("第2条（経過）", "第1条（経過）", CHANGED),
        ("一", "一", ""),
    ]
    assert rows[4].changes[0].kind == "renumbered"


def test_a_supplementary_provision_of_another_day_is_another_one() -> None:
    old = suppl(Paragraph(1, "この約款は、2020年7月1日から実施します。"))
    new = suppl(Paragraph(1, "この約款は2023年2月6日に改め、同じ日から実施します。"))
    assert [(row.new, row.old, row.remark) for row in compare(with_annexes(old), with_annexes(new))][1:] == [
        (DELETED, "付則", DELETED),
        ("", "1. この約款は、2020年7月1日から実施します。", ""),
        ("付則", NEW, NEW),
        ("1. この約款は2023年2月6日に改め、同じ日から実施します。", "", ""),
    ]


def test_a_supplementary_provision_that_goes_on_is_the_same_one() -> None:
    first = Paragraph(1, "第1版は、2016年12月1日から実施します。")
    old, new = suppl(first), suppl(first, Paragraph(2, "第2版は、2024年12月18日から実施します。"))
    assert [row.remark for row in compare(with_annexes(old), with_annexes(new))][1:] == ["", "", ADDED]


def test_a_line_without_number_answers_to_the_item_that_replaces_it() -> None:
    window = "カスタマーセンター 受付時間：9:00～12:00 及び 13:00～17:30\n対応言語：日本語のみ"
    item = "通常窓口：カスタマーセンター 受付時間：9:00～17:30 対応言語：日本語のみ"
    late = "夜間窓口：時間外の電話 18:00～20:00"
    old = article("6", "窓口", Paragraph(1, f"窓口は次のとおりです。\n問い合わせ窓口：{window}"))
    new = article("6", "窓口", Paragraph(1, "窓口は次のとおりです。", (Item("(1)", item), Item("(2)", late))))
    expected = [
        ("第6条（窓口）", "第6条（窓口）", ""),
        ("1. 窓口は次のとおりです。", "1. 窓口は次のとおりです。", ""),
        (f"(1) {item}", f"問い合わせ窓口：{window}", CHANGED),
        (f"(2) {late}", ADDED, ADDED),
    ]
    assert table(terms(old), terms(new)) == expected
    assert [(row[1], row[0]) for row in table(terms(new), terms(old))][:3] == [
        row[:2] for row in expected[:3]
    ]
