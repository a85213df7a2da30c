"""How what people write is compared, whoever wrote it how: the one place that says what reads the same.

Pure: texts in, texts out.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 40
"""So many characters of a beginning are kept; what is looked for is cut alike."""
SHORTEST_OF_NAMES, SHORTEST_OF_NUMBERS = 2, 3
"""So long are the parts of names, and of numbers, that are found from within; the whole always is."""

_MARKS = str.maketrans({"゛": "\u3099", "゜": "\u309a"})
_HIRAGANA = {
    code: code + 0x60 for code in (*range(ord("ぁ"), ord("ゖ") + 1), *range(ord("ゝ"), ord("ゞ") + 1))
}
_SMALL = dict(zip(map(ord, "ァィゥェォッャュョヮヵヶ"), "アイウエオツヤユヨワカケ", strict=True))
_SOUNDS = dict(zip(map(ord, "ヂヅヲヰヱ"), "ジズオイエ", strict=True))
_KANA = {**_SMALL, **_SOUNDS}
_V = re.compile("ヴ([ァィゥェォ]?)")
_V_ROW = {"": "ブ", "ァ": "バ", "ィ": "ビ", "ゥ": "ブ", "ェ": "ベ", "ォ": "ボ"}

_SAME_KANJI = (
    "吉𠮷 高髙 崎﨑嵜碕 辺邊邉 斉齊斎齋 沢澤 浜濱濵 広廣 徳德 栄榮 桜櫻 国國圀 学學 会會 "
    "真眞 恵惠 竜龍 島嶋嶌 富冨 瀬瀨 渕淵 条條 寿壽 実實 円圓 応應 与與 万萬 鉄鐵 蔵藏 "
    "槙槇 土圡 柳栁 梅楳 曽曾 関關 豊豐 黒黑 横橫 静靜 滝瀧 芦蘆 糸絲 区區 団團 証證 "
    "図圖 県縣 庁廳 駅驛 鉱鑛 総總 薬藥 塩鹽 双雙 将將 両兩 乗乘 尭堯 晃晄 緑綠 桧檜 "
    "篭籠"
)
_KANJI = {ord(variant): same[0] for same in _SAME_KANJI.split() for variant in same[1:]}

_FORMS = re.compile(
    r"(?:株式|有限|合同|合資|合名|相互)会社"
    r"|(?:一般|公益|特例)?(?:社団|財団)法人|(?:社会福祉|社会医療|医療|学校|宗教|NPO|特定非営利活動|独立行政)法人"
    r"|\((?:株|有|同|資|名|社|財|福|医|学|宗|特非|一社|一財|公社|公財|独)\)"
    r"|(?:カブシキ[ガカ]イ|(?:ユウゲン|ゴウドウ|ゴウシ|ゴウメイ)[ガカ]イ)シ[ャヤ]",
    re.IGNORECASE,
)
_BANKS_FORMS = re.compile(r"^[カユドシメ]\)|\([カユドシメ]\)?$|\([カユドシメ]\)")
"""As payers' names have them: カ)ヤマダ, ヤマダ(カ, ヤマダ(カ)ニホンバシ."""

_AMOUNT = re.compile(r"[¥\\]?(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})円?")


def plain(text: str) -> str:
    """A text as it is compared: its letters and digits alone, each in one writing.

    Width, case, composed or not, hiragana or katakana, small kana or large, ヂ or ジ, the long vowel, kanji's
    variants, spaces, hyphens and other signs make no difference.
    """
    return _letters(_even(text))


def plain_name(text: str) -> str:
    """A name as it is compared: without the form of the corporation, unless it is all that is written."""
    even = _even(text)
    return _letters(_BANKS_FORMS.sub("", _FORMS.sub("", even))) or _letters(even)


def amount_in(text: str) -> int | None:
    """The yen that a text states, written as 69300, 69,300円, ¥69300 or in full width; None for no amount."""
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return int(found[1].replace(",", "")) if found else None


def name(text: str) -> Iterator[str]:
    """The beginnings by which a name is found, from within too."""
    yield from _from_within(plain_name(text), SHORTEST_OF_NAMES)


def number(text: str) -> Iterator[str]:
    """The beginnings by which a number is found by any part of it: of a contract, an invoice, a telephone."""
    yield from _from_within(plain(text), SHORTEST_OF_NUMBERS)


def address(email: str) -> Iterator[str]:
    """The beginnings by which an e-mail address is found: at each of its words."""
    for found in re.finditer(r"[^\W_]+", unicodedata.normalize("NFKC", email)):
        yield plain(email[found.start() :])[:LONGEST]


def amount(yen: int) -> str:
    """The beginning by which an amount is found, and nothing else: −69,300 as 69,300."""
    return f"={abs(yen)}"


def payer(name: str) -> str:
    """The beginning by which a customer is found by its name as banks write it, and by nothing else.

    No word that is looked for has a sign in it.
    """
    return f"){name}"[:LONGEST] if name else ""


def words(text: str) -> list[str]:
    """What is looked for, word by word, the longest first; none where too little is written."""
    found = dict.fromkeys(plain_name(word)[:LONGEST] for word in _even(text).split())
    return sorted((word for word in found if _is_enough(word)), key=len, reverse=True)


def _is_enough(word: str) -> bool:
    return len(word) > 1 or (bool(word) and not word.isascii())


def _from_within(whole: str, shortest: int) -> Iterator[str]:
    if whole:
        yield whole[:LONGEST]
    for start in range(1, len(whole) - shortest + 1):
        yield whole[start : start + LONGEST]


def _even(text: str) -> str:
    """Width, case, kana's writing and kanji's variants made even; signs and spaces are still there."""
    composed = unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_HIRAGANA)
    return unicodedata.normalize("NFKC", composed).translate(_KANJI)


def _letters(even: str) -> str:
    kana = _V.sub(lambda found: _V_ROW[found[1]], even).translate(_KANA)
    return "".join(sign for sign in kana.casefold() if _counts(sign))


def _counts(sign: str) -> bool:
    return sign != "ー" and unicodedata.category(sign)[0] in "LN"
