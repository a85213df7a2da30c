"""The ZIP of issued documents: readable by other programs, in memory that does not grow with its files."""

import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from billing.documents.archive import HEADINGS, INDEX, INDEX_HTML, INDEX_XLSX, MISSING, archive
from portal.formats.workbook import Yen
from portal.formats.zip_stream import ZipStream

ROW = (
    "適格請求書", "CD-2026-000001", date(2026, 11, 10), "株式会社みなと商事", "株式会社提供", "C26-000001",
    "クラウド", "2026-10", Yen(1), Yen(0), Yen(1), "", "", "2026-11/一.pdf", "", "",
)  # fmt: skip
AT = datetime(2026, 11, 10, 12, 30, 58, tzinfo=UTC)


def opened(pieces) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def test_index_and_files_come_back_whole():
    files = [("2026-11/一.pdf", lambda: b"one"), ("lost.pdf", lambda: None), ("2026-11/2.pdf", lambda: b"")]
    known = []

    def index(missing):
        known.append(set(missing))
        return [ROW]

    with opened(archive(index, files)) as read:
        assert read.testzip() is None
        indexes = [INDEX, INDEX_XLSX, INDEX_HTML]
        assert read.namelist() == ["2026-11/一.pdf", "2026-11/2.pdf", MISSING, *indexes]
        lines = read.read(INDEX).decode("utf-8-sig").splitlines()
        assert lines[0] == ",".join(HEADINGS)
        sheet = load_workbook(io.BytesIO(read.read(INDEX_XLSX))).active
        assert [cell.value for cell in sheet[1]] == list(HEADINGS)
        assert '<a href="2026-11/一.pdf">' in read.read(INDEX_HTML).decode()
        assert read.read("2026-11/一.pdf") == b"one"
        assert read.read(MISSING) == b"lost.pdf"
    assert known == [{"lost.pdf"}] * 3


def test_more_files_than_the_old_records_can_count():
    stream = ZipStream(AT)
    many = [piece for number in range(70_000) for piece in stream.add(f"{number}.txt", b"x")]
    with opened([*many, *stream.end()]) as read:
        assert len(read.namelist()) == 70_000
        assert read.read("69999.txt") == b"x"
        assert read.infolist()[0].date_time == (2026, 11, 10, 12, 30, 58)


def test_a_file_beyond_four_gib_is_found(tmp_path):
    stream, path = ZipStream(AT), tmp_path / "far.zip"
    far = 5 << 30
    with path.open("wb") as file:
        file.writelines(stream.add("near.pdf", b"near"))
        file.truncate(far)  # a hole in place of what would lie between
        file.seek(far)
        stream._offset = far
        file.writelines(stream.add("far.pdf", b"far"))
        file.writelines(stream.end())
    with zipfile.ZipFile(path) as read:
        assert (read.read("near.pdf"), read.read("far.pdf")) == (b"near", b"far")


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_number_of_files():
    content = bytes(5_000)

    def peak(count: int) -> int:
        files = ((f"2026-11/CD-2026-{number:06}.pdf", lambda: content) for number in range(count))
        tracemalloc.start()
        for _piece in archive(lambda missing: (ROW for _number in range(count)), files):
            pass
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)  # what is made once is made
    assert peak(20_000) < peak(1_000) + 500_000
