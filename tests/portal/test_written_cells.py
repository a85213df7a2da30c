"""Cells as people and programs write them: right, or nothing."""

from datetime import date, datetime, time

import pytest

from portal.formats.written import day_in, month_in, text_of, whole_in

DAY = date(2026, 11, 5)
MIDNIGHT, NOON = (datetime.combine(DAY, time(hour)) for hour in (0, 12))


@pytest.mark.parametrize(
    "written",
    [
        DAY, NOON, "2026-11-05", "2026/11/5 0:00", "2026-11-05T00:00:00",
        "２０２６年１１月５日", "2026年 11月 5日（木）",
        "令和8年11月5日 木曜日", "㋿8年11月5日", "Ｒ８．１１．５",
        "r8/11/05", "令8.11.5", "20261105", "2026−11−05", "2026. 11. 5",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written):
    assert day_in(written) == DAY


@pytest.mark.parametrize(
    "written",
    [
        "",
        "令和0年1月1日",
        "26/11/5",
        "11/5/2026",
        "46331",
        46331.0,
        True,
        "2026-02-30",
        "2026/1 1/5",
        "#N/A",
        "R8",
    ],
)
def test_what_is_no_day_is_none(written):
    assert day_in(written) is None


def test_days_of_earlier_eras_are_read():
    assert [day_in(text) for text in ("平成31年4月30日", "H31.4.30", "令和元年5月1日", "昭和63.1.1")] == [
        date(2019, 4, 30), date(2019, 4, 30), date(2019, 5, 1), date(1988, 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [DAY, "2026-11", "202611", "2026年11月分", "令和8年11月", "R8.11", "2026/11/1", "２０２６年１１月"],
)
def test_a_month_is_read_however_it_is_written(written):
    assert month_in(written) == date(2026, 11, 1)


@pytest.mark.parametrize("written", ["11月", "2026/11/30", "Nov-26", "2026-13", "", 0.1])
def test_what_is_no_month_is_none(written):
    assert month_in(written) is None


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,000", 1000), ("１，０００", 1000), ("\\1,000", 1000), ("¥ 1,000円", 1000), (1000.0, 1000),
        ("▲1,000", -1000), ("△５００", -500), ("−500", -500), ("(500)", -500), ("¥-5", -5), ("100.00", 100),
        # what could be another number than it looks like
        ("1,00", None), ("12,34", None), ("1.000", None), ("1 2", None), ("①", None), (0.1, None),
        ("10%", None), (True, None), ("1e3", None), ("1、000", None), (float("nan"), None), ("", None),
    ],
)  # fmt: skip
def test_a_whole_number_is_read_or_none(written, number):
    assert whole_in(written) == number


def test_texts_are_as_somebody_would_type_them():
    assert [text_of(one) for one in (1001.0, True, MIDNIGHT, None)] == [
        "1001",
        "TRUE",
        "2026-11-05",
        "",
    ]
    assert text_of("株式会社カ\u3099イア") == "株式会社ガイア"
    assert text_of("\ufa19社") == "\ufa19社"
