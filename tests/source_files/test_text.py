import pytest

from contracts.source_files import UnreadableFile, read_source

TEXT = "見本約款\n第1条（目的）\n①②㈱を定める。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_texts_of_every_usual_encoding_are_read(encoding: str) -> None:
    assert read_source(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (" \n\u3000".encode(), "the file is empty"),
        (TEXT.encode() + b"\n\xff\xfe", "a byte in line 5 fits neither"),
        (TEXT.encode()[:-3] + b"\n", "neither UTF-8 nor Shift_JIS"),
        ("契約約款はこの見本を定めます".encode("euc-jp"), "neither UTF-8 nor Shift_JIS"),
        (TEXT.encode("utf-16-le"), "neither UTF-8 nor Shift_JIS|control characters"),
        (b"GIF89a\x00\x01\x02", "control characters"),
        (b"\xff\xfe\x00", "neither UTF-8 nor Shift_JIS"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"old Word file \(.doc\) or one with a password"),
        (b"a" * 20_000_001, "larger than 20 MB"),
    ],
)
def test_what_is_no_readable_text_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_source(data)
