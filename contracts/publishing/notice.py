"""The notice that announces a version of the terms, drafted when the version is published."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from contracts.consents.renewals import Renewal, renewal_of
from contracts.models import Notice, TermsVersion
from contracts.wording.links import comparison_url, version_url
from portal.organisations.models import User


def draft_terms_notice(version: TermsVersion, previous: TermsVersion, staff: User | None) -> Notice:
    """Draft the notice to all customers that a version comes after another; part of publishing it."""
    renewal = renewal_of(version)
    texts = {language: _texts(version, previous, renewal, language) for language in ("ja", "en")}
    return Notice.objects.create(
        service=version.service,
        purpose=Notice.Purpose.TERMS_CHANGE,
        terms_version=version,
        effective_on=version.effective_on,
        scope=Notice.Scope.ALL,
        subject=texts["ja"][0],
        body=texts["ja"][1],
        subject_en=texts["en"][0],
        body_en=texts["en"][1],
        created_by=staff,
    )


def _texts(
    version: TermsVersion, previous: TermsVersion, renewal: Renewal | None, language: str
) -> tuple[str, str]:
    with override(language):
        values: dict[str, Any] = {
            "service": version.service,
            "version": version,
            "version_url": settings.PORTAL_URL + version_url(version),
            "comparison_url": settings.PORTAL_URL + comparison_url(version, previous),
            "rule": renewal.rule.rule if renewal else "",
        }
        subject = render_to_string("contracts/notices/terms_change_subject.txt", values)
        body = render_to_string("contracts/notices/terms_change.txt", values)
    return " ".join(subject.split())[:150], body.strip() + "\n"
