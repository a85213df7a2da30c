"""Where the parts of a terms text stand on the public pages: addresses that stay the same for ever."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from contracts.terms.numbering import ArticleRef
from portal.language import in_english

if TYPE_CHECKING:
    from contracts.models import TermsVersion


def anchor(key: str) -> str:
    """The anchor of an article or of a part of it: `article-19-1`."""
    return f"article-{key}"


def version_url(version: "TermsVersion") -> str:
    return reverse("contracts:terms-version", args=[version.service.slug, version.name])


def comparison_url(version: "TermsVersion", previous: "TermsVersion") -> str:
    """Where a reader sees what a version changes against an earlier one."""
    query = urlencode({"old": previous.name, "new": version.name})
    return f"{reverse('contracts:terms-compare', args=[version.service.slug])}?{query}"


def article_url(version: "TermsVersion", key: str) -> str:
    """The address of what a citation such as `19-1` or `general-3` points at."""
    return f"{version_url(version)}#{anchor(key)}"


def article_label(version: "TermsVersion", key: str) -> str:
    """A citation in the current language: 第19条第1項, Art. 19 para. 1."""
    ref = ArticleRef.parse(key)
    return version.terms.label_en(ref) if in_english() else version.terms.label_ja(ref)
