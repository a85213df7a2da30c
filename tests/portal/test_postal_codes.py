"""Addresses of postal codes, without a network."""

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
        ("999-9999", []),
        ("", []),
    ],
)
def test_a_postal_code_names_its_places(code, places):
    assert places_of(code) == places


def test_any_thread_may_ask():
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(places_of, ["105-0011"] * 8))
    assert answers == [["東京都港区芝公園"]] * 8
