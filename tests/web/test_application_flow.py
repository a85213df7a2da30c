"""Applying for a service in the browser: step by step, checked, sent, received."""

from datetime import date
from io import BytesIO

import pdfplumber
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contracts.applications.decide import refuse_application
from contracts.forms.application import steps_of
from contracts.models import Application, ApplicationDraft, Consent
from contracts.wording.particulars import LABELS
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.web.application_pages import (
    begin_address,
    confirm_address,
    fill_in,
    filled,
    key_on,
    send,
    send_step,
    step_address,
    text_of,
    version_of,
)
from tests.web.conftest import ALL_SERVICES

PDF = b"%PDF-1.7 a document"


def test_everything_typed_is_shown_before_it_is_sent(ct_e1, as_yamada):
    fill_in(as_yamada, ct_e1, quantity_line="2", quantity_seat="3", particular_fax="03-9999-9999")
    page = text_of(as_yamada, confirm_address(ct_e1))
    for shown in ("外線ライセンス", "2 回線", "シートライセンス", "3 席", "03-9999-9999", "2027年1月15日"):
        assert shown in page
    assert "総務部 山田 花子 / 03-0000-0000" in page
    assert "東京都港区芝公園4-2-8" in page
    # 2 lines and 3 seats at 5,000 yen each, and 10% tax
    assert "¥25,000" in page
    assert "¥27,500" in page
    assert not Application.objects.exists()


def test_who_applies_before_an_announced_version_holds_reads_its_day_and_finds_its_text(
    ct_e1, as_yamada, committing
):
    fill_in(as_yamada, ct_e1, quantity_line="2")
    before = text_of(as_yamada, confirm_address(ct_e1))
    scenes.next_version(ct_e1, date(2027, 6, 1), scenes.at("2026-11-01"))
    page = as_yamada.get(confirm_address(ct_e1)).content.decode()
    assert "2027年6月1日から、新しい版の約款（2027-06-01）が施行されます" in page
    link = reverse("contracts:terms-version", args=[ct_e1.slug, "2027-06-01"])
    assert link in page
    assert "新しい版の約款" not in before
    mail.outbox.clear()
    send(as_yamada, ct_e1)
    assert "2027年6月1日から新しい版の約款（2027-06-01）が施行され" in mail.outbox[0].body
    assert link in mail.outbox[0].body


def test_sending_gives_a_reception_number_and_says_what_happens_next(ct_e1, as_yamada, yamada):
    fill_in(as_yamada, ct_e1, quantity_line="2", corporate_number="８７００１１０００５９０１")
    reply = send(as_yamada, ct_e1, REMOTE_ADDR="192.0.2.7")
    application = Application.objects.get()
    assert reply.headers["Location"] == reverse("contracts:application-detail", args=[application.number])
    assert (application.organisation, application.wanted_start_on) == (yamada, date(2027, 1, 15))
    assert list(application.items.values_list("product", "quantity")) == [("line", 2)]
    assert application.particulars["corporate_number"] == "8700110005901"
    consent = Consent.objects.get()
    assert (consent.terms_version.name, consent.ip_address) == ("2015-04-01", "192.0.2.7")
    page = text_of(as_yamada, reply.headers["Location"])
    assert application.number in page
    assert "#article-11-1" in page  # the article by which acceptance forms the contract


@pytest.mark.parametrize("slug", ALL_SERVICES)
def test_every_service_can_be_applied_for_by_its_steps(slug, as_yamada):
    service = load_priced_service(slug)
    policy = version_of(service).policy
    base = sorted(policy.base_products)[0]
    fill_in(as_yamada, service, **{f"quantity_{base}": "1"})
    assert send(as_yamada, service).headers["Location"].startswith("/applications/")
    assert Application.objects.get().service == service


@pytest.mark.parametrize("slug", ALL_SERVICES)
def test_the_steps_ask_for_what_the_policy_says(slug, as_yamada):
    service = load_priced_service(slug)
    policy = version_of(service).policy
    pages = {step.key: as_yamada.get(step_address(service, step.key)) for step in steps_of(policy)}
    forms = {key: reply.context["form"] for key, reply in pages.items()}
    text = "".join(reply.content.decode() for reply in pages.values())
    orderable = [product for product in policy.products if product.orderable]
    assert {name for name in forms["products"].fields if name.startswith("quantity_")} == {
        f"quantity_{product.key}" for product in orderable
    }
    required = {name: field.required for form in forms.values() for name, field in form.fields.items()}
    assert ("agent" in forms["company"].fields) is bool(version_of(service).sellers)
    for asked in policy.application.fields:
        if asked.key == "sales_agent" and "agent" in forms["company"].fields:
            continue
        name = f"particular_{asked.key}"
        assert required.get(name, required.get(f"{name}_name")) is asked.required
        assert str(LABELS[asked.key]) in text
    methods = [value for value, _label in forms["products"].fields["payment_method"].choices]
    assert sorted(methods) == sorted(policy.application.payment_methods)
    assert all(product.name.ja in text for product in orderable)
    assert ("documents" in forms) is bool(policy.application.documents)
    assert ("見本" in text) is (service.sample_note != "" or any(product.sample for product in orderable))


def test_the_terms_can_be_read_and_progress_is_told_on_each_step(ct_e1, as_yamada):
    fill_in(as_yamada, ct_e1, quantity_line="1")
    page = text_of(as_yamada, step_address(ct_e1, "consent"))
    assert reverse("contracts:terms-version", args=["ct-e1", "2015-04-01"]) in page
    assert page.count("steps__item--done") == 3
    assert f'href="{step_address(ct_e1, "company")}"' in page


# Drafts


def test_a_step_that_is_left_unfinished_is_kept_as_it_was_typed(ct_e1, as_yamada):
    send_step(as_yamada, ct_e1, "company", {"address": "東京都", "postal_code": "１０５"}, go="later")
    form = as_yamada.get(step_address(ct_e1, "company")).context["form"]
    assert form["postal_code"].value() == "１０５"
    assert not form.errors


def test_a_draft_goes_on_in_another_browser_where_it_was_left(ct_e1, as_yamada, yamada, signed_in):
    steps = filled(ct_e1, quantity_line="7")
    for step in ("company", "contacts"):
        send_step(as_yamada, ct_e1, step, steps[step])
    elsewhere = signed_in(scenes.owner_of(yamada))
    home = text_of(elsewhere, reverse("home"))
    assert begin_address(ct_e1) in home
    assert elsewhere.get(begin_address(ct_e1)).headers["Location"] == step_address(ct_e1, "products")
    form = elsewhere.get(step_address(ct_e1, "contacts")).context["form"]
    assert form["particular_contract_contact_name"].value() == "総務部 山田 花子"


def test_going_back_loses_nothing_even_what_is_wrong(ct_e1, as_yamada):
    typed = filled(ct_e1, quantity_line="二")["products"]
    reply = send_step(as_yamada, ct_e1, "products", typed, go="back")
    assert reply.headers["Location"] == step_address(ct_e1, "contacts")
    form = as_yamada.get(step_address(ct_e1, "products")).context["form"]
    assert form["quantity_line"].value() == "二"


def test_drafts_are_their_writers_own(ct_e1, as_yamada, as_suzuki):
    send_step(as_yamada, ct_e1, "company", filled(ct_e1)["company"])
    form = as_suzuki.get(step_address(ct_e1, "company")).context["form"]
    assert form["address"].value() == "東京都千代田区千代田1-1"
    assert begin_address(ct_e1) not in text_of(as_suzuki, reverse("home"))


def test_a_draft_can_be_discarded(ct_e1, as_yamada):
    send_step(as_yamada, ct_e1, "company", filled(ct_e1)["company"])
    address = reverse("contracts:application-discard", args=[ct_e1.slug])
    assert address in text_of(as_yamada, reverse("home"))
    assert as_yamada.post(address).headers["Location"] == reverse("home")
    assert not ApplicationDraft.objects.exists()
    assert as_yamada.get(address).status_code == 404


def test_what_is_known_need_not_be_typed(ct_e1, as_yamada):
    company = as_yamada.get(step_address(ct_e1, "company")).context["form"]
    assert company["postal_code"].value() == "100-0001"
    assert company["particular_phone"].value() == "03-0000-0000"
    contacts = as_yamada.get(step_address(ct_e1, "contacts")).context["form"]
    assert contacts["particular_contract_contact_email"].value() == "hanako@yamada.example"


# What is wrong


def test_refused_input_is_kept_with_every_reason_at_once(ct_e1, as_yamada):
    typed = filled(ct_e1, quantity_line="二", quantity_seat="1", particular_usage_breakdown="")["products"]
    typed |= {
        "quantity_delivery-base": "2",
        "quantity_number-additional": "1",
        "wanted_start_on": "2026-11-19",
    }
    reply = send_step(as_yamada, ct_e1, "products", typed)
    form = reply.context["form"]
    assert set(form.errors) == {
        "quantity_line",
        "quantity_delivery-base",
        "quantity_number-additional",
        "particular_usage_breakdown",
        "wanted_start_on",
    }
    assert len(form.errors["quantity_line"]) == 1
    assert 'value="二"' in reply.content.decode()


def test_wrong_particulars_of_the_company_are_named(ct_e1, as_yamada):
    typed = filled(
        ct_e1,
        kana="山田",
        corporate_number="7700110005901",
        postal_code="105-001",
        address=" ",
        particular_phone="電話なし",
    )["company"]
    form = send_step(as_yamada, ct_e1, "company", typed).context["form"]
    assert set(form.errors) == {"kana", "corporate_number", "postal_code", "address", "particular_phone"}
    assert all(len(problems) == 1 for problems in form.errors.values())


def test_an_optional_contact_is_named_wholly_or_not_at_all(simpleconnect, as_yamada):
    optional = ('{ key = "contract_contact" }', '{ key = "contract_contact", required = false }')
    scenes.next_version(simpleconnect, scenes.day("2026-11-01"), scenes.at("2026-10-01"), optional)
    typed = {"particular_contract_contact_phone": "03-0000-0000"}
    form = send_step(as_yamada, simpleconnect, "contacts", typed).context["form"]
    assert list(form.errors) == ["particular_contract_contact_name"]
    without = send_step(as_yamada, simpleconnect, "contacts", {"particular_contract_contact_phone": ""})
    assert without.headers["Location"] == step_address(simpleconnect, "products")


def test_a_required_document_is_asked_for(simpleconnect, as_yamada):
    required = ('article = "6-4"\nrequired = false', 'article = "6-4"\nrequired = true')
    scenes.next_version(simpleconnect, scenes.day("2026-11-01"), scenes.at("2026-10-01"), required)
    reply = send_step(as_yamada, simpleconnect, "documents", {})
    assert list(reply.context["form"].errors) == ["document_photo_identity"]
    assert attach(as_yamada, simpleconnect, "a.pdf", PDF, go="next").status_code == 302


def test_an_option_alone_is_refused_above_the_form(ct_e1, as_yamada):
    typed = filled(ct_e1, **{"quantity_recording-16h": "1"})["products"]
    reply = send_step(as_yamada, ct_e1, "products", typed)
    assert list(reply.context["form"].errors) == ["__all__"]


def test_more_than_anybody_orders_is_taken_for_a_slip(ct_e1, as_yamada):
    typed = filled(ct_e1, quantity_line="9" * 30)["products"]
    assert "quantity_line" in send_step(as_yamada, ct_e1, "products", typed).context["form"].errors


def test_full_and_half_width_are_the_same(ct_e1, as_yamada):
    fill_in(
        as_yamada,
        ct_e1,
        quantity_line="１，２００",
        wanted_start_on="２０２７／１／１５",
        kana="やまだｼｮｳｼﾞ",
        postal_code="〒１０５ー００１１",
        particular_phone="０３－００００－００００",
        particular_contract_contact_email="ｈａｎａｋｏ＠ｙａｍａｄａ．ｅｘａｍｐｌｅ",
        particular_representative="ﾔﾏﾀﾞ 花子",
    )
    page = text_of(as_yamada, confirm_address(ct_e1))
    for shown in (
        "1200 回線",
        "2027年1月15日",
        "ヤマダショウジ",
        "105-0011",
        "hanako@yamada.example",
        "ヤマダ 花子",
    ):
        assert shown in page


def test_checking_too_early_leads_to_what_is_missing(ct_e1, as_yamada):
    steps = filled(ct_e1, quantity_line="1")
    send_step(as_yamada, ct_e1, "company", steps["company"])
    send_step(as_yamada, ct_e1, "products", steps["products"])
    reply = as_yamada.get(confirm_address(ct_e1), follow=True)
    assert reply.request["PATH_INFO"] == step_address(ct_e1, "contacts")
    assert "particular_technical_contact_name" in reply.context["form"].errors


def test_an_unknown_step_is_not_found(ct_e1, as_yamada):
    assert as_yamada.get(step_address(ct_e1, "documents")).status_code == 404


# Sending once


@pytest.mark.parametrize("between", ["click again", "reload"])
def test_sending_twice_makes_one_application(between, ct_e1, as_yamada):
    fill_in(as_yamada, ct_e1, quantity_line="2")
    key = key_on(as_yamada, ct_e1)
    if between == "reload":
        assert key_on(as_yamada, ct_e1) == key
    replies = [send(as_yamada, ct_e1, key) for _time in range(2)]
    assert Application.objects.count() == 1
    assert replies[0].headers["Location"] == replies[1].headers["Location"]


def test_only_what_the_page_showed_is_sent(ct_e1, as_yamada):
    """Two windows: what was confirmed in one is not what was typed in the other."""
    fill_in(as_yamada, ct_e1, quantity_line="2")
    first_key = key_on(as_yamada, ct_e1)
    send_step(as_yamada, ct_e1, "products", filled(ct_e1, quantity_line="9")["products"])
    reply = as_yamada.post(confirm_address(ct_e1), {"submission_key": first_key}, follow=True)
    assert not Application.objects.exists()
    assert "9 回線" in reply.content.decode()


def test_someone_elses_key_finds_nothing(ct_e1, application, as_suzuki):
    reply = send(as_suzuki, ct_e1, str(application.submission_key))
    assert reply.headers["Location"] == begin_address(ct_e1)


def test_after_sending_the_form_is_empty_again(ct_e1, as_yamada):
    fill_in(as_yamada, ct_e1, quantity_line="7")
    send(as_yamada, ct_e1)
    assert as_yamada.get(step_address(ct_e1, "products")).context["form"]["quantity_line"].value() is None


def test_a_second_application_for_a_service_is_pointed_out(ct_e1, application, as_yamada):
    fill_in(as_yamada, ct_e1, quantity_line="7")
    assert application.number in text_of(as_yamada, confirm_address(ct_e1))


# Consent


def test_consent_counts_for_the_version_that_was_shown(ct_e1, as_yamada):
    typed = filled(ct_e1, version="2001-01-01")["consent"]
    assert list(send_step(as_yamada, ct_e1, "consent", typed).context["form"].errors) == ["consent"]


def test_a_change_of_terms_before_sending_asks_for_consent_again(ct_e1, as_yamada, now):
    fill_in(as_yamada, ct_e1, quantity_line="1")
    key = key_on(as_yamada, ct_e1)
    scenes.next_version(ct_e1, scenes.day("2026-12-01"), scenes.at("2026-11-20"))
    now.move_to(scenes.at("2026-12-01"))
    reply = as_yamada.post(confirm_address(ct_e1), {"submission_key": key}, follow=True)
    assert not Application.objects.exists()
    assert reply.request["PATH_INFO"] == step_address(ct_e1, "consent")
    assert list(reply.context["form"].errors) == ["consent"]
    assert "2026-12-01" in reply.content.decode()
    assert not as_yamada.get(step_address(ct_e1, "consent")).context["form"]["consent"].value()
    send_step(as_yamada, ct_e1, "consent", filled(ct_e1)["consent"])
    send(as_yamada, ct_e1)
    assert Consent.objects.get().terms_version.name == "2026-12-01"


# Addresses, prices, documents


def test_the_address_of_a_postal_code_fills_the_field(as_yamada):
    address = reverse("organisations:address")
    page = as_yamada.get(address, {"postal_code": "１０５００１１", "address": ""}).content.decode()
    assert 'value="東京都港区芝公園"' in page
    kept = as_yamada.get(address, {"postal_code": "105-0011", "address": "東京都港区芝公園4-2-8"})
    assert 'value="東京都港区芝公園4-2-8"' in kept.content.decode()
    both = as_yamada.get(address, {"postal_code": "498-0000"}).content.decode()
    assert 'value="愛知県弥富市"' in both
    assert "三重県桑名郡木曽岬町" in both


@pytest.mark.parametrize("code", ["9999999", "105", "", "東京"])
def test_without_a_known_postal_code_the_address_stays(code, as_yamada):
    reply = as_yamada.get(reverse("organisations:address"), {"postal_code": code, "address": "東京都"})
    assert 'value="東京都"' in reply.content.decode()


def test_a_button_looks_the_address_up_without_scripts(ct_e1, as_yamada):
    typed = {"postal_code": "1050011", "address": "", "kana": "ヤマダ", "look_up": ""}
    form = as_yamada.post(step_address(ct_e1, "company"), typed).context["form"]
    assert form["address"].value() == "東京都港区芝公園"
    assert form["kana"].value() == "ヤマダ"
    assert not form.errors


def test_prices_follow_what_is_typed(ct_e1, as_yamada):
    address = reverse("contracts:application-estimate", args=[ct_e1.slug])
    page = as_yamada.get(address, {"quantity_line": "２", "quantity_seat": "三"}).content.decode()
    assert "¥10,000" in page
    assert "¥11,000" in page
    assert "<html" not in page
    typed = {"quantity_line": "2", "go": "calculate"}
    assert "¥11,000" in as_yamada.post(step_address(ct_e1, "products"), typed).content.decode()


def test_beyond_the_standard_set_up_a_quotation_is_announced_and_not_counted(ct_e1, as_yamada):
    fill_in(as_yamada, ct_e1, quantity_line="6", **{"quantity_setup-standard": "1"})
    page = text_of(as_yamada, confirm_address(ct_e1))
    assert "外線ライセンス 1 回線" in page
    assert "¥300,000" not in page
    assert "list-4" in page
    send(as_yamada, ct_e1)
    sent = Application.objects.get()
    detail = text_of(as_yamada, reverse("contracts:application-detail", args=[sent.number]))
    assert "外線ライセンス 1 回線" in detail


def test_within_the_standard_set_up_its_price_is_counted(ct_e1, as_yamada):
    fill_in(as_yamada, ct_e1, quantity_line="5", **{"quantity_setup-standard": "1"})
    assert "¥300,000" in text_of(as_yamada, confirm_address(ct_e1))


def attach(client: Client, service, name: str, content: bytes, go: str = "attach"):
    file = SimpleUploadedFile(name, content)
    return client.post(step_address(service, "documents"), {"document_photo_identity": file, "go": go})


def test_documents_are_kept_with_the_draft_and_sent_along(simpleconnect, as_yamada):
    reply = attach(as_yamada, simpleconnect, "免許証.pdf", PDF)
    assert "免許証.pdf" in reply.content.decode()
    fill_in(as_yamada, simpleconnect, quantity_id="1")
    assert "免許証.pdf" in text_of(as_yamada, confirm_address(simpleconnect))
    send(as_yamada, simpleconnect)
    (document,) = Application.objects.get().documents.all()
    assert (document.name, document.kind, document.file.read()) == ("免許証.pdf", "photo_identity", PDF)


def test_a_document_can_be_taken_out_again(simpleconnect, as_yamada):
    attach(as_yamada, simpleconnect, "a.pdf", PDF)
    document = ApplicationDraft.objects.get().documents.get()
    reply = as_yamada.post(step_address(simpleconnect, "documents"), {"remove": document.pk, "go": ""})
    assert "a.pdf" not in reply.content.decode()
    assert not ApplicationDraft.objects.get().documents.exists()


def test_nobody_takes_documents_out_of_others_drafts(simpleconnect, as_yamada, as_suzuki):
    attach(as_yamada, simpleconnect, "a.pdf", PDF)
    document = ApplicationDraft.objects.get().documents.get()
    as_suzuki.post(step_address(simpleconnect, "documents"), {"remove": document.pk, "go": ""})
    assert document.draft.documents.exists()


def test_a_file_that_is_no_document_is_refused_at_its_field(simpleconnect, as_yamada):
    reply = attach(as_yamada, simpleconnect, "a.pdf", b"MZ", go="next")
    assert list(reply.context["form"].errors) == ["document_photo_identity"]


# What was sent


def pdf_text(content: bytes) -> str:
    with pdfplumber.open(BytesIO(content)) as pdf:
        return "\n".join(page.extract_text() for page in pdf.pages)


def test_the_application_is_a_pdf_on_its_page_and_in_the_mail(
    ct_e1, as_yamada, django_capture_on_commit_callbacks
):
    fill_in(as_yamada, ct_e1, quantity_line="6", **{"quantity_setup-standard": "1"})
    with django_capture_on_commit_callbacks(execute=True):
        send(as_yamada, ct_e1)
    sent = Application.objects.get()
    address = reverse("contracts:application-pdf", args=[sent.number])
    assert address in text_of(as_yamada, reverse("contracts:application-detail", args=[sent.number]))
    content = b"".join(as_yamada.get(address).streaming_content)
    text = pdf_text(content)
    for stated in (
        f"受付番号 {sent.number}",
        "山田商事株式会社",
        "外線ライセンス 6 回線",
        "東京都港区芝公園4-2-8",
        "総務部 山田 花子 / 03-0000-0000",
        "2027年1月15日",
        "標準初期導入設定",
    ):
        assert stated in text
    (message,) = mail.outbox
    (attached,) = message.attachments
    assert (attached.filename, attached.content) == (f"{sent.number}.pdf", content)


def test_no_terms_in_force_means_no_application(ct_e1, as_yamada, now):
    now.move_to(scenes.at("2014-01-01"))
    for address in (begin_address(ct_e1), step_address(ct_e1, "company"), confirm_address(ct_e1)):
        page = text_of(as_yamada, address)
        assert "<form" not in page.split("<main")[1].split("</main>")[0]
    assert as_yamada.post(step_address(ct_e1, "company"), {}).status_code == 200
    assert not ApplicationDraft.objects.exists()


def test_a_refusal_is_shown_with_its_reason_and_article(application, as_yamada):
    reason = application.terms_version.policy.refusal_reasons[0]
    refuse_application(
        application, scenes.staff_member(), reason.key, "回線が足りません。", scenes.at("2026-11-19")
    )
    page = text_of(as_yamada, reverse("contracts:application-detail", args=[application.number]))
    assert reason.text.ja in page
    assert f"#article-{reason.article[0]}" in page
    assert "回線が足りません。" in page


def test_an_accepted_application_leads_to_its_contract(contract, as_yamada):
    page = text_of(as_yamada, reverse("contracts:application-detail", args=[contract.application.number]))
    assert reverse("contracts:contract-detail", args=[contract.number]) in page
