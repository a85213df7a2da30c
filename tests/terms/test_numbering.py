import pytest

from contracts.terms.numbering import ArticleNumber, ArticleRef, parse_numeral


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("１２", 12),
        ("十二", 12),
        ("十", 10),
        ("二十", 20),
        ("百八", 108),
        ("一二", 12),
        ("三千二百一", 3201),
    ],
)
def test_numerals_are_read_in_every_script(text: str, value: int) -> None:
    assert parse_numeral(text) == value


@pytest.mark.parametrize("text", ["", "十十", "二千千", "x", "1a", "十百"])
def test_what_is_no_numeral_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a numeral"):
        parse_numeral(text)


@pytest.mark.parametrize(
    ("text", "label_ja", "label_en"),
    [
        ("26", "第26条", "Art. 26"),
        ("19-1", "第19条第1項", "Art. 19 para. 1"),
        ("18の2", "第18条の2", "Art. 18-2"),
        ("18の2-1", "第18条の2第1項", "Art. 18-2 para. 1"),
        ("2-1-9", "第2条第1項第9号", "Art. 2 para. 1 item 9"),
    ],
)
def test_article_references_keep_their_form_and_have_labels(text: str, label_ja: str, label_en: str) -> None:
    ref = ArticleRef.parse(text)
    assert str(ref) == text
    assert ref.label_ja() == label_ja
    assert ref.label_en() == label_en


@pytest.mark.parametrize("text", ["general-3", "list-1", "sla", "suppl", "price-list-2-1"])
def test_annex_references_keep_their_form(text: str) -> None:
    assert str(ArticleRef.parse(text)) == text


def test_annex_labels_use_the_title_that_is_given() -> None:
    ref = ArticleRef.parse("general-3")
    assert ref.label_ja("別記 料金通則") == "別記 料金通則第3項"
    assert ref.label_ja() == "general第3項"
    assert ref.label_en("General rules") == "General rules para. 3"


def test_full_width_digits_are_the_same_reference() -> None:
    assert ArticleRef.parse("１８の２－１") == ArticleRef.parse("18の2-1")


@pytest.mark.parametrize(
    "text", ["", "0", "19-", "19-0", "1-2-3-4", "19-x", "第19条", "General", "sla-", "list-1-2-3-4", "18の"]
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"reference|number"):
        ArticleRef.parse(text)


def test_references_order_as_in_a_text() -> None:
    expected = [
        "2",
        "2-1",
        "2-1-9",
        "10",
        "18",
        "18-2",
        "18の2",
        "18の2-1",
        "19",
        "general",
        "general-3",
        "sla",
    ]
    refs = [ArticleRef.parse(text) for text in reversed(expected)]
    assert [str(ref) for ref in sorted(refs)] == expected


def test_article_numbers_order_by_branch() -> None:
    assert ArticleNumber.parse("18") < ArticleNumber.parse("18の2") < ArticleNumber.parse("18の10")
    assert ArticleNumber.parse("18の10") < ArticleNumber.parse("19")


def test_a_number_that_the_text_leaves_open_is_kept_and_flagged() -> None:
    number = ArticleNumber.parse("〇")
    assert number.irregular
    assert (str(number), number.label_ja(), number.label_en()) == ("〇", "第〇条", "Art. 〇")
    assert ArticleRef.parse("〇-2").label_ja() == "第〇条第2項"
    assert not ArticleNumber.parse("10").irregular
