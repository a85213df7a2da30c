"""The certificate of a consent: who agreed to which text, when and how, and where it stands in the chain."""

from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override

from contracts.consents.chain import is_vouched_for
from contracts.consents.renewals import renewal_of
from contracts.models import Consent, ConsentChain, ContractDocument, TermsVersion
from contracts.models.document import PAPER
from contracts.wording.formats import day_text, moment_text
from contracts.wording.links import article_label
from portal.pdf import write_pdf


class ConsentNotIntactError(Exception):
    """A record that is not what was sealed, of which nothing is certified."""


def certificate(consent: Consent, issued_on: date) -> bytes:
    """The certificate, in Japanese whatever the active language.

    ConsentNotIntactError for a record that was changed, or that the audit trail does not vouch for.
    """
    if not (consent.is_intact and is_vouched_for(consent)):
        raise ConsentNotIntactError(f"Consent {consent.sequence} is not what was recorded.")
    with override("ja"):
        page = render_to_string("pdf/consent.html", _page(consent, issued_on))
    return write_pdf(page, stylesheet="css/pdf/consent.css", identifier=bytes.fromhex(consent.hash))


def _page(consent: Consent, issued_on: date) -> dict[str, Any]:
    version, is_received = consent.terms_version, consent.how == Consent.How.RECEIVED
    return {
        "consent": consent,
        "refused": consent.how == Consent.How.REFUSED,
        "version": version,
        "service": version.service,
        "provider": version.service.provider.on(issued_on),
        "organisation": consent.organisation,
        "person": consent.person,
        "receipt": getattr(consent.application, "receipt", None) if is_received else None,
        "paper_hash": _paper_hash(consent) if is_received else "",
        "how": _HOW[Consent.How(consent.how)],
        "articles": "、".join(_articles(consent, version)),
        "at": moment_text(consent.at),
        "recorded_at": moment_text(consent.recorded_at),
        "effective_on": day_text(version.effective_on),
        "issued_on": day_text(issued_on),
        "issued_on_iso": issued_on.isoformat(),
        "chain_length": ConsentChain.objects.get(pk=1).length,
    }


_HOW = {
    Consent.How.APPLICATION: "申込みの際の同意",
    Consent.How.RECEIVED: "書面・FAX・電子メール・電話による同意（担当者が入力）",
    Consent.How.RENEWED: "新しい版への、あらためての同意",
    Consent.How.DEEMED_BY_USE: "通知の後の利用による、みなし同意",
    Consent.How.DEEMED_BY_NOTICE: "通知による、みなし同意",
    Consent.How.REFUSED: "同意しない旨の申出",
}


def _paper_hash(consent: Consent) -> str:
    """The hash of the scanned paper that the consent came on; empty where there is none."""
    if consent.application_id is None:
        return ""
    papers = ContractDocument.objects.filter(application=consent.application_id, kind=PAPER)
    return papers.values_list("content_hash", flat=True).first() or ""


def _articles(consent: Consent, version: TermsVersion) -> list[str]:
    """The articles that found this way of consent, with the version that holds them."""
    with_application = consent.application and consent.application.terms_version_id == version.pk
    if consent.how == Consent.How.APPLICATION or (consent.how == Consent.How.RECEIVED and with_application):
        founded_in, keys = version, version.policy.application.consent.article
    else:
        renewal = renewal_of(version)
        if renewal is None:
            return []
        founded_in, keys = renewal.previous, renewal.rule.article
    return [f"{article_label(founded_in, key)}（{founded_in.name}版）" for key in keys]
