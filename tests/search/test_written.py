"""What reads the same, however it is written."""

import unicodedata

import jaconv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.documents.bank_files.charset import bank_kana
from portal.search import written

KANA = st.text(
    "アイウエオカキクケコガギグサシスセソザジズタチツテトダデドナニヌネノハヒフヘホバビブパピプマミムメモヤユヨラリルレロワンァィゥェォッャュョー",
    min_size=1,
    max_size=20,
)
NUMBERS = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-", min_size=3, max_size=20)
NAMES = st.text("山田商事吉髙﨑東京電気アイウAZaz09 ・", min_size=2, max_size=25)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("やまだ", "ヤマダ"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("ヤマタ\u3099", "ヤマダ"),
        ("ヤマタ゛", "ヤマダ"),
        ("コンピューター", "コンピュータ"),
        ("ショウジ", "シヨウジ"),
        ("ヴァイオリン", "バイオリン"),
        ("ヂ", "ジ"),
        ("𠮷野", "吉野"),
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("渡邉", "渡辺"),
        ("葛\U000e0100飾", "葛飾"),
        ("０３－１２３４－５６７８", "0312345678"),
        ("(03) 1234 5678", "03-1234-5678"),
        ("ｃ２６－０００００２", "C26-000002"),
        ("山田 太郎", "山田　太郎"),
    ],
)
def test_reads_the_same(one, other):
    assert written.plain(one) == written.plain(other) != ""


@pytest.mark.parametrize(
    "name",
    [
        "株式会社山田商事",
        "山田商事株式会社",
        "㈱山田商事",
        "（株）山田商事",
        "山田商事(有)",
        "一般社団法人山田商事",
    ],
)
def test_the_form_of_a_corporation_is_no_part_of_its_name(name):
    assert written.plain_name(name) == "山田商事"


@pytest.mark.parametrize(
    "name", ["カ)ヤマダシヨウジ", "ヤマダショウジ（カ", "カブシキガイシャヤマダショウジ", "ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ"]
)
def test_nor_is_that_which_banks_write(name):
    assert written.plain_name(name) == written.plain("ヤマダショウジ")


def test_a_form_alone_is_a_name():
    assert written.plain_name("株式会社") == "株式会社"


@pytest.mark.parametrize(
    ("text", "yen"),
    [
        ("69,300", 69_300),
        ("69300", 69_300),
        ("６９，３００円", 69_300),
        ("¥69300", 69_300),
        ("￥69,300", 69_300),
        ("69,30", None),
        ("山田", None),
        ("C26-000002", None),
        ("", None),
    ],
)
def test_amounts(text, yen):
    assert written.amount_in(text) == yen


def test_words_the_longest_first_without_what_is_too_short():
    assert written.words("森 ヤマダ　1 a") == ["ヤマダ", "森"]
    assert written.words("株式会社 山田") == ["株式会社", "山田"]
    assert written.words("・ - ") == []


@given(st.text(max_size=40))
def test_what_is_compared_reads_as_itself(text):
    plain = written.plain(text)
    assert written.plain(plain) == plain
    assert all(unicodedata.category(sign)[0] in "LN" for sign in plain)


@given(KANA)
def test_kana_in_any_writing(kana):
    same = {
        written.plain(kana),
        written.plain(jaconv.kata2hira(kana)),
        written.plain(jaconv.z2h(kana)),
        written.plain(unicodedata.normalize("NFD", kana)),
        written.plain(bank_kana(kana)),
    }
    assert len(same) == 1


@given(NUMBERS)
def test_any_part_of_a_number_finds_it(number):
    plain = written.plain(number)
    found = list(written.number(number))
    for start in range(len(plain) - written.SHORTEST_OF_NUMBERS + 1):
        for end in range(start + written.SHORTEST_OF_NUMBERS, len(plain) + 1):
            assert any(one.startswith(plain[start:end]) for one in found)


@given(NAMES)
def test_any_two_letters_of_a_name_find_it(name):
    plain = written.plain_name(name)
    found = list(written.name(name))
    assert all(len(one) <= written.LONGEST for one in found)
    for start in range(len(plain) - 1):
        assert any(one.startswith(plain[start : start + 2]) for one in found)


def test_an_address_is_found_at_each_of_its_words():
    found = list(written.address("Taro.Yamada@example.jp"))
    for typed in ("taro.y", "yamada@ex", "EXAMPLE.jp"):
        assert any(one.startswith(written.plain(typed)) for one in found)
