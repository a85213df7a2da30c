"""The application's pages as a browser fills them in."""

import re

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from contracts.forms.application import steps_of
from contracts.models import Service, TermsVersion
from contracts.rules.policy.particulars import CONTACTS, PHONES

Typed = dict[str, str]


def begin_address(service: Service) -> str:
    return reverse("contracts:application-new", args=[service.slug])


def step_address(service: Service, step: str) -> str:
    return reverse("contracts:application-step", args=[service.slug, step])


def confirm_address(service: Service) -> str:
    return reverse("contracts:application-confirm", args=[service.slug])


def version_of(service: Service) -> TermsVersion:
    version = TermsVersion.objects.in_force(service, localdate())
    assert version
    return version


def filled(service: Service, **changed: str) -> dict[str, Typed]:
    """What is typed into each step; `changed` goes where its field stands."""
    version = version_of(service)
    everything = {
        "postal_code": "105-0011",
        "address": "東京都港区芝公園4-2-8",
        "payment_method": "transfer",
        "wanted_start_on": "2027-01-15",
        "version": version.name,
        "consent": "on",
    }
    if version.sellers:
        everything["agent"] = version.sellers[0].key
    for asked in version.policy.application.fields:
        name = f"particular_{asked.key}"
        if asked.key in CONTACTS:
            everything |= {f"{name}_name": "総務部 山田 花子", f"{name}_phone": "03-0000-0000"}
            if version.policy.writes_to(asked.key):
                everything[f"{name}_email"] = "hanako@yamada.example"
        else:
            everything[name] = "03-0000-0000" if asked.key in PHONES else "記載例"
    everything |= changed
    forms = {step.key: step(version) for step in steps_of(version.policy)}
    return {
        key: {name: value for name, value in everything.items() if name in form.fields}
        for key, form in forms.items()
    }


def send_step(client: Client, service: Service, step: str, typed: Typed, go: str = "next") -> HttpResponse:
    return client.post(step_address(service, step), {**typed, "go": go})


def fill_in(client: Client, service: Service, **changed: str) -> None:
    """Go through all steps; afterwards the application is to be checked."""
    for step, typed in filled(service, **changed).items():
        reply = send_step(client, service, step, typed)
        assert reply.status_code == 302, (step, reply.context["form"].errors)
    assert reply.headers["Location"] == confirm_address(service)


def key_on(client: Client, service: Service) -> str:
    """The key of the content that the page with everything shows."""
    page = client.get(confirm_address(service)).content.decode()
    found = re.search(r'name="submission_key" value="([^"]+)"', page)
    assert found
    return found[1]


def send(client: Client, service: Service, key: str | None = None, **more: str) -> HttpResponse:
    posted = {"submission_key": key or key_on(client, service)}
    return client.post(confirm_address(service), posted, **more)


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()
