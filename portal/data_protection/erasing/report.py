"""The document about an erasure for who asked for it: what went, what stays, by which law, until when."""

import hashlib
import json
from datetime import date
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.timezone import localdate
from django.utils.translation import override

from portal.data_protection.models import Erasure
from portal.pdf import write_pdf
from portal.retention.kinds import kind_of


def draw_report(erasure: Erasure) -> bytes:
    """The report as a PDF in Japanese. It names nobody: who asked knows that it is about them."""
    stated = {"number": number_of(erasure), **erasure.report}
    identifier = hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).digest()
    with override("ja"):
        page = render_to_string("pdf/erasure.html", _page(erasure))
    return write_pdf(page, stylesheet="css/pdf/letter.css", identifier=identifier)


def number_of(erasure: Erasure) -> str:
    """The number under which an erasure is spoken of."""
    return f"E-{erasure.pk:06}"


def _page(erasure: Erasure) -> dict[str, Any]:
    finished = localdate(erasure.finished_at)
    return {
        "number": number_of(erasure),
        "portal": settings.MFA_TOTP_ISSUER,
        "asked_on": _day(erasure.asked_on),
        "finished_on": _day(finished),
        "finished_on_iso": finished.isoformat(),
        "gone": [
            {"what": kind_of(key).what, "how": kind_of(key).how, "count": count}
            for key, count in erasure.report["gone"].items()
        ],
        "left": erasure.report["left"],
        "stays": [
            {
                "what": stays["title"],
                "count": stays["count"],
                "law": kind_of(stays["kind"]).law,
                "until": _day(date.fromisoformat(stays["until"])) if stays["until"] else "",
            }
            for stays in erasure.report.get("stays", ())
        ],
    }


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
