import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.terms.compare.fold import fold
from contracts.terms.compare.passages import passages
from contracts.terms.compare.words import words


def marked(old: str, new: str) -> tuple[str, str]:
    """Both texts with the changed passages in [ ]."""
    found = passages(old, new)
    sides = []
    for text, spans in ((old, [one.old for one in found]), (new, [one.new for one in found])):
        for span in reversed(spans):
            text = f"{text[: span.start]}[{span.of(text)}]{text[span.end :]}" if not span.empty else text
        sides.append(text)
    return sides[0], sides[1]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (
            "当社は、お客様に通知するものとします。",
            "当社|は|、|お客様|に|通知|する|もの|とします|。",
        ),
        (
            "定期メンテナンス又は緊急メンテナンスを行わない",
            "定期メンテナンス|又は|緊急メンテナンス|を|行わ|ない",
        ),
        ("20営業日前までに", "20営業日|前|まで|に"),
        ("第18条の2第1項に定める2023年2月6日の", "第18条の2|第1項|に|定める|2023年2月6日|の"),
        ("受付は9:00～17:30です", "受付|は|9:00～17:30|です"),
        ("利用を受けることができる", "利用|を|受ける|こと|が|できる"),
        ("年14.6％の割合", "年|14.6％|の|割合"),
    ],
)
def test_text_is_cut_where_a_reader_sees_words(text: str, cut: str) -> None:
    assert words(text) == cut.split("|")


@given(st.text("約款第１2条項（）、。のはをにとします電子メール又は及び 　ABz9:～\n", max_size=60))
def test_the_words_are_the_text(text: str) -> None:
    assert "".join(words(text)) == text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("解約希望日の[14日]前までに申し込む。", "解約希望日の[20営業日]前までに申し込む。"),
        ("本サービスの[保守]を行う場合", "本サービスの[定期保守、計画保守又は緊急保守]を行う場合"),
        ("[書面]により通知[します]。", "[電子メール]により通知[するものとします]。"),
        ("料金を請求する。", "料金を請求する。[消費税を加える。]"),
        ("料金を請求する。[端数は切り捨てる。]", "料金を請求する。"),
        (
            "通知します（[]方法は問いません。）。但し、緊急の場合はこの限りではありません。",
            "通知します（方法は問いません。[以下同じ。]）。但し、[保守の場合又は]緊急の場合はこの限りではありません。",
        ),
        ("[2020年7月1日 第14版]", "[2023年2月6日 第15版]"),
        ("受付は[9:00～12:00 及び 13:00～17:30]です", "受付は[9:00～17:30]です"),
        ("[甲は支払う]。", "[違約金の請求には理由が要る]。"),
    ],
)
def test_changed_passages_are_whole_words(old: str, new: str) -> None:
    plain_old, plain_new = (text.replace("[", "").replace("]", "") for text in (old, new))
    assert marked(plain_old, plain_new) == (old.replace("[]", ""), new)


@pytest.mark.parametrize(("old", "new"), [("（１） 当社は", "(1)当社は"), ("9:00〜10:00", "9:00～10:00")])
def test_white_space_and_widths_are_no_change(old: str, new: str) -> None:
    assert passages(old, new) == ()


texts = st.lists(
    st.sampled_from(
        ["当社は、", "お客様に", "料金を", "14日前に", "20日前に", "請求します。", "（定義）", "\n"]
    ),
    max_size=14,
).map("".join)


@given(texts, texts)
def test_outside_of_the_passages_both_texts_are_the_same(old: str, new: str) -> None:
    found = passages(old, new)
    assert [one.old for one in found] == sorted(one.old for one in found)
    rest_old, rest_new = old, new
    for one in reversed(found):
        rest_old = rest_old[: one.old.start] + rest_old[one.old.end :]
        rest_new = rest_new[: one.new.start] + rest_new[one.new.end :]
    assert fold(rest_old) == fold(rest_new)


@given(texts)
def test_a_text_has_no_passages_against_itself(text: str) -> None:
    assert passages(text, text) == ()


def test_an_endless_sentence_is_one_passage_between_its_common_ends() -> None:
    old = "始め、" + "、".join(f"甲{place}" for place in range(800)) + "、終わり"
    new = "始め、" + "、".join(f"乙{place}" for place in range(800)) + "、終わり"
    [passage] = passages(old, new)
    assert passage.old.of(old).startswith("甲0")
    assert passage.old.of(old).endswith("798、甲")
