"""`manage.py compare_terms OLD NEW`."""

import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from portal.catalog import CATALOG

OLD, NEW = CATALOG / "desknets" / "14.md", CATALOG / "desknets" / "15.md"


def compared(*arguments: object) -> str:
    out = io.StringIO()
    call_command("compare_terms", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_two_files_give_rows_as_json():
    rows = json.loads(compared(OLD, NEW))
    assert {"article", "old", "new", "remark", "changes"} == set(rows[0])
    assert [row["article"] for row in rows if row["remark"] == "（新設）"] == ["18の2", "suppl"]


@pytest.mark.parametrize(
    ("name", "start"),
    [("json", b"["), ("html", b"<!DOCTYPE"), ("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF")],
)
def test_every_format_goes_into_a_file(tmp_path, name, start):
    file = tmp_path / f"table.{name}"
    assert compared(OLD, NEW, "--format", name, "--output", file) == ""
    assert file.read_bytes().startswith(start)


def test_the_new_text_stands_where_asked():
    heads = compared(OLD, NEW, "--format", "csv", "--new-on", "right").splitlines()[0]
    assert heads.endswith("条,旧,新,備考")


def test_a_text_in_shift_jis_reads_the_same(tmp_path):
    file = tmp_path / "old.md"
    file.write_bytes(OLD.read_text(encoding="utf-8").encode("cp932"))
    assert [row["remark"] for row in json.loads(compared(file, OLD))] == ["（略）"]


def test_plain_text_is_read_as_a_text_is_imported(tmp_path):
    for name, days in (("old.txt", 14), ("new.txt", 20)):
        text = f"見本約款\n\n第１条（目的）\n目的を定めます。\n第２条（解約）\n１ {days}日前に申し出ます。\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    rows = json.loads(compared(tmp_path / "old.txt", tmp_path / "new.txt"))
    assert [(row["article"], row["remark"]) for row in rows if row["remark"]] == [
        ("1", "（略）"),
        ("2", "（変更）"),
    ]


@pytest.mark.django_db
def test_versions_are_named_by_service_and_name():
    call_command("load_services", stdout=io.StringIO())
    assert json.loads(compared("desknets@14", "desknets@15")) == json.loads(compared(OLD, NEW))
    with pytest.raises(CommandError, match=r"the versions of 'desknets' are 14, 15") as caught:
        compared("desknets@14", "desknets@99")
    assert caught.value.returncode == 2
    with pytest.raises(CommandError, match=r"there is no service 'nothing'; loaded are: ct-e1, desknets"):
        compared("nothing@1", "desknets@15")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "there is no such file"),
        (b"", "the file is empty"),
        (b"\x81\xff\xfe", "neither UTF-8 nor Shift_JIS"),
        ("新\t旧\t備考\n第1条\t第1条\t\n".encode(), "comparison table"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(tmp_path, content, reason):
    file = tmp_path / "old.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=reason) as caught:
        compared(file, NEW)
    assert caught.value.returncode == 2
    assert str(file) in str(caught.value)


def test_a_folder_and_a_place_that_cannot_be_written_are_refused(tmp_path):
    with pytest.raises(CommandError, match="a folder, not a file"):
        compared(tmp_path, NEW)
    with pytest.raises(CommandError, match="can't be written") as caught:
        compared(OLD, NEW, "--output", tmp_path / "no" / "where.json")
    assert caught.value.returncode == 2
