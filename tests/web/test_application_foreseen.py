"""What follows from an application, told before it is sent and while it waits."""

from django.urls import reverse

from contracts.applications.foreseen import foreseen
from contracts.models import Application
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.catalog_policies import CATALOG
from tests.scenes import at, day
from tests.web.application_pages import confirm_address, fill_in
from tests.web.request_pages import text_of

HELD = {"ct-e1": {"seat": 2}, "partner-cloud-e": {"base": 1}, "simpleconnect": {"id": 1}}


def test_before_it_is_sent_and_after_one_reads_the_days_the_first_invoice_and_the_way_out(
    committing, as_yamada
):
    service = load_priced_service("desknets")
    fill_in(as_yamada, service, wanted_start_on="2026-12-15", quantity_user="10")
    confirm = as_yamada.get(confirm_address(service))
    told = text_of(confirm)
    for shown in (
        "ご希望は2026年12月15日ですが、約款により2026年12月1日からのご利用となります",
        "利用開始日 2026年12月1日",
        "課金開始日 2026年12月1日",
        "最低利用期間の末日 2026年12月31日",
        "解約できる最も早い日 2026年12月31日（2026年12月22日までの申請が必要）",
        "初回のご請求（見込み） ¥4,950 （税込）",
        "2026年12月分",
        "支払期限 2027年2月1日",
        "きょう承諾された場合",
    ):
        assert shown in told, shown
    page = confirm.content.decode()
    for step in ("company", "contacts", "products", "consent"):
        address = reverse("contracts:application-step", args=["desknets", step])
        assert page.count(f'href="{address}"') >= 2  # in the progress, and beside its block
    as_yamada.post(confirm_address(service), {"submission_key": str(confirm.context["draft"].key)})
    application = Application.objects.get()
    sent = text_of(as_yamada.get(reverse("contracts:application-detail", args=[application.number])))
    for shown in ("利用開始日 2026年12月1日", "¥4,950", "2026年11月20日現在の価格と税率による見積りです"):
        assert shown in sent, shown
    scenes.accept(application, at("2026-11-21"))
    accepted = text_of(as_yamada.get(reverse("contracts:application-detail", args=[application.number])))
    assert "お申込みから決まること" not in accepted
    assert "2026年11月20日現在の価格と税率による見積りです" in accepted


def test_what_follows_is_what_the_contract_is_made_with(committing):
    """Accepted, registered and activated on the day of the application, nothing differs from it."""
    moment, wanted = at("2026-09-10"), day("2026-10-20")
    for slug in sorted(path.name for path in CATALOG.iterdir() if path.is_dir()):
        application = scenes.apply(
            load_priced_service(slug), HELD.get(slug, {"user": 1}), moment, wanted_start_on=wanted
        )
        told = foreseen(application.governing_version, wanted, moment, moment)
        contract = scenes.accept(application, moment)
        formation = contract.contracted_version.policy.formation
        if formation.formed_by == "registration":
            contract = scenes.registered(contract, moment)
        if told.by_notice:
            contract = scenes.activated(contract, wanted, moment)
        assert told.starts_on == contract.service_starts_on
        assert told.first_month
        assert told.first_month.first <= contract.billed_from_on <= told.first_month.last
        assert told.not_yet == (formation.formed_by != "application")
        assert (told.instead_of is None) == (told.starts_on == wanted)
        unnamed = foreseen(application.governing_version, None, moment, moment)
        assert bool(unnamed.lines) != told.by_notice
