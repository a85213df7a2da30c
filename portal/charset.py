"""Requests that name a charset: Django decodes by whatever name they give, also by what decodes no text."""

from collections.abc import Callable, Iterable
from email.message import Message
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

KNOWN = frozenset({"utf-8", "utf8", "shift_jis", "euc-jp", "iso-2022-jp", "iso-8859-1", "us-ascii"})


class WithKnownCharset:
    """Around the application: another charset than these is refused (400) before anything is decoded."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if _charset(environ.get("CONTENT_TYPE", "")) in KNOWN:
            return self.application(environ, start_response)
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return ["この文字コードの送信は受け付けていません。UTF-8 で送信してください。\n".encode()]


def _charset(content_type: str) -> str:
    """What a content type names; UTF-8 where it names none."""
    header = Message()
    header["Content-Type"] = content_type
    return str(header.get_param("charset", "utf-8")).lower()
