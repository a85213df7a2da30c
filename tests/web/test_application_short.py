"""Applying is short: what is the same is ticked, what there is none of may be said."""

import pytest

from contracts.models import Application
from portal.organisations.fields import FaxField
from tests.billing_scene import load_priced_service
from tests.web.application_pages import confirm_address, filled, key_on, send, send_step, step_address
from tests.web.request_pages import text_of


def test_contacts_and_addresses_that_are_the_same_are_ticked(committing, as_yamada):
    service = load_priced_service("ct-e1")
    typed = filled(service, particular_fax="無し", quantity_seat="1")
    contacts = {
        name: text
        for name, text in typed["contacts"].items()
        if name.startswith("particular_contract_contact") or not name.startswith("particular_")
    }
    offered = as_yamada.get(step_address(service, "contacts")).context["form"]
    ticked = {name: "on" for name in offered.fields if name.startswith("same_")}
    assert set(ticked) >= {"same_billing_address", "same_technical_contact"}
    assert "same_contract_contact" not in ticked

    send_step(as_yamada, service, "company", typed["company"])
    missing = send_step(as_yamada, service, "contacts", contacts)
    assert missing.context["form"].errors
    for step in typed:
        reply = send_step(
            as_yamada, service, step, {**contacts, **ticked} if step == "contacts" else typed[step]
        )
        assert reply.status_code == 302, (step, reply.context["form"].errors)
    # What was ticked is ticked still, and counts by what is stated now.
    again = as_yamada.get(step_address(service, "contacts")).content.decode()
    assert again.count(" checked") >= len(ticked)
    moved = {**typed["company"], "address": "東京都港区芝公園4-2-9"}
    send_step(as_yamada, service, "company", moved)
    assert "〒105-0011 東京都港区芝公園4-2-9" in text_of(as_yamada.get(confirm_address(service)))
    send(as_yamada, service, key_on(as_yamada, service))
    stated = Application.objects.get().particulars
    assert stated["technical_contact"] == stated["contract_contact"]
    assert stated["billing_address"] == "〒105-0011 東京都港区芝公園4-2-9"
    assert stated["fax"] == "なし"


@pytest.mark.parametrize(
    ("typed", "stated"),
    [
        ("なし", "なし"),
        ("無", "なし"),
        ("none", "なし"),
        ("ー", "なし"),
        ("０３－１２３４－５６７８", "03-1234-5678"),
    ],
)
def test_there_may_be_no_fax(typed, stated):
    assert FaxField().clean(typed) == stated
