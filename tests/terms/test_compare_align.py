import random

import pytest

from contracts.terms.compare.align import Pair, Part, align, likeness

LONG = [
    "利用者は料金を毎月末日までに支払うものとします",
    "当社は設備の保守のため提供を中止することがあります",
    "契約者は名称を変更したとき速やかに届け出るものとします",
    "本契約に関する紛争は東京地方裁判所を管轄とします",
]


def parts(*texts: str) -> list[Part]:
    return [Part(text) for text in texts]


def test_equal_lists_pair_one_by_one() -> None:
    assert align(parts(*LONG), parts(*LONG)) == [Pair(place, place) for place in range(4)]


def test_what_is_new_stands_in_its_place_and_moves_nothing_else() -> None:
    new = [LONG[0], "全く別のことを定める新しい規定", *LONG[1:]]
    assert align(parts(*LONG), parts(*new)) == [
        Pair(0, 0),
        Pair(None, 1),
        Pair(1, 2),
        Pair(2, 3),
        Pair(3, 4),
    ]


def test_what_was_deleted_follows_what_stood_before_it() -> None:
    assert align(parts(*LONG), parts(LONG[0], *LONG[2:])) == [
        Pair(0, 0),
        Pair(1, None),
        Pair(2, 1),
        Pair(3, 2),
    ]


def test_a_changed_part_is_known_by_its_likeness_not_by_its_number() -> None:
    old = [Part(LONG[1], number="5"), Part(LONG[2], number="6")]
    new = [
        Part("全く別のことを定める新しい規定", number="5"),
        Part(LONG[1].replace("設備", "電気通信設備"), number="6"),
        Part(LONG[2], number="7"),
    ]
    assert align(old, new) == [Pair(None, 0), Pair(0, 1), Pair(1, 2)]


def test_a_part_that_stands_elsewhere_has_moved() -> None:
    new = [*LONG[1:], LONG[0]]
    assert align(parts(*LONG), parts(*new)) == [Pair(1, 0), Pair(2, 1), Pair(3, 2), Pair(0, 3, moved=True)]


def test_without_moves_it_is_deleted_and_added() -> None:
    pairs = align(parts(*LONG), parts(*LONG[1:], LONG[0]), moves=False)
    assert pairs == [Pair(0, None), Pair(1, 0), Pair(2, 1), Pair(3, 2), Pair(None, 3)]


def test_a_name_pairs_what_was_rewritten() -> None:
    old, new = Part(LONG[0], ("料金",)), Part(LONG[3], ("料金",))
    assert likeness(old, new) < 0.35
    assert align([old], [new]) == [Pair(0, 0)]
    assert align([Part(LONG[0], ("料金",))], [Part(LONG[3], ("管轄",))]) == [Pair(0, None), Pair(None, 0)]


def test_a_better_match_beats_a_name() -> None:
    old = [Part(LONG[0], ("3.",))]
    new = [Part(LONG[1], ("3.",)), Part(LONG[0], ("4.",))]
    assert align(old, new) == [Pair(None, 0), Pair(0, 1)]


def test_parts_of_different_kinds_never_pair() -> None:
    assert align([Part(LONG[0], kind="article")], [Part(LONG[0], kind="annex")]) == [
        Pair(0, None),
        Pair(None, 0),
    ]


@pytest.mark.parametrize("seed", range(30))
def test_every_part_is_in_exactly_one_pair_and_kept_pairs_never_cross(seed: int) -> None:
    chance = random.Random(seed)
    vocabulary = [f"{place}番目の規定は{LONG[place % 4]}" for place in range(12)]
    old = parts(*(chance.choice(vocabulary) for _ in range(chance.randint(0, 10))))
    new = parts(*(chance.choice(vocabulary) for _ in range(chance.randint(0, 10))))
    pairs = align(old, new)
    assert sorted(pair.old for pair in pairs if pair.old is not None) == list(range(len(old)))
    assert [pair.new for pair in pairs if pair.new is not None] == list(range(len(new)))
    kept = [pair.old for pair in pairs if pair.old is not None and pair.new is not None and not pair.moved]
    assert kept == sorted(kept)
