"""Kinds of data: from when each is kept, how long, by which law or whose decision, and how it goes.

The one table that pages, the registry of tables (`portal.data_protection.registry`) and erasures read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

YEARS_OF_BOOKS = 10
"""会社法432条2項: from the closing of the books. The 7 years of tax law end before (法人税法施行規則59条)."""

_MONTHS_TO_CLOSE = 2
"""法人税法74条1項: the return, and with it the closed books, are due two months after the fiscal year."""


class Scope(StrEnum):
    """Who sets how long a kind is kept."""

    LAW = "law"
    PORTAL = "portal"
    EACH_PROVIDER = "each_provider"
    ALL_PROVIDERS = "all_providers"
    """What belongs to no single provider, such as people's accounts: one period for the installation."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of data. `days` is the period until another is set, where somebody sets it.

    `law` founds it: the law that demands to keep it, or under which it is to go.
    """

    key: str
    what: Any
    runs_from: Any
    law: Any
    how: Any
    scope: Scope
    days: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether a period of days is set for it."""
        return self.scope in (Scope.EACH_PROVIDER, Scope.ALL_PROVIDERS)


_APPI_22 = _("個人情報保護法22条: erased without delay once it is not needed")

KINDS: tuple[Kind, ...] = (
    Kind(
        key="books",
        what=_("Invoices, payments, bank entries, statements and what they rest on"),
        runs_from=_("the closing of the books: two months after the fiscal year's end (法人税法74条1項)"),
        law=_(
            "10 years: 会社法432条2項. Within them the 7 years of tax law: 法人税法施行規則59条,"
            " 消費税法施行令70条の13, 電子帳簿保存法7条"
        ),
        how=_("Kept; not erased by the portal"),
        scope=Scope.LAW,
    ),
    Kind(
        key="contract_records",
        what=_("Contracts, applications, requests, consents, notices and letters"),
        runs_from=_("the closing of the books of the year in which the contract ended"),
        law=_("10 years: 会社法432条2項 (important documents of the business)"),
        how=_("Kept; people are named in them no longer once their own data are erased"),
        scope=Scope.LAW,
    ),
    Kind(
        key="trail",
        what=_("The audit trail"),
        runs_from=_("the entry"),
        law=_("The record proves that the documents above were not changed (電子帳簿保存法7条)"),
        how=_("Entries stay with their seals; what they tell of people goes with the people's data"),
        scope=Scope.LAW,
    ),
    Kind(
        key="service_contents",
        what=_("What customers keep within the services"),
        runs_from=_("the end of the contract"),
        law=_("The terms of each service (erasure of data), with their article"),
        how=_("Outside the portal: a task reminds staff of it on its day"),
        scope=Scope.LAW,
    ),
    Kind(
        key="identity_copies",
        what=_("Copies of identity documents"),
        runs_from=_("the day on which staff saw them, or the decision on the application"),
        law=_APPI_22,
        how=_("File and entry go at once, by themselves"),
        scope=Scope.PORTAL,
    ),
    Kind(
        key="data_copies",
        what=_("Files with all that is held about somebody"),
        runs_from=_("the moment at which one was made"),
        law=_APPI_22,
        how=_("The file goes after 7 days, by itself; that it was made stays"),
        scope=Scope.PORTAL,
    ),
    Kind(
        key="tables_in",
        what=_("Tables that staff brought in, as they came"),
        runs_from=_("the moment at which one was brought"),
        law=_APPI_22,
        how=_("File and rows go after 30 days, by themselves; who brought in what stays"),
        scope=Scope.PORTAL,
    ),
    Kind(
        key="staged_contracts",
        what=_("What files of old systems state of running contracts"),
        runs_from=_("the bringing in; the upload, where nothing was brought in"),
        law=_APPI_22,
        how=_("Lines and findings go by themselves; the old number and the contract that came of it stay"),
        scope=Scope.EACH_PROVIDER,
        days=90,
    ),
    Kind(
        key="drafts",
        what=_("Drafts of applications, with their documents"),
        runs_from=_("the last change"),
        law=_APPI_22,
        how=_("Draft and files go by themselves"),
        scope=Scope.EACH_PROVIDER,
        days=180,
    ),
    Kind(
        key="failed_applications",
        what=_("Applications that led to no contract: particulars, questions, documents"),
        runs_from=_("the decision, or the withdrawal"),
        law=_APPI_22,
        how=_("Particulars, words and files go; number, service and decision stay"),
        scope=Scope.EACH_PROVIDER,
        days=365,
    ),
    Kind(
        key="ended_contacts",
        what=_("Contacts and authorised users of ended contracts"),
        runs_from=_("the last day of the contract"),
        law=_("個人情報保護法22条; until then for claims, which lapse after 5 years (民法166条1項1号)"),
        how=_("Names, telephone numbers and addresses go; the contract stays"),
        scope=Scope.EACH_PROVIDER,
        days=1826,
    ),
    Kind(
        key="documents",
        what=_("Documents handed in with applications and requests"),
        runs_from=_("the last day of the contract"),
        law=_("個人情報保護法22条; until then for claims, which lapse after 5 years (民法166条1項1号)"),
        how=_("The file goes; the trail keeps its hash"),
        scope=Scope.EACH_PROVIDER,
        days=1826,
    ),
    Kind(
        key="customer_notes",
        what=_("Notes of staff on customers"),
        runs_from=_("the moment at which one was written"),
        law=_APPI_22,
        how=_("The note goes; that there was one stays in the trail"),
        scope=Scope.EACH_PROVIDER,
        days=1826,
    ),
    Kind(
        key="inquiries",
        what=_("Inquiries of customers, with their answers"),
        runs_from=_("the moment at which one was closed"),
        law=_("個人情報保護法22条; until then for claims, which lapse after 5 years (民法166条1項1号)"),
        how=_("All that was written goes; that there was one stays in the trail"),
        scope=Scope.EACH_PROVIDER,
        days=1826,
    ),
    Kind(
        key="mails",
        what=_("E-mails of the outbox"),
        runs_from=_("the day on which one was written"),
        law=_APPI_22,
        how=_("Address, subject and text go; when it was sent stays"),
        scope=Scope.ALL_PROVIDERS,
        days=1096,
    ),
    Kind(
        key="accounts",
        what=_("Accounts of people"),
        runs_from=_("the last sign-in of who is a member of no organisation"),
        law=_APPI_22,
        how=_("Name, addresses, password and second factors go; what they did stays without a name"),
        scope=Scope.ALL_PROVIDERS,
        days=365,
    ),
    Kind(
        key="sign_ins",
        what=_("Sessions and codes of people who sign in"),
        runs_from=_("the end of the session"),
        law=_APPI_22,
        how=_("They go by themselves"),
        scope=Scope.PORTAL,
    ),
    Kind(
        key="technical",
        what=_("What tells of no customer: terms, prices, services, the installation"),
        runs_from=_("the entry"),
        law=_("No personal data of customers"),
        how=_("Stays"),
        scope=Scope.PORTAL,
    ),
)

_BY_KEY = {kind.key: kind for kind in KINDS}


def kind_of(key: str) -> Kind:
    """The kind of a key. Raises KeyError."""
    return _BY_KEY[key]


def kinds_set_for(provider: str) -> Iterator[Kind]:
    """The kinds whose period is set for a provider, by its code; for "" those of the whole installation."""
    scope = Scope.EACH_PROVIDER if provider else Scope.ALL_PROVIDERS
    return (kind for kind in KINDS if kind.scope == scope)


def books_kept_until(day: date, fiscal_year_starts_in: int) -> date:
    """The last day on which what belongs to a day must be kept as a book or important document.

    会社法432条2項: 10 years from the closing of the books of its fiscal year, which is read as the last day
    for the tax return (法人税法74条1項).
    """
    year = day.year + (day.month >= fiscal_year_starts_in)
    month = fiscal_year_starts_in + _MONTHS_TO_CLOSE
    year, month = year + YEARS_OF_BOOKS + (month > 12), (month - 1) % 12 + 1
    return date.fromordinal(date(year, month, 1).toordinal() - 1)
