"""Applying for a service in the browser: form, confirmation, reception number."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from contracts.models import Application, Consent, Service, TermsVersion
from contracts.operations.applications import refuse_application
from contracts.particulars import LABELS
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.web.conftest import ALL_SERVICES


def form_address(service: Service) -> str:
    return reverse("contracts:application-new", args=[service.slug])


def confirm_address(service: Service) -> str:
    return reverse("contracts:application-confirm", args=[service.slug])


def filled(service: Service, **changed: str) -> dict[str, str]:
    """A form filled in as the browser sends it."""
    version = TermsVersion.objects.in_force(service, localdate())
    asked = {f"particular_{field.key}": "記載例" for field in version.policy.application.fields}
    return {
        "version": version.name,
        "payment_method": "transfer",
        "consent": "on",
        "wanted_start_on": "2027-01-15",
        **asked,
        **changed,
    }


def submission_key(page: bytes) -> str:
    return re.search(r'name="submission_key" value="([^"]+)"', page.decode())[1]


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_everything_typed_is_shown_before_it_is_sent(ct_e1, as_yamada):
    typed = filled(ct_e1, quantity_line="2", quantity_seat="3", particular_fax="03-9999-9999")
    reply = as_yamada.post(form_address(ct_e1), typed)
    assert reply.headers["Location"] == confirm_address(ct_e1)
    page = text_of(as_yamada, confirm_address(ct_e1))
    for shown in ("外線ライセンス", "2 回線", "シートライセンス", "3 席", "03-9999-9999", "2027年1月15日"):
        assert shown in page
    # 2 lines and 3 seats at 5,000 yen each, and 10% tax
    assert "¥25,000" in page
    assert "¥27,500" in page
    assert not Application.objects.exists()


def test_sending_gives_a_reception_number_and_says_what_happens_next(ct_e1, as_yamada, yamada):
    as_yamada.post(form_address(ct_e1), filled(ct_e1, quantity_line="2"))
    key = submission_key(as_yamada.get(confirm_address(ct_e1)).content)
    reply = as_yamada.post(confirm_address(ct_e1), {"submission_key": key}, REMOTE_ADDR="192.0.2.7")
    application = Application.objects.get()
    assert reply.headers["Location"] == reverse("contracts:application-detail", args=[application.number])
    assert (application.organisation, application.wanted_start_on) == (yamada, date(2027, 1, 15))
    assert list(application.items.values_list("product", "quantity")) == [("line", 2)]
    consent = Consent.objects.get()
    assert (consent.terms_version.name, consent.ip_address) == ("2015-04-01", "192.0.2.7")
    page = text_of(as_yamada, reply.headers["Location"])
    assert application.number in page
    assert "#article-11-1" in page  # the article by which acceptance forms the contract


@pytest.mark.parametrize("between", ["click again", "reload"])
def test_sending_twice_makes_one_application(between, ct_e1, as_yamada):
    as_yamada.post(form_address(ct_e1), filled(ct_e1, quantity_line="2"))
    page = as_yamada.get(confirm_address(ct_e1)).content
    if between == "reload":
        page = as_yamada.get(confirm_address(ct_e1)).content
    replies = [
        as_yamada.post(confirm_address(ct_e1), {"submission_key": submission_key(page)}) for _time in range(2)
    ]
    assert Application.objects.count() == 1
    assert replies[0].headers["Location"] == replies[1].headers["Location"]


def test_only_what_the_page_showed_is_sent(ct_e1, as_yamada):
    """Two windows: what was confirmed in one is not what was typed in the other."""
    as_yamada.post(form_address(ct_e1), filled(ct_e1, quantity_line="2"))
    first_key = submission_key(as_yamada.get(confirm_address(ct_e1)).content)
    as_yamada.post(form_address(ct_e1), filled(ct_e1, quantity_line="9"))
    reply = as_yamada.post(confirm_address(ct_e1), {"submission_key": first_key})
    assert not Application.objects.exists()
    assert "9 回線" in reply.content.decode()


def test_someone_elses_key_finds_nothing(ct_e1, application, as_suzuki):
    reply = as_suzuki.post(confirm_address(ct_e1), {"submission_key": str(application.submission_key)})
    assert reply.headers["Location"] == form_address(ct_e1)


def test_refused_input_is_kept_with_every_reason_at_once(ct_e1, as_yamada):
    typed = filled(
        ct_e1, quantity_line="二", quantity_seat="1", particular_phone="", particular_fax="03-9999-9999"
    )
    typed["quantity_delivery-base"] = "2"
    del typed["consent"]
    reply = as_yamada.post(form_address(ct_e1), typed)
    form = reply.context["form"]
    assert set(form.errors) == {
        "quantity_line",
        "quantity_delivery-base",
        "particular_phone",
        "consent",
    }
    assert len(form.errors["quantity_line"]) == 1
    page = reply.content.decode()
    assert 'value="二"' in page
    assert 'value="03-9999-9999"' in page
    assert not as_yamada.session.get(f"application:{ct_e1.pk}")


def test_an_option_alone_is_refused_above_the_form(ct_e1, as_yamada):
    reply = as_yamada.post(form_address(ct_e1), filled(ct_e1, **{"quantity_recording-16h": "1"}))
    assert reply.status_code == 200
    assert list(reply.context["form"].errors) == ["__all__"]


def test_full_width_digits_are_understood(ct_e1, as_yamada):
    as_yamada.post(
        form_address(ct_e1), filled(ct_e1, quantity_line="１，２００", wanted_start_on="２０２７／１／１５")
    )
    page = text_of(as_yamada, confirm_address(ct_e1))
    assert "1200 回線" in page
    assert "2027年1月15日" in page


def test_going_back_finds_the_form_as_it_was(ct_e1, as_yamada):
    as_yamada.post(form_address(ct_e1), filled(ct_e1, quantity_line="7", particular_fax="03-9999-9999"))
    form = as_yamada.get(form_address(ct_e1)).context["form"]
    assert form["quantity_line"].value() == "7"
    assert form["particular_fax"].value() == "03-9999-9999"
    assert form["consent"].value()
    assert not form.errors


def test_after_sending_the_form_is_empty_again(ct_e1, as_yamada):
    as_yamada.post(form_address(ct_e1), filled(ct_e1, quantity_line="7"))
    key = submission_key(as_yamada.get(confirm_address(ct_e1)).content)
    as_yamada.post(confirm_address(ct_e1), {"submission_key": key})
    assert as_yamada.get(form_address(ct_e1)).context["form"]["quantity_line"].value() is None


def test_consent_counts_for_the_version_that_was_shown(ct_e1, as_yamada):
    reply = as_yamada.post(form_address(ct_e1), filled(ct_e1, quantity_line="1", version="2001-01-01"))
    assert list(reply.context["form"].errors) == ["consent"]


def test_a_change_of_terms_before_sending_asks_for_consent_again(ct_e1, as_yamada):
    as_yamada.post(form_address(ct_e1), filled(ct_e1, quantity_line="1"))
    session = as_yamada.session
    draft = session[f"application:{ct_e1.pk}"]
    draft["fields"]["version"] = "2001-01-01"
    session.save()
    reply = as_yamada.post(confirm_address(ct_e1), {"submission_key": draft["key"]})
    assert reply.headers["Location"] == form_address(ct_e1)
    assert not Application.objects.exists()
    assert not as_yamada.get(form_address(ct_e1)).context["form"]["consent"].value()


@pytest.mark.parametrize("slug", ALL_SERVICES)
def test_the_form_asks_for_what_the_policy_says(slug, as_yamada):
    service = load_priced_service(slug)
    policy = TermsVersion.objects.in_force(service, localdate()).policy
    reply = as_yamada.get(form_address(service))
    form, page = reply.context["form"], reply.content.decode()
    orderable = [product for product in policy.products if product.orderable]
    assert {name for name in form.fields if name.startswith("quantity_")} == {
        f"quantity_{product.key}" for product in orderable
    }
    assert {
        name: field.required for name, field in form.fields.items() if name.startswith("particular_")
    } == {f"particular_{field.key}": field.required for field in policy.application.fields}
    methods = [value for value, _label in form.fields["payment_method"].choices]
    assert sorted(methods) == sorted(policy.application.payment_methods)
    for product in orderable:
        assert product.name.ja in page
    assert all(str(LABELS[field.key]) in page for field in policy.application.fields)
    assert ("見本" in page) is (service.sample_note != "" or any(product.sample for product in orderable))


def test_no_terms_in_force_means_no_application(ct_e1, as_yamada, now):
    now.move_to(scenes.at("2014-01-01"))
    page = text_of(as_yamada, form_address(ct_e1))
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    assert as_yamada.post(form_address(ct_e1), {}).status_code == 200
    assert as_yamada.post(confirm_address(ct_e1), {}).headers["Location"] == form_address(ct_e1)


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
