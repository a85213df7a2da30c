"""Whether a text says that items follow."""

from __future__ import annotations

import re

_NAMES_ITEMS = re.compile(r"各号|各項目|各事項|下記|左記|次記|後記|後掲")
_COUNTED = r"(?:[0-9０-９一二三四五六七八九]+(?:つ|点|項目|種|区分|通り|から)|[^0-9０-９])"
_TIMES = (
    r"月|年|日|期|回|週|章|四半期|営業日|締|決算|順|頁|ページ|条(?!件)|項(?!目)|請求(?:書|日|時|期|額)|支払(?:日|期|時)"
    r"|更新(?:日|期|後|時)|利用(?:月|期)|契約(?:期間|更新)|計算(?:期|日)|世代"
)
_NO_MEASURE = r"(?<![0-9０-９%％円日月年名個件歳割額])"
_POINTS_BELOW = re.compile(
    rf"(?:(?<![目取順月年日席逐])次|つぎ|{_NO_MEASURE}以下)(?:の(?!{_TIMES}){_COUNTED}|に)"
    rf"|{_NO_MEASURE}以下(?:を|、(?:列挙|掲|記|示|各))|(?:は|が)以下(?:と(?:する|します|なります)|、|$)"
    r"|(?<![目取順月年日席逐])次を|下に(?:掲げ|示|記|定)"
)
_ENDS_OPEN = ("：", ":")


def announces_items(text: str) -> bool:
    """Whether a text names 各号, points below in its last sentence (次のいずれか), or ends in a colon."""
    last = next((sentence for sentence in reversed(text.split("。")) if sentence.strip()), "")
    points = _NAMES_ITEMS.search(text) or _POINTS_BELOW.search(last)
    return bool(points) or last.rstrip().endswith(_ENDS_OPEN)
