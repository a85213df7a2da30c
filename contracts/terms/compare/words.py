"""Japanese text cut into words, for boundaries at which a reader would begin or end an underline.

No dictionary is needed for that: a change of script, particles and conjunctions, and the forms of numbers,
dates and citations tell where words end. A stem stays with its ending (行わない), a number with its unit
(14日), a compound in one piece (定期メンテナンス).
"""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = r"[0-9０-９]"
_UNIT = (
    r"(?:か月|カ月|ヶ月|ヵ月|ヶ年|営業日|週間|時間|日間|年間|年度|百万円|万円|千円"
    r"|[年月日時分秒円条項号版件回名人社個台枚歳％%])"
)
_NUMBER = rf"{_DIGITS}+(?:[,.，．:：]{_DIGITS}+)*{_UNIT}?"
_DATE = rf"{_DIGITS}+年(?:{_DIGITS}+月)?(?:{_DIGITS}+日)?|{_DIGITS}+月{_DIGITS}+日"
_BRANCH = r"の[0-9０-９]+(?![0-9０-９日月年])"
_CITATION = rf"第\s*[0-9０-９〇一二三四五六七八九十百千]+\s*[編章節款条項号版回](?:{_BRANCH})*"
_CONJUNCTION = r"又は|及び|並びに|若しくは|或いは|且つ|但し"
_CONTENT = r"一-鿿々〆ヶ"
_HONORIFIC = rf"[おご](?=[{_CONTENT}])"
_NOUN = rf"(?:{_HONORIFIC})?(?:(?!{_CONJUNCTION})[{_CONTENT}ァ-ヺーA-Za-zＡ-Ｚａ-ｚ&＆'’_@/])+"

_KANJI = re.compile(f"[{_CONTENT}]")
_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<citation>{_CITATION})"
    rf"|(?P<number>(?:{_DATE}|{_NUMBER})(?:[～〜~](?:{_DATE}|{_NUMBER}))?)"
    rf"|(?P<conjunction>{_CONJUNCTION})|(?P<noun>{_NOUN})|(?P<kana>(?:(?!{_HONORIFIC})[ぁ-ゟ])+)|(?P<sign>.)",
    re.DOTALL,
)

# Words in hiragana that stand by themselves.
_KANA_WORDS = """
    について において に対して にかかわらず にかかわり により による によって によらず にわたり にあたり
    に関する に応じて とともに として とする とします という といいます といった とおり ところ とき
    から まで より など のみ だけ ほど ごと ため もの こと うち ほか よう
    および または ならびに もしくは あるいは かつ ただし なお その この これ それ ここ そこ いずれ
    すべて あらかじめ すみやか ただちに ある あり あった ない なく なった なる なり いう いいます いる おく
    する します しない した できる できない できます できません である であり であって です ます ません
    やむ
"""
_WORD = re.compile("|".join(sorted(re.findall(r"\S+", _KANA_WORDS), key=len, reverse=True)))
_SURE_PARTICLES = "はを"
_PARTICLES = "がにでとものへ"


def words(text: str) -> list[str]:
    """Cut a text into words, signs and white space. Put together they are the text again."""
    found: list[str] = []
    after_stem = False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if match.lastgroup != "kana":
            found.append(token)
            after_stem = match.lastgroup == "noun" and bool(_KANJI.match(token[-1]))
            continue
        ending, *others = _kana_words(token)
        if after_stem and ending:
            found[-1] += ending
        elif ending:
            found.append(ending)
        found.extend(others)
        after_stem = False
    return found


@lru_cache(maxsize=4096)
def _kana_words(run: str) -> tuple[str, ...]:
    """The words of a run of hiragana. The first is what may be the ending of a stem before it, or empty."""
    found = [""]
    position = 0
    in_ending = True
    while position < len(run):
        word = _word_at(run, position)
        if word:
            found.append(word)
        elif in_ending or len(found[-1]) > 1:
            found[-1] += run[position]
        else:
            found.append(run[position])
        in_ending = not word
        position += len(word) or 1
    return tuple(found)


def _word_at(run: str, position: int) -> str:
    match = _WORD.match(run, position)
    if match:
        return match[0]
    return run[position] if _is_particle(run, position) else ""


def _is_particle(run: str, position: int) -> bool:
    """A kana that may be a particle is one where a word ends the run or another word follows."""
    if run[position] in _SURE_PARTICLES:
        return True
    if run[position] not in _PARTICLES:
        return False
    following = position + 1
    return following == len(run) or bool(_WORD.match(run, following)) or _is_particle(run, following)
