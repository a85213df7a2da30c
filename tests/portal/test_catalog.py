"""A catalog is taken whole, or refused with every problem's file, place and reason."""

import shutil
from pathlib import Path

import pytest

from portal.catalog import CATALOG, CatalogError, read_catalog


@pytest.fixture
def catalog(tmp_path) -> Path:
    """A catalog of one service, to be broken."""
    shutil.copytree(CATALOG / "desknets", tmp_path / "desknets")
    return tmp_path


def problems(catalog: Path) -> list[str]:
    with pytest.raises(CatalogError) as refused:
        read_catalog(catalog)
    return [str(problem).removeprefix(f"{catalog}/desknets/") for problem in refused.value.problems]


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_catalog_of_the_project_can_be_taken():
    services = {entry.details.slug: entry for entry in read_catalog()}
    assert [v.policy.version for v in services["desknets"].versions] == ["14", "15"]
    assert services["ct-e1"].loaded.book_on(None).price_lists


def test_a_citation_that_the_text_lacks_is_named(catalog):
    change(catalog / "desknets" / "15.toml", 'article = "suppl"', 'article = "99-9"')
    assert problems(catalog) == ["15.toml: effective.article: '99-9' is not in the text 15.md"]


def test_every_problem_of_every_file_is_told_at_once(catalog):
    folder = catalog / "desknets"
    change(folder / "service.toml", 'slug = "desknets"', 'slug = "other"')
    change(folder / "14.toml", 'version = "14"', 'version = "13"')
    (folder / "15.md").unlink()
    (folder / "16.md").write_text("# Terms\n", encoding="utf-8")
    (folder / "examples.json").write_text("[", encoding="utf-8")
    (folder / "prices" / "2099-01-01.toml").write_text("effective_on = 1", encoding="utf-8")
    found = problems(catalog)
    for expected in (
        "service.toml: slug: must be the folder's name, 'desknets'",
        "14.toml: version: must be the file's name, '14'",
        "15.md: No such file or directory",
        "16.md: there is no policy for this text (16.toml)",
        "examples.json: line 1, column 2: not valid JSON",
        "prices/2099-01-01.toml: prices: this value is missing",
    ):
        assert any(problem.startswith(expected) for problem in found), expected


def test_a_price_for_an_unknown_product_is_named(catalog):
    file = next((catalog / "desknets" / "prices").glob("*.toml"))
    change(file, 'product = "user"', 'product = "users"')
    found = problems(catalog)
    assert len(found) == 2  # both versions are in force while the list is
    assert found[0].startswith(f"prices/{file.name}: prices[0].product: version 14 has no product 'users'")


def test_a_wrong_registration_number_is_refused(catalog):
    file = catalog / "desknets" / "service.toml"
    number = next(
        line for line in file.read_text(encoding="utf-8").splitlines() if "registration_number" in line
    )
    change(file, number, 'registration_number = "T1234567890123"')
    assert problems(catalog) == [
        "service.toml: provider.registration_number: the check digit of T1234567890123 is wrong"
    ]


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_services_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CatalogError, match="there is no service here"):
        read_catalog(tmp_path / name)
