"""The application as the customer sent it, as a PDF (申込書)."""

import hashlib
import json
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from contracts.models import Application
from contracts.rules.calendar.period import japan_date
from contracts.wording.dated_lines import cited
from contracts.wording.formats import day_text, moment_text
from contracts.wording.particulars import labelled
from contracts.wording.products import product_lines
from contracts.wording.quotations import quotations
from portal.pdf import write_pdf


def application_pdf(application: Application) -> bytes:
    """The PDF, in Japanese whatever the active language. The same application gives the same bytes."""
    with override("ja"):
        page = _page(application)
        html = render_to_string("pdf/application.html", page)
    stated = json.dumps(page, sort_keys=True, default=str).encode()
    return write_pdf(
        html, stylesheet="css/pdf/contract-letter.css", identifier=hashlib.sha256(stated).digest()
    )


def _page(application: Application) -> dict[str, Any]:
    version, organisation = application.governing_version, application.organisation
    submitted_on = japan_date(application.submitted_at)
    provider, particulars = application.service.provider.on(submitted_on), application.particulars
    items = {item.product: item.quantity for item in application.items.all()}
    return {
        "number": application.number,
        "submitted_on": submitted_on.isoformat(),
        "submitted_at": moment_text(application.submitted_at),
        "service": application.service.name,
        "provider": {
            "name": provider.name,
            "postal_code": provider.postal_code,
            "address": provider.address,
        },
        "applicant": {
            "name": organisation.name,
            "postal_code": particulars.get("postal_code") or organisation.postal_code,
            "address": particulars.get("address") or organisation.address,
            "person": application.sent_by,
        },
        "products": [
            (line.name, f"{line.quantity} {line.unit}")
            for line in product_lines(version.policy, items.items())
        ],
        "quotations": [
            (quotation.text, cited(version, quotation.articles))
            for quotation in quotations(version.policy, items)
        ],
        "order": [
            (
                _("Wanted start"),
                day_text(application.wanted_start_on)
                if application.wanted_start_on
                else _("As soon as possible"),
            ),
            (_("Payment method"), application.get_payment_method_display()),
        ],
        "particulars": [(str(label), value) for label, value in labelled(version.policy, particulars)],
        "documents": [document.name for document in application.documents.all()],
        "terms": {
            "title": version.title,
            "version": version.name,
            "effective_on": day_text(version.effective_on),
            "hash": version.content_hash,
            "articles": cited(version, version.policy.application.consent.article),
        },
    }
