"""Pieces of the admin's read-only pages."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from contracts.models import Contract, ContractDocument, TermsVersion
from contracts.rules.decision import Decision
from contracts.wording.explain import explain
from contracts.wording.links import article_label, article_url, version_url
from portal.organisations.models import Organisation


def link(url: str, label: Any) -> SafeString:
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>', url, label
    )


def target_link(target: Model | None) -> SafeString | str:
    """The admin's page of an application, a contract or a request; a dash for none."""
    if target is None:
        return "—"
    name = f"admin:{target._meta.app_label}_{target._meta.model_name}_change"
    return link(reverse(name, args=[target.pk]), target)


def customer_link(organisation: Organisation) -> SafeString:
    """The staff's page of a customer."""
    return link(reverse("customer", args=[organisation.pk]), organisation.name)


def contract_link(contract: Contract) -> SafeString | str:
    """The admin's page of a contract."""
    return target_link(contract)


def document_link(document: ContractDocument) -> SafeString:
    """A document that a customer handed in, to be downloaded."""
    return link(reverse("admin:contracts_contractdocument_file", args=[document.pk]), document.name)


def lines(rows: Iterable[Any]) -> SafeString | str:
    """Rows under one another; a dash where there are none."""
    return format_html_join("", "<div>{}</div>", ((row,) for row in rows)) or "—"


def version_link(version: TermsVersion) -> SafeString:
    """The public page of a version, by its title and name."""
    return link(version_url(version), f"{version.title} {version.name}")


def article_links(version: TermsVersion, keys: Iterable[str]) -> SafeString:
    """Citations as links into the public text."""
    return format_html_join(
        " ", "{}", ((link(article_url(version, key), article_label(version, key)),) for key in keys)
    )


def explained(decision: Decision | None, version: TermsVersion) -> str:
    """The steps of a decision; a dash where there are none."""
    return render_to_string("admin/contracts/_decision.html", {"decision": explain(decision, version)})
