"""What a notice says of a stop of the service where staff leave that to the portal."""

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from contracts.models import Notice


def write_stop(notice: Notice) -> None:
    """Write subject and text of a notice on a stop where they are left out; stores nothing.

    With the text, those in English are written, too.
    """
    subject, body = _texts(notice, "ja")
    notice.subject = notice.subject or subject
    if notice.body:
        return
    notice.body = body
    if not notice.subject_en and not notice.body_en:
        notice.subject_en, notice.body_en = _texts(notice, "en")


def _texts(notice: Notice, language: str) -> tuple[str, str]:
    with override(language):
        values = {
            "service": notice.service,
            "purpose": Notice.Purpose(notice.purpose).label,
            "is_over": notice.ends_at is not None and notice.ends_at <= timezone.now(),
        }
        subject = render_to_string("contracts/notices/stop_subject.txt", values)
        body = render_to_string("contracts/notices/stop.txt", values)
    return " ".join(subject.split())[:150], body.strip() + "\n"
