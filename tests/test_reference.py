"""Where reference files are looked for, and what is said where one is missing."""

import pytest

from tests import reference


def test_the_folder_is_the_one_that_is_named_even_if_it_is_not_there(tmp_path):
    beside = tmp_path / "shared"
    beside.mkdir()
    assert reference.find_folder(str(tmp_path / "elsewhere"), beside) == tmp_path / "elsewhere"


def test_without_a_name_the_folder_beside_the_checkout_is_taken_if_there_is_one(tmp_path):
    beside = tmp_path / "shared"
    assert reference.find_folder(None, beside) is None
    beside.mkdir()
    assert reference.find_folder(None, beside) == beside


def test_named_by_nothing_there_is_none(tmp_path):
    assert reference.find_folder("", tmp_path) is None


def test_a_missing_file_fails_the_test_that_reads_it_and_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    with pytest.raises(pytest.fail.Exception, match="seeds/000_"):
        reference.reference_file("seeds/000_*.txt")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "000_a.txt").touch()
    assert reference.reference_file("seeds/000_*.txt").name == "000_a.txt"
