"""Notices on the site: shown to whom they were sent, and noted as read."""

import pytest
from django.urls import reverse

from contracts.models import Notice, NoticeDelivery
from contracts.notices.send import draft_notice, send_notice
from tests import scenes

LIST = reverse("contracts:notice-list")
HOME = reverse("home")


@pytest.fixture
def notice(contract) -> Notice:
    """Maintenance of the contract's service, told on 2026-11-19."""
    draft = Notice(
        service=contract.service,
        purpose="maintenance",
        effective_on=scenes.day("2026-12-10"),
        subject="定期保守のお知らせ",
        body="夜間に止まります。\nhttps://example.jp/ <b>",
        subject_en="Maintenance",
        body_en="We stop at night.",
    )
    staff = scenes.staff_member()
    return send_notice(draft_notice(draft, staff), staff, scenes.at("2026-11-19 15:00"))


def detail(notice: Notice) -> str:
    return reverse("contracts:notice-detail", args=[notice.pk])


def test_a_notice_is_unread_until_it_is_opened(notice, as_yamada, yamada):
    assert as_yamada.get(LIST).context["page_obj"][0].unread
    assert [found.unread for found in as_yamada.get(HOME).context["notices"]] == [True]

    page = as_yamada.get(detail(notice)).content.decode()
    assert "夜間に止まります。" in page
    assert "&lt;b&gt;" in page
    assert "2026年11月19日" in page
    assert "15:00" in page

    posting = NoticeDelivery.objects.get(channel="site")
    assert (posting.read_at, posting.person) == (scenes.at("2026-11-20 10:00"), scenes.owner_of(yamada))
    assert not as_yamada.get(LIST).context["page_obj"][0].unread
    assert [found.unread for found in as_yamada.get(HOME).context["notices"]] == [False]


def test_the_page_says_when_it_took_effect_and_by_which_article(notice, as_yamada):
    page = as_yamada.get(detail(notice))
    assert page.context["effect"].at == scenes.at("2026-11-19 15:00")
    assert "#article-17-2" in page.content.decode()


def test_english_readers_read_english(notice, as_yamada):
    page = as_yamada.get(detail(notice), headers={"Accept-Language": "en"}).content.decode()
    assert "We stop at night." in page


def test_drafts_and_others_notices_do_not_exist(notice, contract, as_yamada, as_suzuki):
    draft = draft_notice(
        Notice(
            service=contract.service,
            purpose="maintenance",
            effective_on=scenes.day("2026-12-20"),
            subject="下書き",
            body="まだです。",
        ),
        None,
    )
    assert as_yamada.get(detail(draft)).status_code == 404
    assert as_suzuki.get(detail(notice)).status_code == 404
    assert list(as_suzuki.get(LIST).context["page_obj"]) == []
    assert not NoticeDelivery.objects.filter(read_at__isnull=False).exists()


def test_an_announced_version_with_a_notice_is_named_once_at_home(contract, as_yamada):
    version = scenes.next_version(contract.service, scenes.day("2027-02-01"), scenes.at("2026-11-19"))
    assert len(as_yamada.get(HOME).context["notices"]) == 1
    send_notice(version.notices.get(), scenes.staff_member(), scenes.at("2026-11-19"))
    (shown,) = as_yamada.get(HOME).context["notices"]
    assert shown.url == detail(version.notices.get())


PUBLIC = reverse("contracts:public-notice-list")


def test_everybody_reads_what_the_terms_let_be_posted(notice, client):
    assert list(client.get(PUBLIC).context["page_obj"]) == [notice]
    page = client.get(reverse("contracts:public-notice-detail", args=[notice.pk])).content.decode()
    assert "夜間に止まります。" in page
    assert "&lt;b&gt;" in page
    assert "2026年12月10日" in page
    assert not NoticeDelivery.objects.filter(read_at__isnull=False).exists(), "visitors are no recipients"


def test_what_must_be_told_in_writing_and_drafts_are_not_posted_for_everybody(notice, contract, client):
    draft = draft_notice(
        Notice(
            service=contract.service,
            purpose="maintenance",
            effective_on=scenes.day("2026-12-20"),
            subject="下書き",
            body="まだです。",
        ),
        None,
    )
    address = reverse("contracts:public-notice-detail", args=[draft.pk])
    assert client.get(address).status_code == 404
    in_writing = ("[notices.purposes.maintenance]", "[notices.purposes.maintenance]\nin_writing = true")
    written = scenes.next_version(
        contract.service, scenes.day("2026-11-20"), scenes.at("2026-11-19"), in_writing
    )
    Notice.objects.filter(pk=notice.pk).update(governing_version=written)
    assert list(client.get(PUBLIC).context["page_obj"]) == []


def test_notices_of_one_service_alone(notice, client, progoffice):
    assert list(client.get(PUBLIC, {"service": notice.service.slug}).context["page_obj"]) == [notice]
    assert list(client.get(PUBLIC, {"service": progoffice.slug}).context["page_obj"]) == []
    assert client.get(PUBLIC, {"service": "moon"}).status_code == 404
    assert PUBLIC in client.get(reverse("home")).content.decode()
