"""Publishing versions of the operator's texts, and keeping which of them somebody agreed to."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.imprint.models import AgreedText, PublishedText
from portal.staffing.reach import ensure_works_for_all

PUBLISHES = "imprint.add_publishedtext"
"""The right of who publishes."""
LONGEST = 50_000
_DEFAULTS = Path(__file__).parent / "defaults"


@transaction.atomic
def publish_text(
    kind: str, starts_on: date, text_ja: str, text_en: str, staff: Any, at: datetime
) -> PublishedText:
    """Publish a new version of a text, which holds from a day on.

    ValidationError at `starts_on` for a day that has passed, or on which an earlier version would hold again,
    at a text that is missing or too long, or the same as before in both languages, and for who does not work
    for all providers (`other_provider`). PermissionDenied without the right.
    """
    if not staff.has_perm(PUBLISHES):
        raise PermissionDenied
    ensure_works_for_all(staff)
    texts = {"text_ja": _written("text_ja", text_ja), "text_en": _written("text_en", text_en)}
    versions = list(PublishedText.objects.select_for_update().of(kind))
    _ensure_new(versions, starts_on, texts, localdate(at))
    published = PublishedText.objects.create(
        kind=kind,
        version=max((one.version for one in versions), default=0) + 1,
        starts_on=starts_on,
        published_by=staff,
        published_at=at,
        **texts,
    )
    record("imprint.published", staff, published, kind=kind, version=published.version, starts_on=starts_on)
    return published


def _written(field: str, text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise ValidationError({field: ValidationError(_("Write the text in both languages."), code="empty")})
    if len(said) > LONGEST:
        message = _("At most %(longest)s characters.") % {"longest": f"{LONGEST:,}"}
        raise ValidationError({field: ValidationError(message, code="long")})
    return said


def _ensure_new(versions: list[PublishedText], starts_on: date, texts: dict[str, str], today: date) -> None:
    if starts_on < today:
        raise ValidationError({"starts_on": ValidationError(_("Enter today or a later day."), code="passed")})
    last = versions[0] if versions else None
    if last and last.starts_on and starts_on < last.starts_on:
        raise ValidationError(
            {
                "starts_on": ValidationError(
                    _("A version that holds later is published already."), code="order"
                )
            }
        )
    if last and texts == {name: getattr(last, name) for name in texts}:
        raise ValidationError(_("This is the text that was published last."), code="same")


def texts_to_agree_to(day: date) -> list[PublishedText]:
    """What who signs up on a day reads, and agrees to."""
    found = (PublishedText.objects.in_force(kind, day) for kind in PublishedText.AT_SIGN_UP)
    return [text for text in found if text]


def keep_agreed(person: Any, texts: Iterable[PublishedText], at: datetime) -> None:
    """Store which texts somebody agreed to, in the transaction of what they agreed for."""
    AgreedText.objects.bulk_create(AgreedText(person=person, text=text, at=at) for text in texts)


def bring_defaults(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Store the texts that the portal brings along where a kind has none; called after `migrate`."""
    known = set(PublishedText.objects.using(using).values_list("kind", flat=True))
    PublishedText.objects.using(using).bulk_create(
        PublishedText(
            kind=kind,
            version=1,
            text_ja=default_text(kind, "ja"),
            text_en=default_text(kind, "en"),
        )
        for kind in PublishedText.Kind.values
        if kind not in known
    )


def default_text(kind: str, language: str) -> str:
    """The text of a kind that the portal brings along."""
    return (_DEFAULTS / f"{kind}.{language}.md").read_text("utf-8").strip()
