"""Charsets that requests name."""

import pytest

from portal.charset import WithKnownCharset


def answer(content_type: str) -> tuple[str, bytes]:
    """Status and text of what is said to a request with a content type."""
    said = []
    application = WithKnownCharset(lambda environ, start: [start("200 OK", []) or b"through"])
    environ = {"CONTENT_TYPE": content_type} if content_type else {}
    text = b"".join(application(environ, lambda status, headers: said.append(status)))
    return said[0], text


@pytest.mark.parametrize("charset", ["hex", "idna", "undefined", "zlib", "utf-16"])
def test_what_decodes_no_form_is_refused_in_words(charset):
    status, text = answer(f"multipart/form-data; boundary=B; charset={charset}")
    assert status == "400 Bad Request"
    assert "文字コード" in text.decode()


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/x-www-form-urlencoded",
        "text/plain; charset=UTF-8",
        'a/b; charset="Shift_JIS"',
        "nonsense",
    ],
)
def test_all_else_goes_through(content_type):
    assert answer(content_type) == ("200 OK", b"through")
