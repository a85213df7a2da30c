"""Addresses of postal codes, without a network."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.organisations.postal_codes import places_of


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("105-0011", ["東京都港区芝公園"]),
        ("1050011", ["東京都港区芝公園"]),
        ("100-8111", ["東京都千代田区千代田1-1"]),  # of a single office
        ("498-0000", ["愛知県弥富市", "三重県桑名郡木曽岬町"]),  # shared by two towns
        ("796-0088", ["愛媛県八幡浜市"]),  # the number follows the city's name at once
        ("100-0301", ["東京都利島村"]),
        ("100-0601", ["東京都神津島村"]),
        ("306-0433", ["茨城県猿島郡境町"]),
        ("409-0142", ["山梨県北都留郡小菅村"]),
        ("409-0211", ["山梨県北都留郡小菅村"]),
        ("766-0002", ["香川県仲多度郡琴平町"]),
        ("766-0001", ["香川県仲多度郡琴平町"]),
        ("048-1301", ["北海道磯谷郡蘭越町蘭越町"]),  # a quarter that bears the town's name
        ("377-0424", ["群馬県吾妻郡中之条町中之条町"]),
        ("098-5805", ["北海道枝幸郡枝幸町幸町"]),
        ("636-0334", ["奈良県磯城郡田原本町本町"]),
        ("522-0317", ["滋賀県犬上郡多賀町一円"]),  # a quarter of that name
        ("545-6009", ["大阪府大阪市阿倍野区阿倍野筋あべのハルカス9階"]),
        ("107-6001", ["東京都港区赤坂赤坂アークヒルズ・アーク森ビル1階"]),
        ("107-6090", ["東京都港区赤坂赤坂アークヒルズ・アーク森ビル"]),  # its other floors
        ("618-0000", ["京都府乙訓郡大山崎町", "大阪府三島郡島本町"]),
        ("999-9999", []),
        ("", []),
    ],
)
def test_a_postal_code_names_its_places(code, places):
    assert places_of(code) == places


def test_ranges_of_numbers_are_left_out_of_a_quarters_name():
    found = places_of("029-5503")
    assert found[0] == "岩手県和賀郡西和賀町穴明"
    assert "岩手県和賀郡西和賀町清水ケ野１８地割" in found, "a single one belongs to the address"
    assert not any("、" in place or "〜" in place for place in found)
    assert "岩手県和賀郡西和賀町小繋沢" in places_of("029-5521")


def test_several_quarters_of_one_code_are_all_named():
    found = places_of("452-0961")
    assert len(found) > 1
    assert all(place.startswith("愛知県清須市春日") for place in found)


@pytest.mark.parametrize("code", ["542-0081", "604-8042", "028-7915", "029-5523"])
def test_no_place_tells_of_anything_but_an_address(code):
    assert places_of(code)
    assert not any(re.search("場合|以下|[（(）)]|地割[、〜]", place) for place in places_of(code))


def test_any_thread_may_ask():
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(places_of, ["105-0011"] * 8))
    assert answers == [["東京都港区芝公園"]] * 8
