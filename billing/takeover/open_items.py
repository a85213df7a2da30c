"""Open items of an old system: claims under the numbers of documents that others issued."""

from django.db.models import Q
from django.utils.timezone import localdate

from billing.correspondence.letters import issuer_on, recipient_on
from billing.documents.invoice_document import FORMAT, InvoiceDocument, Line, RateTotal, Text, digest
from billing.invoicing.issuing import fiscal_year
from billing.models import Invoice, InvoiceCounter, InvoiceKind
from contracts.extensions.takeover import Bringing
from contracts.extensions.takeover import Line as FileLine
from contracts.models import Contract, Provider
from contracts.rules.calendar.period import Month, japan_date
from portal.search.indexing import index

_NAME = Text(
    ja="旧システムの請求書 {number}（税込{total:,}円）の未収額",
    en="Open amount of invoice {number} of the old system ({total:,} yen with tax)",
)
_SET = Text(ja="式", en="set")


def bring_open_items(contract: Contract, bringing: Bringing) -> None:
    """Store what is not paid of earlier documents; it is owed, reminded of and paid like an invoice."""
    for line in bringing.of("open_items"):
        if None in (line["document"], line["issued_on"], line["due_on"], line["total"]):
            continue
        if _fits(contract, bringing, line) and not bringing.problems:
            claim = _claim(contract, bringing, line)
            claim.save(force_insert=True)
            index(claim)


def _fits(contract: Contract, bringing: Bringing, line: FileLine) -> bool:
    before, open_amount = len(bringing.problems), _open(line)
    if line["issued_on"] > japan_date(bringing.at):
        bringing.refuse(line, "issued_on", "to_come", day=line["issued_on"])
    if line["due_on"] < line["issued_on"]:
        bringing.refuse(line, "due_on", "due_before_issue", day=line["due_on"], issued=line["issued_on"])
    if not open_amount:
        bringing.refuse(line, "open", "nothing_open")
    elif open_amount > line["total"]:
        bringing.refuse(line, "open", "more_open_than_total")
    elif _number_taken(contract, line["document"]):
        bringing.refuse(line, "document", "document_known", written=line["document"])
    return len(bringing.problems) == before


def _number_taken(contract: Contract, number: str) -> bool:
    """Whether the portal gave a number, or it came with another contract of the provider that stands."""
    same = Invoice.objects.filter(number=number, cancelled_on__isnull=True)
    return same.filter(~Q(kind=InvoiceKind.BROUGHT) | Q(provider=_creditor(contract))).exists()


def _creditor(contract: Contract) -> Provider:
    return contract.issuer_on(localdate())


def _open(line: FileLine) -> int:
    return int(line["total"] if line["open"] is None else line["open"])


def _claim(contract: Contract, bringing: Bringing, line: FileLine) -> Invoice:
    provider, amount = _creditor(contract), _open(line)
    month = line["month"] or Month.of(line["issued_on"])
    counter, _created = InvoiceCounter.objects.select_for_update().get_or_create(
        provider=provider, fiscal_year=fiscal_year(provider, line["issued_on"]), kind=InvoiceKind.BROUGHT
    )
    counter.last += 1
    counter.save(update_fields=["last"])
    document = _document(contract, provider, line, month, amount)
    return Invoice(
        provider=provider,
        kind=InvoiceKind.BROUGHT,
        fiscal_year=counter.fiscal_year,
        sequence=counter.last,
        number=line["document"],
        contract=contract,
        organisation=contract.organisation,
        debtor=contract.organisation,
        recipient_name=document["recipient"]["name"],
        month=month.first,
        issued_on=line["issued_on"],
        due_on=line["due_on"],
        net=amount,
        tax=0,
        gross=amount,
        document=document,
        document_hash=digest(document),
    )


def _document(
    contract: Contract, issuer: Provider, line: FileLine, month: Month, amount: int
) -> InvoiceDocument:
    """What is known of a document that the old system issued, in the shape of our own."""
    number, issued_on = line["document"], line["issued_on"]
    about = {"number": number, "total": line["total"]}
    stated = Line(
        product="",
        name=Text(ja=_NAME["ja"].format(**about), en=_NAME["en"].format(**about)),
        unit=_SET,
        quantity=1,
        included=0,
        unit_price=amount,
        amount=amount,
        rate=None,
        reduced=False,
        sample=False,
        articles=[],
        reasons=[],
    )
    return InvoiceDocument(
        format=FORMAT,
        kind="invoice",
        number=number,
        issued_on=issued_on.isoformat(),
        month=str(month),
        period={"from": month.first.isoformat(), "to": month.last.isoformat()},
        due_on=line["due_on"].isoformat(),
        payment_method=contract.payment_method,
        inclusive_shown=False,
        issuer=issuer_on(issuer, issued_on),
        bank_account=issuer.on(issued_on).bank_account,
        recipient=recipient_on(contract, issued_on),
        contract=contract.number,
        service=Text(ja=contract.service.names["ja"], en=contract.service.names["en"]),
        terms_version=contract.contracted_version.name,
        lines=[stated],
        rates=[RateTotal(rate=None, reduced=False, net=amount, tax=0)],
        net=amount,
        tax=0,
        gross=amount,
        notes=[],
        steps=[],
    )
