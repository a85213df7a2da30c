"""How this installation of 0.1.0 was filled: the demonstration, and after it what the demonstration lacks.

It runs with the code of 0.1.0 alone, within `manage.py shell` of that release: see README.md. Nothing runs
it today. Every moment is set by the clock below, and chance is replaced by a fixed sequence: each run gives
the same rows, on both databases.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import random
import re
import socket
from contextlib import contextmanager
from datetime import date
from smtplib import SMTPRecipientsRefused
from unittest import mock

import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.test import Client
from django.utils import translation
from tablib import Dataset

from billing.documents.bank_files.transactions import Entry
from billing.models import (
    BankTransaction,
    BillingChunk,
    BillingRun,
    CreditBalance,
    DirectDebitBatch,
    Invoice,
    RefusedUsage,
)
from billing.open_items import due_reminders
from billing.operations import (
    adjustments,
    allocation,
    bank_accounts,
    bank_imports,
    corrections,
    damages,
    deposits,
    direct_debits,
    outages,
    payments,
    payouts,
    price_changes,
    reminders,
    returns,
    run_states,
    run_work,
    set_offs,
    special_prices,
    usage,
)
from billing.operations import (
    claims as billing_claims,
)
from billing.operations.runs import bill
from billing.receivables import with_paid
from billing.usage_rows import COLUMNS
from contracts.models import (
    CompanyClosure,
    Contract,
    ContractRequest,
    Notice,
    Provider,
    Service,
    Task,
)
from contracts.operations import (
    activation,
    agreements,
    application_drafts,
    application_questions,
    applications,
    authorised_users,
    claims,
    closures,
    consents,
    deliveries,
    documents,
    drafts,
    notices,
    offers,
    requests,
    reviews,
    successions,
    suspensions,
    tasks,
    terminations,
    terms,
    withdrawals,
)
from contracts.reasons import request_refusal_choices
from contracts.request_data import (
    AuthorisedUserData,
    CancellationData,
    InterruptionData,
    NameData,
    NonRenewalData,
    ParticularsData,
    ProductChangeData,
    ResponsiblePersonData,
    SuccessionData,
    Successor,
)
from contracts.rules.period import Month
from portal.demo import billing as demo_billing
from portal.demo.logins import create_customer, store_logins, stored_logins
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation
from tests import receivables_scene, scenes
from tests.scenes import at, day, owner_of

_drawn = itertools.count()


def _fixed_bytes(count: int) -> bytes:
    return hashlib.shake_256(f"0.1.0 {next(_drawn)}".encode()).digest(count)


os.urandom = random._urandom = _fixed_bytes
# Workers leave the names of their machine and process behind.
socket.gethostname = lambda: "portal"
os.getpid = lambda: 1

PDF = b"%PDF-1.7\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n..."
IP = "192.0.2.7"
DEMO_AT, TAKEN_AT = at("2026-10-20 10:00"), at("2026-11-29 10:00")


class Fill:
    """The story after the demonstration, told in the order of its days."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self.clock = clock
        self.reception = User.objects.get(email="reception@provider.example")
        self.terms_staff = User.objects.get(email="terms@provider.example")
        self.accountant = User.objects.get(email="billing@provider.example")
        self.manager = User.objects.get(email="manager@provider.example")

    def go_to(self, text: str) -> None:
        self.clock.move_to(at(text))

    # Who is there

    def customer(self, name: str, kana: str, person: str, email: str) -> Organisation:
        user, login = create_customer(person, email)
        store_logins([*stored_logins(), login])
        return create_organisation(
            user,
            OrganisationDetails(
                name=name,
                kana=kana,
                postal_code="460-0001",
                address="愛知県名古屋市中区三の丸9-9-9",
                phone="052-000-1007",
                invoice_email=email,
            ),
        )

    @staticmethod
    def organisation(name: str) -> Organisation:
        return Organisation.objects.get(name=name)

    @staticmethod
    def contract(slug: str, customer: str) -> Contract:
        return Contract.objects.filter(service__slug=slug, organisation__name=customer).earliest("number")

    def formed(self, slug: str, who: Organisation, quantities: dict, moment: str, **more: object) -> Contract:
        """A contract that was applied for and accepted at a moment; it starts as its terms say."""
        service = Service.objects.get(slug=slug)
        starts_on = more.pop("starts_on", None)
        applied = scenes.apply(service, quantities, at(moment), organisation=who, **more)
        contract = scenes.accept(applied, at(moment), self.reception)
        formation = contract.contracted_version.policy.formation
        if formation.formed_by == "registration":
            contract = activation.complete_registration(contract, self.reception, at(moment))
        if formation.service_start.rule == "activation_notice":
            contract = activation.issue_activation_notice(
                contract, self.reception, day(starts_on), at(moment)
            )
        return contract

    def asked(
        self, contract: Contract, kind: str, data: object, moment: str, decide: str = ""
    ) -> ContractRequest:
        request = scenes.ask(Contract.objects.get(pk=contract.pk), kind, data, at(moment))
        if decide:
            assert request.status == "submitted", (kind, request.decision)
            requests.accept_request(request, self.reception, at(decide))
        return request

    def proved(self, request: ContractRequest, moment: str) -> None:
        person = owner_of(request.contract.organisation)
        documents.attach_document(request, person, "登記事項証明書.pdf", PDF, at(moment))

    # October

    def people(self) -> None:
        self.midori = self.customer(
            "緑川物産株式会社", "ミドリカワブッサン", "緑川 翠", "midori@midorikawa.example"
        )
        self.hayashi = self.customer("林電機株式会社", "ハヤシデンキ", "林 健", "ken@hayashi-denki.example")
        self.mori = self.customer("森商会株式会社", "モリショウカイ", "森 茜", "akane@mori.example")
        second = User.objects.create_user("second@kitaguni-unyu.example", None, display_name="北国 次郎")
        Membership.objects.create(
            user=second, organisation=self.organisation("北国運輸株式会社"), role="member"
        )
        Membership.objects.filter(organisation=self.midori, role="owner").update(calendar_key="k" * 43)
        self.midori.corporate_number = "7000012050002"
        self.midori.save()
        RecoveryCodes.activate(self.manager)
        for provider, closed in zip(Provider.objects.all(), ("2026-12-30", "2027-01-04"), strict=False):
            closures.save_closure(
                CompanyClosure(provider=provider, day=day(closed), note="臨時休業"), self.manager
            )
        self.write_in_the_admin()

    def write_in_the_admin(self) -> None:
        """Somebody who may do everything adds a closure on the page for it, which leaves a log entry."""
        client = Client(headers={"host": "localhost"})
        self.manager.is_superuser = True
        self.manager.save()
        client.force_login(self.manager, backend="django.contrib.auth.backends.ModelBackend")
        posted = {"provider": Provider.objects.earliest("pk").pk, "day": "2026-12-29", "note": "年末休業"}
        assert client.post("/admin/contracts/companyclosure/add/", posted).status_code == 302
        self.manager.is_superuser = False
        self.manager.save()

    def applications(self) -> None:
        """Refused, withdrawn before and after formation, asked back about, answered, begun."""
        ct_e1, progoffice, simple = (
            Service.objects.get(slug=slug) for slug in ("ct-e1", "progoffice", "simpleconnect")
        )
        self.go_to("2026-10-21 10:00")
        refused = scenes.apply(ct_e1, {"seat": 3, "line": 1}, at("2026-10-21"), organisation=self.mori)
        reason = refused.terms_version.policy.refusal_reasons[0].key
        applications.refuse_application(
            refused, self.reception, reason, "構成をご検討ください。", at("2026-10-22")
        )
        formed_then_refused = scenes.apply(progoffice, {"user": 3}, at("2026-10-21"), organisation=self.mori)
        reason = formed_then_refused.terms_version.policy.refusal_reasons[0].key
        applications.refuse_application(formed_then_refused, self.reception, reason, "", at("2026-10-23"))
        withdrawn = scenes.apply(ct_e1, {"seat": 1}, at("2026-10-22"), organisation=self.mori)
        withdrawals.withdraw_application(withdrawn, owner_of(self.mori), at("2026-10-23"))
        formed_then_withdrawn = scenes.apply(
            progoffice, {"user": 8}, at("2026-10-24"), organisation=self.hayashi
        )
        withdrawals.withdraw_application(formed_then_withdrawn, owner_of(self.hayashi), at("2026-10-26"))
        costs = formed_then_withdrawn.contract.tasks.get()
        claims.record_costs(costs, self.reception, 12_000, "設定作業の費用", at("2026-10-28"))
        questioned = scenes.apply(simple, {"id": 2}, at("2026-10-24"), organisation=self.mori)
        documents.attach_document(questioned, owner_of(self.mori), "本人確認.png", PNG, at("2026-10-24"))
        application_questions.ask_applicant(
            questioned, self.reception, "ご利用の場所はどちらですか。", at("2026-10-25")
        )
        application_questions.answer_question(
            questioned, owner_of(self.mori), "名古屋です。", at("2026-10-26")
        )
        application_questions.ask_applicant(questioned, self.reception, "席は何席ですか。", at("2026-10-27"))
        scenes.apply(simple, {"id": 1}, at("2026-10-28"), organisation=self.hayashi)
        person = owner_of(self.hayashi)
        kind = questioned.terms_version.policy.checks_before("application")[0].kind
        reviews.record_check(
            questioned, self.reception, kind, "concern", "住所が登記と異なる", at("2026-10-27")
        )
        draft = application_drafts.save_draft(
            self.hayashi, simple, person, {"quantity_id": "4"}, at("2026-10-28")
        )
        kind = next(iter(simple.versions.latest("effective_on").policy.application.documents), None)
        application_drafts.add_draft_document(
            draft, kind.key if kind else "", "下書きの添付.pdf", PDF, at("2026-10-28")
        )

    def contracts(self) -> None:
        """Contracts that run, stop and end; requests of every kind in every state."""
        seats = {"seat": 5, "line": 2, "recording-16h": 5, "number-first": 1, "number-additional": 3}
        self.seats = self.formed("ct-e1", self.midori, seats, "2026-09-25", wanted_start_on=day("2026-11-01"))
        self.paused = self.formed(
            "ct-e1", self.hayashi, seats, "2026-09-25", wanted_start_on=day("2026-11-01")
        )
        self.passed = self.formed("ct-e1", self.mori, seats, "2026-09-25", wanted_start_on=day("2026-11-01"))
        self.servers = self.formed(
            "partner-cloud-e",
            self.midori,
            {"base": 2, "storage": 3},
            "2026-09-25",
            wanted_start_on=day("2026-10-01"),
        )
        self.not_renewed = self.formed(
            "partner-cloud-e", self.hayashi, {"base": 1}, "2026-09-25", wanted_start_on=day("2026-10-01")
        )
        self.users = self.formed(
            "progoffice", self.midori, {"user": 10}, "2026-09-25", starts_on="2026-10-01"
        )
        leaving = self.formed("progoffice", self.mori, {"user": 3}, "2026-09-25", starts_on="2026-10-01")
        gone = CancellationData(wanted_on=day("2026-11-30"))
        self.asked(leaving, "cancellation", gone, "2026-10-12", "2026-10-13")
        self.bad = self.formed("progoffice", self.hayashi, {"user": 4}, "2026-09-25", starts_on="2026-10-01")
        self.ids = self.formed(
            "simpleconnect",
            self.midori,
            {"id": 2, "recording": 2, "sip-phone": 2},
            "2026-09-28",
            payment_method="debit",
        )
        self.few = self.formed(
            "desknets", self.midori, {"user": 6}, "2026-09-25", wanted_start_on=day("2026-10-01")
        )

    def product(self, product: str, wanted_on: str, quantity: int = 0, **more: object) -> ProductChangeData:
        return ProductChangeData(product=product, wanted_on=day(wanted_on), quantity=quantity, **more)

    def ask_for_everything(self) -> None:
        self.go_to("2026-11-02 10:00")
        ask, product = self.asked, self.product
        ask(self.seats, "quantity_up", product("seat", "2026-12-15", 8), "2026-11-02", "2026-11-04")
        ask(self.seats, "add_item", product("number-issue", "2026-12-10", 2), "2026-11-02", "2026-11-04")
        ask(self.seats, "add_option", product("delivery-base", "2026-12-10", 1), "2026-11-02", "2026-11-04")
        ask(self.seats, "drop_option", product("recording-16h", "2027-01-31"), "2026-11-05")
        fewer = ask(self.seats, "quantity_down", product("number-additional", "2027-01-31", 1), "2026-11-05")
        requests.refuse_request(
            fewer,
            self.reception,
            request_refusal_choices(fewer)[0][0],
            "番号の返却には別の手続きが要ります。",
            at("2026-11-06"),
        )
        moved = ask(
            self.seats,
            "particulars",
            ParticularsData(wanted_on=day("2026-12-20"), particulars={"phone": "06-0000-0000"}),
            "2026-11-05",
        )
        requests.withdraw_request(moved, owner_of(self.midori), at("2026-11-06"))
        renamed = ask(
            self.seats,
            "name",
            NameData(wanted_on=day("2026-12-01"), name="緑川ホールディングス株式会社"),
            "2026-11-05",
        )
        self.proved(renamed, "2026-11-05")
        requests.accept_request(renamed, self.reception, at("2026-11-06"))
        ask(self.paused, "drop_item", product("seat", "2027-01-31", 2), "2026-11-05", "2026-11-06")
        ask(
            self.paused,
            "option_interruption",
            InterruptionData(wanted_on=day("2026-12-20"), product="recording-16h"),
            "2026-11-05",
            "2026-11-06",
        )
        ask(
            self.paused,
            "interruption",
            InterruptionData(wanted_on=day("2027-01-10"), until=day("2027-01-20")),
            "2026-11-05",
        )
        asked_back = ask(self.paused, "quantity_up", product("seat", "2027-03-01", 9), "2026-11-05")
        requests.ask_back(asked_back, self.reception, "どの拠点の席ですか。", at("2026-11-06"))
        answered = ask(self.paused, "quantity_up", product("line", "2027-02-01", 4), "2026-11-05")
        requests.ask_back(answered, self.reception, "どの拠点の回線ですか。", at("2026-11-06"))
        requests.answer(answered, owner_of(self.hayashi), "大阪です。", at("2026-11-07"))
        late = ask(self.seats, "quantity_up", product("line", "2026-11-10", 4), "2026-11-05")
        assert late.status == "refused"
        self.succession()
        ask(
            self.servers,
            "particulars",
            ParticularsData(wanted_on=day("2026-11-25"), particulars={"phone": "052-000-2222"}),
            "2026-11-05",
            "2026-11-06",
        )
        ask(
            self.servers,
            "responsible_person",
            ResponsiblePersonData(wanted_on=day("2026-11-04"), name="責任 次郎", phone="03-1111-1111"),
            "2026-11-05",
            "2026-11-06",
        )
        ask(self.servers, "quantity_up", product("base", "2026-11-25", 3), "2026-11-05", "2026-11-06")
        ask(self.not_renewed, "non_renewal", NonRenewalData(), "2026-11-02", "2026-11-04")
        ask(
            self.users,
            "quantity_down",
            product("user", "2026-11-20", 6, user_ids_deleted=True),
            "2026-11-05",
            "2026-11-06",
        )
        requests.complete_request(
            ContractRequest.objects.get(contract=self.users), self.reception, at("2026-11-20")
        )
        self.authorised_users()

    def succession(self) -> None:
        successors = [
            Successor(
                name=name,
                postal_code="100-0002",
                address="東京都千代田区皇居外苑1-1",
                phone="03-0000-0009",
                email=email,
            )
            for name, email in (
                ("新森商会株式会社", "soumu@shin-mori.example"),
                ("森興産株式会社", "soumu@mori-kosan.example"),
            )
        ]
        data = SuccessionData(
            wanted_on=day("2026-11-03"), cause="merger", successors=tuple(successors), representative=None
        )
        request = self.asked(self.passed, "succession", data, "2026-11-05")
        self.proved(request, "2026-11-05")
        requests.accept_request(request, self.reception, at("2026-11-09"), representative=0)
        successions.name_representative(
            Contract.objects.get(pk=self.passed.pk), self.reception, 1, day("2026-11-12")
        )

    def authorised_users(self) -> None:
        for name in ("協力株式会社", "提携株式会社", "下請株式会社"):
            data = AuthorisedUserData(
                wanted_on=day("2026-11-06"),
                name=name,
                address="東京都港区1-1",
                contact="協力 太郎",
                purpose="運用",
            )
            self.asked(self.servers, "authorised_user", data, "2026-11-02", "2026-11-04")
        cured, stopped, _plain = self.servers.authorised_users.order_by("pk")
        for user in (cured, stopped):
            authorised_users.record_breach(user, self.reception, day("2026-11-09"), "第三者に貸与")
        authorised_users.cure_breach(cured, self.reception, at("2026-11-12"))
        authorised_users.stop_authorised_user(
            stopped, self.reception, "authorised_user_breach", at("2026-11-20")
        )

    def agreed(self) -> None:
        document = agreements.SignedDocument("特約.pdf", PDF)
        data = agreements.AgreementData(
            title="保存特約",
            reason="長期のご利用",
            effective_on=day("2026-11-01"),
            rules="data_erasure.within.days = 30",
        )
        one = agreements.agree(self.servers, self.reception, data, document, at("2026-11-02"))
        agreements.end_agreement(one, self.reception, day("2026-12-31"))
        later = agreements.AgreementData(
            title="解約特約",
            effective_on=day("2026-12-01"),
            rules='[cancellation.deadline]\nanchor = "wanted_date"\nbefore = { business_days = 5 }\n',
        )
        agreements.agree(self.servers, self.reception, later, document, at("2026-11-02"))

    def terms_change(self) -> None:
        """Versions that took effect meanwhile, one to come, and drafts; consents of every kind."""
        self.go_to("2026-10-24 10:00")
        for slug, effective_on in (
            ("simpleconnect", "2026-11-25"),
            ("progoffice", "2026-11-26"),
            ("desknets", "2027-01-01"),
        ):
            service = Service.objects.get(slug=slug)
            if slug == "desknets":
                last = service.versions.latest("effective_on")
                draft = drafts.create_draft(
                    service, name="16", terms=last.terms, source="改定案.docx", staff=self.terms_staff
                )
                policy = last.policy_source.replace(f'version = "{last.name}"', 'version = "16"', 1)
                policy = re.sub(r"\bon = [0-9-]+", "on = 2027-01-01", policy, count=1)
                version = terms.publish_version(
                    service,
                    name="16",
                    title=last.title,
                    text=draft.text,
                    policy_source=policy,
                    at=at("2026-10-24 10:00"),
                    staff=self.terms_staff,
                )
            else:
                version = scenes.next_version(service, day(effective_on), at("2026-10-24 10:00"))
            self.send(version.notices.get(), "2026-10-24 11:00")
        self.go_to("2026-11-16 10:00")
        desknets = Service.objects.get(slug="desknets").versions.get(name="16")
        for name, answer in (
            ("あおぞら食品株式会社", consents.renew_consent),
            ("港町クリニック", consents.refuse_renewal),
        ):
            organisation = self.organisation(name)
            answer(organisation, owner_of(organisation), desknets, at("2026-11-16"), IP)
        progoffice = Service.objects.get(slug="progoffice")
        drafts.create_draft(
            progoffice,
            name="改定案",
            terms=progoffice.versions.latest("effective_on").terms,
            source="改定案.pdf",
            staff=self.terms_staff,
        )

    def send(self, notice: Notice, moment: str) -> Notice:
        reason = "以前に電話で伝えた"
        try:
            sent = notices.send_notice(notice, self.terms_staff, at(moment))
        except ValidationError:
            sent = notices.send_notice(notice, self.manager, at(moment), override_reason=reason)
        deliveries.deliver(sent, clock=lambda: at(moment))
        return sent

    def notices(self) -> None:
        """A draft, letters posted and arrived, bounces, e-mails that still wait, what was read."""
        self.go_to("2026-11-03 10:00")
        simple, ct_e1 = (Service.objects.get(slug=slug) for slug in ("simpleconnect", "ct-e1"))

        def drafted(service: Service, purpose: str, effective_on: str, **more: object) -> Notice:
            words = {
                "subject": "お知らせ",
                "body": "理由：設備の定期保守\n時間：1:00から5:00まで（日本時間）",
            }
            return notices.draft_notice(
                Notice(service=service, purpose=purpose, effective_on=day(effective_on), **words, **more),
                self.terms_staff,
            )

        drafted(simple, "maintenance", "2027-02-01")
        ended = drafted(ct_e1, "option_end", "2027-03-31", product="recording-16h", by_letter=True)
        ended = self.send(ended, "2026-11-03 11:00")
        deliveries.record_posting(ended, self.terms_staff, at("2026-11-04"))
        letters = list(ended.deliveries.filter(channel="letter"))
        for letter in letters:
            deliveries.record_arrival(letter, self.terms_staff, at("2026-11-05"))
        offers.end_offer(
            ended,
            self.manager,
            "recording-16h",
            day("2027-03-31"),
            at("2026-11-06"),
            override_reason="全契約者の合意",
        )
        closing = drafted(Service.objects.get(slug="progoffice"), "service_end", "2027-09-30", by_letter=True)
        closing = self.send(closing, "2026-11-03 12:00")
        offers.end_offer(
            closing, self.manager, "", day("2027-09-30"), at("2026-11-06"), override_reason="全契約者の合意"
        )
        stop = drafted(simple, "facility_stop", "2026-12-20", by_letter=True)
        notices.send_notice(stop, self.manager, at("2026-11-10"))  # its e-mails still wait
        late = drafted(simple, "maintenance", "2026-11-12")
        notices.send_notice(late, self.manager, at("2026-11-11"), override_reason="設備の急な不具合")
        told = Notice.objects.filter(service=simple, sent_at__isnull=False, purpose="maintenance").earliest(
            "pk"
        )
        mails = list(told.deliveries.filter(channel="email").order_by("pk"))
        for bounced in mails[:2]:
            deliveries.record_bounce(bounced, at("2026-11-10"), "550 no such user", self.terms_staff)
        read = mails[-1]
        notices.mark_read(told, read.organisation, read.person, at("2026-11-11"))
        deliveries.send_again(mails[0], self.terms_staff)

    # Provider's side

    def stops_and_ends(self) -> None:
        self.go_to("2026-11-23 10:00")
        owing = self.contract("ct-e1", "つばめ製作所")
        suspensions.suspend(owing, self.reception, "unpaid", day("2026-11-20"), None, "", until_paid=True)
        suspensions.pause(
            self.paused, self.reception, "works", day("2026-11-26"), day("2026-12-05"), "設備の更新"
        )
        interrupted = InterruptionData(wanted_on=day("2026-11-24"), until=day("2027-01-31"))
        passed = Contract.objects.get(pk=self.passed.pk)
        self.asked(passed, "interruption", interrupted, "2026-11-10", "2026-11-11")
        stop = suspensions.suspend(
            self.servers, self.reception, "breach", day("2026-11-13"), day("2026-11-20"), "調査"
        )
        suspensions.lift_suspension(stop, self.reception, day("2026-11-15"), at=at("2026-11-15"))
        terminations.demand_cure(
            self.bad, self.reception, "incomplete_papers", day("2026-10-20"), "委任状", at("2026-10-20")
        )
        terminations.terminate(
            self.bad,
            self.reception,
            "incomplete_papers",
            None,
            at("2026-11-24"),
            note="改善がありませんでした。",
        )
        erasure = self.bad.tasks.get(kind=Task.Kind.DATA_ERASURE)
        tasks.complete_task(erasure, self.reception, "媒体も破棄", at("2026-11-25"))
        devices = [
            tasks.replace_device(
                self.ids, self.reception, "sip-phone", day("2026-11-02"), 12_000, at("2026-11-03")
            )
            for _device in range(3)
        ]
        tasks.complete_task(devices[0], self.reception, "返却済み", at("2026-11-10"))
        _charged, waived = (
            tasks.charge_for_device(one, self.reception, at("2026-11-25")) for one in devices[1:]
        )
        billing_claims.waive_claim(waived, "ご事情により", self.manager)
        tasks.replace_device(
            self.ids, self.reception, "sip-phone", day("2026-11-24"), 12_000, at("2026-11-25")
        )

    # Money

    def prices(self) -> None:
        self.go_to("2026-10-21 09:00")
        dear = self.contract("simpleconnect", "山田商事株式会社")
        special_prices.set_special_price(dear, "id", 29_001, day("2026-10-01"), "特注", self.manager)
        ended = special_prices.set_special_price(
            self.servers, "base", 45_000, day("2026-10-01"), "長期のご利用", self.manager
        )
        special_prices.end_special_price(ended, day("2027-03-31"), self.manager)
        service = Service.objects.get(slug="desknets")
        source = service.price_lists.latest("effective_on").source
        source = re.sub(r"effective_on = [0-9-]+", "effective_on = 2027-04-01", source, count=1)
        self.manager.user_permissions.add(Permission.objects.get(codename="override_notice_pricelistversion"))
        notice = price_changes.PriceNotice("email", at("2026-10-21"))
        price_changes.change_prices(
            service, source, notice, User.objects.get(pk=self.manager.pk), "全契約者の同意"
        )

    def use(self, month: Month) -> None:
        dataset = Dataset(headers=list(COLUMNS))
        for contract in (self.seats, self.contract("ct-e1", "山田商事株式会社")):
            dataset.append(
                (
                    f"{contract.number}-{month}-x",
                    contract.number,
                    "calls-domestic",
                    str(month),
                    432,
                    month.day(15).isoformat(),
                )
            )
        dataset.append(("wrong-1", "C00-000000", "calls-domestic", str(month), 1, month.day(15).isoformat()))
        dataset.append(("wrong-2", self.seats.number, "no-such", str(month), "x", month.day(15).isoformat()))
        usage.import_usage(dataset, f"usage-{month}-2.csv", self.accountant)
        usage.settle_refused(
            RefusedUsage.objects.filter(settled_at=None).latest("pk"), "取り消された通話", self.accountant
        )

    @contextmanager
    def mail_server_refusing(self, address: str):
        send = EmailMessage.send

        def answered(message: EmailMessage, *args: object, **kwargs: object) -> int:
            if address in message.to:
                raise SMTPRecipientsRefused({address: (550, b"no such user")})
            return send(message, *args, **kwargs)

        with mock.patch.object(EmailMessage, "send", answered):
            yield

    @contextmanager
    def mail_server_away(self):
        with mock.patch.object(BaseEmailBackend, "open", side_effect=ConnectionRefusedError("it is away")):
            yield

    @contextmanager
    def mail_server_lost(self):
        with mock.patch.object(EmailMessage, "send", side_effect=ConnectionResetError("it was lost")):
            yield

    def approve_october_in_advance(self) -> None:
        """What the demonstration submitted is approved by a second person, issued and mailed."""
        self.go_to("2026-10-21 16:00")
        run = BillingRun.objects.get(status="previewed")
        run_states.approve(run, self.manager, seen_hash=run.preview_hash)
        chunks: list[BillingChunk] = []
        run_work.advance_run(run.pk, "worker@portal:1", chunks.append)
        with self.mail_server_refusing("jiro@tsubame-works.example"):
            for chunk in chunks:
                run_work.finish_chunk(chunk.pk, "worker@portal:1")

    def bill_october(self) -> None:
        self.go_to("2026-11-10 10:00")
        for provider in Provider.objects.order_by("code"):
            bill(
                provider,
                Month(2026, 10),
                date(2026, 11, 10),
                self.accountant,
                sends_mail=provider.code == "ND",
            )

    def november_runs(self) -> None:
        """A run in each state before the first invoice, and one that was cancelled."""
        self.go_to("2026-11-27 10:00")
        november, issued_on = Month(2026, 11), date(2026, 11, 30)
        first, second, third, fourth, fifth = Provider.objects.order_by("code")
        cancelled = run_states.calculate(run_states.begin(third, november, issued_on, self.accountant))
        run_states.cancel(cancelled, self.accountant)
        run_states.submit(
            run_states.calculate(run_states.begin(first, november, issued_on, self.accountant)),
            self.accountant,
        )
        run_states.calculate(run_states.begin(second, november, issued_on, self.accountant))
        run_states.begin(fourth, november, issued_on, self.accountant)
        approved = run_states.calculate(run_states.begin(fifth, november, issued_on, self.accountant))
        run_states.approve(run_states.submit(approved, self.accountant), self.manager)

    def adjusted(self) -> None:
        self.go_to("2026-11-12 10:00")
        adjustments.charge_surcharge(self.seats, 12_345, "無断の再販売", self.accountant)
        mistaken = adjustments.charge_surcharge(self.paused, 1_000, "誤記", self.accountant)
        adjustments.withdraw_adjustment(mistaken, "対象の誤り", self.accountant)
        damage = damages.DamageReport(date(2026, 11, 10), 500_000, "ordinary")
        damages.book_damages(self.ids, damage, "データの消失", self.accountant)
        small = damages.book_damages(
            self.contract("simpleconnect", "あおぞら食品株式会社"),
            damages.DamageReport(date(2026, 11, 5), 1_000, "ordinary"),
            "誤設定",
            self.accountant,
        )
        adjustments.give_as_credit(small, self.accountant)
        owed = damages.book_damages(
            self.contract("progoffice", "つばめ製作所"),
            damages.DamageReport(date(2026, 11, 6), 2_000, "ordinary"),
            "誤設定",
            self.accountant,
        )
        adjustments.give_as_credit(owed, self.accountant)
        office = self.contract("progoffice", "山田商事株式会社")
        for known, restored in (
            ("2026-10-22 09:00", "2026-11-01 09:00"),
            ("2026-11-03 00:00", "2026-11-10 00:00"),
        ):
            outages.record_outage(
                office, outages.OutageReport(at(known), at(restored), "ordinary"), "停電", self.accountant
            )
        wrong = outages.record_outage(
            self.users,
            outages.OutageReport(at("2026-11-05"), at("2026-11-06"), "ordinary"),
            "誤記",
            self.accountant,
        )
        outages.withdraw_outage(wrong, "別の契約の障害", self.accountant)

    def corrected(self) -> None:
        """Returned in part and whole, cancelled, cancelled and issued again."""
        self.go_to("2026-11-13 10:00")
        october = Invoice.objects.charging().filter(month=date(2026, 10, 1)).order_by("number")
        of_desknets = list(october.filter(contract__service__slug="desknets"))
        returns.return_all(of_desknets[0], "サービスの停止", self.accountant)
        corrections.reissue_invoice(of_desknets[1], "宛先の誤り", self.accountant)
        of_office = october.filter(contract__service__slug="progoffice").first()
        corrections.cancel_invoice(of_office, "二重の請求", self.accountant)
        several = next(one for one in october.filter(contract__service__slug="partner-cloud-e"))
        line = next(place for place, line in enumerate(several.document["lines"]) if line["amount"] > 1_000)
        with self.mail_server_lost():
            returns.return_lines(several, {line: 1_000}, "数量の誤り", self.accountant)
        with self.mail_server_away():
            corrections.cancel_invoice(
                list(october.filter(provider=several.provider))[-1], "月額の誤り", self.accountant
            )

    def deposits(self) -> None:
        self.go_to("2026-11-13 11:00")
        dear = self.contract("simpleconnect", "山田商事株式会社")
        deposit = deposits.ask_deposit(dear, 150_000, day("2026-11-30"), self.accountant)
        deposits.receive_deposit(deposit, day("2026-11-13"), "bank-1", self.accountant)
        self.go_to("2026-11-27 14:00")
        overdue = (
            Invoice.objects.charging()
            .filter(contract=dear, due_on__lt=date(2026, 11, 27), payments__isnull=True)
            .earliest("due_on")
        )
        deposits.use_deposit(deposit, overdue, self.accountant)
        deposits.return_deposit(deposit, day("2026-11-27"), self.accountant)
        with self.mail_server_refusing("taro@yamada-shoji.example"):
            deposits.ask_deposit(dear, 80_000, day("2026-12-25"), self.accountant)
        plain = self.contract("simpleconnect", "あおぞら食品株式会社")
        special_prices.set_special_price(plain, "id", 40_000, day("2026-11-01"), "特注", self.manager)
        with self.mail_server_away():
            deposits.ask_deposit(plain, 90_000, day("2026-12-25"), self.accountant)

    def receivables(self) -> None:
        self.go_to("2026-11-16 11:00")
        account = Provider.objects.get(code="ND").bank_accounts.get()
        due = [
            one
            for one in with_paid(
                Invoice.objects.charging()
                .filter(provider=account.provider, organisation=self.midori)
                .order_by("number")
            )
            if one.open_amount
        ]
        paid_on = date(2026, 11, 16)

        def entry(amount: int, payer: str, reference: str = "") -> Entry:
            return Entry(booked_on=paid_on, value_on=paid_on, amount=amount, payer=payer, reference=reference)

        entries = [
            entry(due[0].open_amount + 50_000, "ﾐﾄﾞﾘｶﾜﾌﾞﾂｻﾝ"),
            entry(7_777, "ﾌﾒｲｼﾖｳｼﾞ"),
            entry(8_888, "ﾏﾁｶﾞｴｼﾖｳｼﾞ"),
            entry(60_000, "ﾐﾄﾞﾘｶﾜ"),
        ]
        stored = bank_imports.import_file(
            account, "nd-20261116.txt", receivables_scene.deposits(account, *entries), self.accountant
        )
        over, parked, released, wrong = stored.transactions.order_by("line")
        allocation.allocate(over, {due[0].number: due[0].open_amount}, due[0].organisation, self.accountant)
        allocation.park(parked, "問い合わせ中", self.accountant)
        allocation.park(released, "確認", self.accountant)
        allocation.release(released, self.accountant)
        allocation.allocate(wrong, {}, due[0].organisation, self.accountant)
        allocation.take_back(wrong, "別の会社の入金", self.accountant)
        matched = BankTransaction.objects.filter(account=account, status="settled", payments__isnull=False)
        allocation.take_back(matched.earliest("pk"), "二重の振込", self.accountant)
        self.payouts(
            account, CreditBalance.objects.get(provider=account.provider, organisation=due[0].organisation)
        )
        self.debits()
        self.set_off_and_remind()

    def payouts(self, account, balance: CreditBalance) -> None:
        balance.refresh_from_db()
        to = {
            "bank_code": "9995",
            "bank_name": "ミナトギンコウ",
            "branch_code": "012",
            "branch_name": "シバ",
            "account_kind": "1",
            "account_number": "0765432",
            "holder": "ミドリカワ",
        }
        came_back = payouts.pay_out(balance, 7_000, to, self.accountant)
        payouts.pay_out(balance, 3_000, to, self.accountant)
        payouts.make_transfers(account, date(2026, 11, 24), self.accountant)
        self.go_to("2026-11-26 10:00")
        payouts.take_payout_back(came_back, date(2026, 11, 25), "口座なし", self.accountant)
        balance.refresh_from_db()
        payouts.pay_out(balance, 2_000, to, self.accountant)  # waits for a file

    def debits(self) -> None:
        self.go_to("2026-11-16 12:00")
        account = Provider.objects.get(
            code="NT" if Provider.objects.filter(code="NT").exists() else "TX"
        ).bank_accounts.get()
        values = {
            "bank_code": "9995",
            "bank_name": "オキヤクギンコウ",
            "branch_code": "099",
            "branch_name": "エキマエ",
            "account_kind": "1",
            "account_number": "7654321",
            "holder": "ミドリカワ",
        }
        bank_accounts.save_mandate(account.provider, self.midori, values, self.accountant, day("2026-10-01"))
        for account in sorted(
            (p.bank_accounts.get() for p in Provider.objects.all()), key=lambda one: one.pk
        ):
            days = sorted(
                set(
                    Invoice.objects.charging()
                    .filter(
                        provider=account.provider,
                        document__payment_method="debit",
                        due_on__gt=date(2026, 11, 16),
                    )
                    .values_list("due_on", flat=True)
                )
            )
            for debit_on in days:
                if direct_debits.preview_debit(account, debit_on).lines:
                    direct_debits.request_debit(account, debit_on, self.accountant)
        self.go_to("2026-11-27 15:00")
        for batch, result in zip(
            DirectDebitBatch.objects.filter(debit_on__lte=date(2026, 11, 27)).order_by("pk"),
            "01",
            strict=False,
        ):
            answer = receivables_scene.answered(batch, *result * batch.lines.count())
            direct_debits.take_results(batch, answer, self.accountant)

    def set_off_and_remind(self) -> None:
        self.go_to("2026-11-28 10:00")
        for due in due_reminders(date(2026, 11, 28))[:2]:
            invoice = due.invoice
            reminders.issue_reminder(
                invoice.provider, invoice.organisation, date(2026, 11, 28), self.accountant
            )
        balance = CreditBalance.objects.filter(amount__gt=0, organisation__invoices__isnull=False).order_by(
            "pk"
        )
        for one in balance.distinct():
            try:
                set_offs.set_off(one, date(2026, 11, 28), self.accountant)
                break
            except ValidationError:
                continue  # its terms take no part of an amount as a payment

    def late_interest(self) -> None:
        paid_late = (
            Invoice.objects.charging()
            .filter(due_on__lt=date(2026, 11, 1), payments__isnull=True)
            .order_by("due_on")
            .first()
        )
        payments.record_payment(paid_late, date(2026, 11, 27), paid_late.gross, "late-1", self.accountant)
        adjustments.charge_late_interest(paid_late, self.accountant)

    def tell(self) -> None:
        self.people()
        self.contracts()
        self.prices()
        self.approve_october_in_advance()
        self.applications()
        self.terms_change()
        self.agreed()
        self.use(Month(2026, 10))
        self.notices()
        self.ask_for_everything()
        self.bill_october()
        self.adjusted()
        self.corrected()
        self.stops_and_ends()
        self.receivables()
        self.deposits()
        self.late_interest()
        self.november_runs()
        self.go_to("2026-11-29 09:00")
        call_command("daily")
        call_command("record_deemed_consents")
        visiting = Organisation.objects.get(name="あおぞら食品株式会社")
        consents.record_deemed_consents(visiting, at("2026-11-29 09:30"), person=owner_of(visiting), ip=IP)
        call_command("verify_audit")
        call_command("verify_consents")


def main() -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    demo_billing.EARLIER_MONTHS = 0
    settings.ALLOWED_HOSTS = ["localhost"]
    with time_machine.travel(DEMO_AT, tick=False) as clock, translation.override("ja"):
        call_command("migrate", verbosity=0)
        call_command("load_services")
        call_command("demo", stdout=io.StringIO())
        Fill(clock).tell()
        clock.move_to(TAKEN_AT)


main()
