"""What readers see of versions: comparison tables, the terms as of a day, links inside the text."""

import csv
import io
import re

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from contracts.models import Service
from contracts.publishing.publish import publish_version
from contracts.terms.references import all_references
from tests import scenes
from tests.billing_scene import load_service
from tests.web.conftest import ALL_SERVICES

OLD, NEW = "2016-03-01", "2020-08-14"


def compared(client, service: Service, **query: str):
    return client.get(reverse("contracts:terms-compare", args=[service.slug]), query)


def test_two_versions_stand_side_by_side(client, progoffice):
    page = compared(client, progoffice, old=OLD, new=NEW).content.decode()
    assert page.index(f"新（{NEW}）") < page.index(f"旧（{OLD}）")
    assert "（略）" in page
    assert "<ins>" in page
    right = compared(client, progoffice, old=OLD, new=NEW, new_on="right").content.decode()
    assert right.index(f"旧（{OLD}）") < right.index(f"新（{NEW}）")


def test_without_a_choice_the_version_in_force_is_compared_with_the_one_before(client, progoffice):
    reply = compared(client, progoffice)
    assert (reply.context["old"].name, reply.context["new"].name) == (OLD, NEW)


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"old": OLD, "new": "1999"}, "new"),
        ({"old": OLD, "new": OLD}, "new"),
        ({"old": OLD, "new": NEW, "new_on": "above"}, "new_on"),
    ],
)
def test_what_cannot_be_compared_is_said_on_the_page(query, wrong, client, progoffice):
    reply = compared(client, progoffice, **query)
    assert reply.status_code == 400
    assert list(reply.context["form"].errors) == [wrong]
    assert reply.context["form"].errors[wrong][0] in reply.content.decode()
    assert "table" not in reply.context


def test_drafts_are_not_compared_and_one_version_alone_neither(client, ct_e1):
    published = ct_e1.versions.get()
    ct_e1.versions.create(name="2027-04", title="下書き", text=published.text)
    page = compared(client, ct_e1)
    assert page.status_code == 200
    assert "2027-04" not in page.content.decode()
    assert "form" not in page.context


def test_the_table_is_downloaded_as_csv(client, progoffice):
    reply = compared(client, progoffice, old=OLD, new=NEW, format="csv")
    assert reply.headers["Content-Disposition"] == f'attachment; filename="progoffice-{OLD}-{NEW}.csv"'
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert rows[0] == ["条", "新", "旧", "備考"]
    assert len(rows) > 5


def test_the_table_is_downloaded_as_a_workbook_and_as_pdf(client, progoffice):
    book = load_workbook(io.BytesIO(compared(client, progoffice, format="xlsx").content))
    assert [cell.value for cell in book.active[1]] == ["条", "新", "旧", "備考"]
    document = compared(client, progoffice, format="pdf")
    assert document.headers["Content-Type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")


def test_the_history_leads_to_comparisons_with_the_version_before(client, progoffice):
    page = client.get(reverse("contracts:terms-history", args=["progoffice"])).content.decode()
    link = reverse("contracts:terms-compare", args=["progoffice"])
    assert page.count(f'href="{link}?old={OLD}&amp;new={NEW}"') == 1


def test_a_contract_leads_to_what_an_announced_version_changes(as_yamada, contract):
    announced = scenes.next_version(contract.service, scenes.day("2027-02-01"), scenes.at("2026-11-19"))
    page = as_yamada.get(reverse("contracts:contract-detail", args=[contract.number])).content.decode()
    link = reverse("contracts:terms-compare", args=[contract.service.slug])
    expected = f"{link}?old={contract.contracted_version.name}&amp;new={announced.name}"
    assert f'href="{expected}"' in page
    assert as_yamada.get(expected.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize(
    ("on", "version"),
    [("2020-08-13", OLD), ("2020-08-14", NEW), ("2026/11/20", NEW), ("２０２０年８月１３日", OLD)],
)
def test_a_day_leads_to_the_version_that_governed_it(on, version, client, progoffice):
    reply = client.get(reverse("contracts:terms-as-of", args=["progoffice"]), {"on": on})
    assert reply.status_code == 302
    assert reply.headers["Location"] == reverse("contracts:terms-version", args=["progoffice", version])


def test_before_the_first_version_the_page_says_when_it_took_effect(client, progoffice):
    page = client.get(reverse("contracts:terms-as-of", args=["progoffice"]), {"on": "2016-02-29"})
    assert page.status_code == 200
    assert "2016年3月1日" in page.content.decode()


def test_a_day_that_is_none_is_refused(client, progoffice):
    page = client.get(reverse("contracts:terms-as-of", args=["progoffice"]), {"on": "2016-02-30"})
    assert page.status_code == 400
    assert page.context["form"].errors["on"]


@pytest.mark.parametrize("slug", ALL_SERVICES)
def test_references_inside_the_text_lead_to_anchors(slug, client):
    version = load_service(slug).versions.latest("effective_on")
    page = client.get(reverse("contracts:terms-version", args=[slug, version.name])).content.decode()
    body = page[page.index('class="terms"') :]
    targets = set(re.findall(r'href="#(article-[^"]+)"', body))
    assert targets <= set(re.findall(r'\bid="([^"]+)"', page))
    referred = [placed for placed in all_references(version.terms) if placed.missing is None]
    assert {f"article-{placed.reference.target}" for placed in referred} <= targets


def test_an_article_with_an_open_number_is_shown_and_flagged(client, ct_e1):
    published = ct_e1.versions.get()
    text = published.text.replace("## 別記", "### 第〇条（追加の定め）\n追って定めます。\n\n## 別記", 1)
    assert text != published.text
    policy = published.policy_source.replace(f'version = "{published.name}"', 'version = "next"', 1)
    publish_version(
        ct_e1,
        name="next",
        title=published.title,
        text=text,
        policy_source=re.sub(r"\bon = [0-9-]+", "on = 2027-04-01", policy, count=1),
        at=scenes.at("2026-11-19"),
        staff=None,
    )
    page = client.get(reverse("contracts:terms-version", args=["ct-e1", "next"])).content.decode()
    assert 'id="article-〇"' in page
    assert page.count('class="terms__open-number') == 1
