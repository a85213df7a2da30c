"""Where the parts of a terms text stand on the public pages: addresses that stay the same for ever."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from contracts.rules.policy.base import LocalText, Origin
from contracts.rules.policy.law import act_of
from contracts.rules.policy.layers import read_text
from contracts.terms.numbering import ArticleRef
from contracts.terms.tree import Terms
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


def article_url(version: "TermsVersion", key: str, origin: Origin | None = None) -> str:
    """The address of what a citation such as `19-1` or `general-3` points at; empty for an act of the law.

    `origin` is the layer that decided the rule which cites it, where that was not the terms.
    """
    if act_of(key):
        return ""
    if layer := version.layer_citing(key, origin):
        return f"{agent_rules_url(version, layer.origin)}#{anchor(key)}"
    return f"{version_url(version)}#{anchor(key)}"


def agent_rules_url(version: "TermsVersion", origin: Origin) -> str:
    """Where the text of the rules is by which an agent sells the service of a version."""
    return reverse("contracts:agent-rules", args=[version.service.slug, origin.seller, origin.version])


def article_label(version: "TermsVersion", key: str, origin: Origin | None = None) -> str:
    """A citation in the current language: 第19条第1項, Art. 19 para. 1. `origin` as for `article_url`.

    What stands in the rules of an agent is named by their title and version.
    """
    if act := act_of(key):
        return _law_label(act, key)
    if layer := version.layer_citing(key, origin):
        part = _label_within(read_text(layer.text), key)
        return _("%(text)s %(part)s") % {"text": agent_rules_label(layer.origin), "part": part}
    return _label(version.terms, ArticleRef.parse(key))


def label_within(version: "TermsVersion", key: str, origin: Origin | None) -> str:
    """A citation as it reads beside the title of what it cites: 第4項 in the rules of an agent."""
    layer = version.layer_citing(key, origin)
    if layer is None or layer.origin != origin:
        return article_label(version, key, origin)
    return _label_within(read_text(layer.text), key)


def agent_rules_label(origin: Origin) -> str:
    """The rules of an agent by their title and version."""
    return _("%(title)s (version %(version)s)") % {"title": origin.title, "version": origin.version}


def _label(text: Terms, ref: ArticleRef) -> str:
    return text.label_en(ref) if in_english() else text.label_ja(ref)


def _label_within(text: Terms, key: str) -> str:
    """A citation without the heading that all of a text stands under."""
    ref = ArticleRef.parse(key)
    label = _label(text, ref)
    heading = _label(text, ArticleRef(annex=ref.annex)) if ref.annex else ""
    return label.removeprefix(heading).strip() or label


def _law_label(act: LocalText, key: str) -> str:
    """An article of an act: 民法第404条第2項."""
    numbers = re.search(r"[0-9].*$", key)
    ref = ArticleRef.parse(numbers[0] if numbers else "1")
    return f"{act.en} {ref.label_en()}" if in_english() else f"{act.ja}{ref.label_ja()}"
