"""Services, prices and terms, as everybody may read them."""

import re

import pytest
from django.urls import reverse

from contracts.models import TermsVersion
from contracts.rules.policy.law import act_of
from contracts.wording.links import article_url, version_url
from tests import scenes
from tests.billing_scene import load_priced_service, load_service
from tests.web.conftest import ALL_SERVICES


def page_of(client, name: str, *arguments: str) -> str:
    reply = client.get(reverse(f"contracts:{name}", args=arguments))
    assert reply.status_code == 200
    return reply.content.decode()


@pytest.mark.parametrize("slug", ALL_SERVICES)
def test_every_citation_leads_to_an_anchor_of_the_text(slug, client):
    service = load_service(slug)
    for version in TermsVersion.objects.filter(service=service):
        page = page_of(client, "terms-version", slug, version.name)
        anchors = re.findall(r'\bid="(article-[^"]+)"', page)
        assert len(anchors) == len(set(anchors)), "an anchor is there twice"
        cited_keys = {key for _path, key in version.policy.cited() if not act_of(key)}
        for address in {article_url(version, key) for key in cited_keys}:
            path, _, cited = address.partition("#")
            shown = page if path == version_url(version) else client.get(path).content.decode()
            assert f'id="{cited}"' in shown


@pytest.mark.parametrize("slug", ALL_SERVICES)
def test_links_within_the_contents_lead_somewhere(slug, client):
    version = load_service(slug).versions.first()
    page = page_of(client, "terms-version", slug, version.name)
    anchors = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


def test_the_history_says_on_which_days_each_version_governs(client, progoffice):
    page = page_of(client, "terms-history", "progoffice")
    assert page.index("2020-08-14") < page.index("2016-03-01")
    assert "2020年8月13日" in page


def test_an_announced_version_is_marked_and_readable(client, progoffice, now):
    now.move_to(scenes.at("2020-08-10"))
    announced = page_of(client, "terms-version", "progoffice", "2020-08-14")
    assert "chip--announced" in announced
    assert "2020年8月14日" in page_of(client, "service-detail", "progoffice")


def test_a_draft_of_terms_is_not_public(client, ct_e1):
    published = ct_e1.versions.get()
    TermsVersion.objects.create(
        service=ct_e1,
        name="draft",
        title="下書き",
        effective_on="2027-04-01",
        text=published.text,
        policy_source=published.policy_source,
        content_hash="0" * 64,
    )
    assert client.get(reverse("contracts:terms-version", args=["ct-e1", "draft"])).status_code == 404
    assert "下書き" not in page_of(client, "terms-history", "ct-e1")


@pytest.mark.parametrize("slug", ALL_SERVICES)
def test_prices_stand_on_the_service_page_with_their_articles(slug, client):
    service = load_priced_service(slug)
    page = page_of(client, "service-detail", slug)
    (prices,) = service.price_lists.all()
    policy = service.versions.latest("effective_on").policy
    for price in prices.prices.prices:
        product = policy.product(price.product)
        assert product.name.ja in page
        if product.kind != "usage":
            assert f"¥{price.unit_price:,}" in page
        assert all(f"#article-{key}" in page for key in price.article)


def test_sample_prices_are_marked_and_others_are_not(client, simpleconnect, ct_e1):
    def table(slug: str) -> str:
        return page_of(client, "service-detail", slug).split("table--prices")[1].split("</table>")[0]

    assert 'class="sample"' in table("simpleconnect")
    assert 'class="sample"' not in table("ct-e1")


def test_prices_with_tax_stand_where_the_terms_show_them(client, simpleconnect, ct_e1):
    assert "¥5,500" in page_of(client, "service-detail", "ct-e1")
    assert "¥8,800" not in page_of(client, "service-detail", "simpleconnect")


def test_a_service_without_prices_is_shown_all_the_same(client):
    load_service("ct-e1")
    assert "外線ライセンス" in page_of(client, "service-detail", "ct-e1")


def test_lists_are_shown_before_there_is_any_service(client):
    page_of(client, "service-list")
    page_of(client, "terms-list")


def test_the_service_page_says_when_support_is_open(client, now):
    load_service("desknets")
    now.move_to(scenes.at("2026-10-05 19:00"))
    page = page_of(client, "service-detail", "desknets")
    evening, desk = page.index("夜間延長窓口</dt>"), page.index("問い合わせ窓口</dt>")
    assert "18:00–20:00" in page[evening : evening + 120] and "chip--running" in page[evening : evening + 200]
    assert "9:00–17:30" in page[desk:evening] and "chip--running" not in page[desk:evening]
