"""Where somebody is signed in, and when and how they signed in or tried to."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from contracts.inbox.daily import run_day
from portal.audit.models import AuditEntry
from portal.organisations.accounts.devices import device_of
from portal.organisations.accounts.models import SignIn
from portal.organisations.accounts.sign_ins import KEPT, forget_old_sign_ins
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests.account_scene import give_password, is_signed_in, set_up_factor, sign_in
from tests.conftest import PASSWORD
from tests.scenes import at, day

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"
NEW_DEVICE = "【約款ポータル】新しい端末でのログインのお知らせ"
Outcome, Means = SignIn.Outcome, SignIn.Means


@pytest.fixture(autouse=True)
def no_attempts_counted() -> None:
    cache.clear()


def signed_in_with(person, user_agent: str, password: str = PASSWORD) -> Client:
    client = Client(headers={"user-agent": user_agent})
    client.post(reverse("account_login"), {"login": person.email, "password": password})
    return client


def shown(client: Client, page: str) -> str:
    return client.get(reverse(page)).content.decode()


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (WINDOWS, "Chrome（Windows）"),
        (WINDOWS + " Edg/130.0", "Edge（Windows）"),
        (PHONE, "Safari（iPhone）"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0", "Firefox（Android）"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Version/17.0 Safari/605.1", "Safari（Mac）"),
        ("curl/8.0", "不明な端末"),
        ("", "不明な端末"),
    ],
)
def test_devices_are_named_in_words(user_agent, words):
    assert device_of(user_agent) == words


def test_a_person_sees_where_they_are_signed_in(user):
    here, phone = signed_in_with(user, WINDOWS), signed_in_with(user, PHONE)
    page = shown(here, "account_sessions")
    assert "Chrome（Windows）" in page
    assert "Safari（iPhone）" in page
    assert "127.0.0.1" in page
    assert page.index("この端末") < page.index("Safari（iPhone）")
    assert is_signed_in(phone)


def test_a_session_ended_elsewhere_reaches_nothing_any_more(user):
    here, phone = signed_in_with(user, WINDOWS), signed_in_with(user, PHONE)
    its = SignIn.objects.get(user_agent=PHONE)
    page = here.post(reverse("account_end_session", args=[its.pk]), follow=True).content.decode()
    assert "Safari（iPhone）のログインを終了しました。" in page
    page = phone.get(reverse("account_sessions"), follow=True).content.decode()
    assert "このログインは終了されました。" in page
    assert not is_signed_in(phone)
    assert is_signed_in(here)
    assert AuditEntry.objects.get().action == "user.session_ended"


def test_all_other_sessions_end_at_once(user):
    here, phone, third = (signed_in_with(user, agent) for agent in (WINDOWS, PHONE, WINDOWS))
    page = here.post(reverse("account_end_other_sessions"), follow=True).content.decode()
    assert "ほかの2件のログインを終了しました。" in page
    assert "ほかにログイン中の端末はありません。" in page
    assert [is_signed_in(one) for one in (here, phone, third)] == [True, False, False]
    assert AuditEntry.objects.get(action="user.other_sessions_ended").data == {"count": 2}


def test_nobody_ends_the_session_of_another(user, make_user):
    here = signed_in_with(user, WINDOWS)
    other = sign_in(make_user("other@customer.example"))
    page = other.post(reverse("account_end_session", args=[SignIn.objects.get(user=user).pk]), follow=True)
    assert "このログインはすでに終了しています。" in page.content.decode()
    assert is_signed_in(here)


def test_sessions_that_a_new_password_ended_are_not_shown(user):
    here, phone = signed_in_with(user, WINDOWS), signed_in_with(user, PHONE)
    new = "another horse battery"
    here.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    page = shown(here, "account_sessions")
    assert "Chrome（Windows）" in page
    assert "Safari（iPhone）" not in page
    assert not is_signed_in(phone)


def test_who_signed_out_is_not_signed_in(user):
    here, phone = signed_in_with(user, WINDOWS), signed_in_with(user, PHONE)
    phone.post(reverse("account_logout"))
    assert SignIn.objects.get(user_agent=PHONE).ended_at
    assert "Safari（iPhone）" not in shown(here, "account_sessions")


def test_who_signs_in_again_in_the_same_session_is_signed_in_once(user, client):
    for _ in range(2):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert SignIn.objects.live(user, now()).count() == 1


@pytest.mark.parametrize("limit", ["CUSTOMER_IDLE", "CUSTOMER_SESSION"])
def test_a_session_whose_time_is_over_is_not_listed(limit, user, settings):
    setattr(settings, limit, timedelta(hours=1))
    began = now()
    sign_in(user)
    assert SignIn.objects.live(user, began + timedelta(minutes=50)).count() == 1
    assert SignIn.objects.live(user, began + timedelta(minutes=70)).count() == 0


def test_the_last_use_is_noted_every_five_minutes(user):
    with time_machine.travel(at("2026-11-20 10:00"), tick=False) as clock:
        client = sign_in(user)
        clock.shift(timedelta(minutes=4))
        client.get(reverse("account"))
        assert SignIn.objects.get().last_used_at == at("2026-11-20 10:00")
        clock.shift(timedelta(minutes=2))
        client.get(reverse("account"), REMOTE_ADDR="192.0.2.7")
        assert SignIn.objects.get().last_used_at == at("2026-11-20 10:06")
        assert SignIn.objects.get().ip == "127.0.0.1", "the history tells from where the sign-in was"


def test_a_session_from_before_sessions_were_kept_is_noted_at_its_next_request(user):
    client = sign_in(user)
    SignIn.objects.all().delete()
    assert is_signed_in(client)
    assert SignIn.objects.get().user == user
    assert "この端末" in shown(client, "account_sessions")


def test_the_history_tells_of_failures_too(user, make_staff):
    signed_in_with(user, PHONE, "guessed wrongly")
    page = shown(signed_in_with(user, WINDOWS), "account_sign_ins")
    assert page.index("Chrome（Windows）") < page.index("パスワード誤り") < page.index("Safari（iPhone）")
    failed, succeeded = SignIn.objects.order_by("pk")
    assert (failed.outcome, failed.user, failed.means) == (Outcome.WRONG_PASSWORD, user, "")
    assert (succeeded.outcome, succeeded.means) == (Outcome.SIGNED_IN, Means.PASSWORD)


def test_the_history_tells_which_factor_was_used(make_staff):
    manager = make_staff("boss@provider.example", StaffRole.MANAGER)
    client = give_password(manager)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    code = Authenticator.objects.get(user=manager, type="recovery_codes").wrap().get_unused_codes()[0]
    client.post(reverse("mfa_authenticate"), {"code": code})
    wrong, right = SignIn.objects.order_by("pk")
    assert (wrong.outcome, wrong.user) == (Outcome.WRONG_CODE, manager)
    assert (right.outcome, right.means) == (Outcome.SIGNED_IN, Means.RECOVERY_CODE)
    assert "パスワードとリカバリーコード" in shown(client, "account_sign_ins")


def test_attempts_at_unknown_addresses_are_nobodys(user):
    client = Client()
    client.post(reverse("account_login"), {"login": "nobody@else.example", "password": "guessed wrongly"})
    assert SignIn.objects.get().user is None
    assert "パスワード誤り" not in shown(sign_in(user), "account_sign_ins")


def test_a_new_device_is_told_by_mail_and_a_known_one_is_not(user):
    signed_in_with(user, WINDOWS)
    assert not Mail.objects.exists()
    signed_in_with(user, PHONE)
    told = Mail.objects.get()
    assert (told.subject, told.address) == (NEW_DEVICE, user.email)
    assert "端末： Safari（iPhone）" in told.text
    signed_in_with(user, PHONE)
    signed_in_with(user, WINDOWS.replace("130", "131"))
    assert Mail.objects.count() == 1


def test_old_sign_ins_are_forgotten_with_the_day(user, db):
    with time_machine.travel(at("2026-11-20 10:00"), tick=False) as clock:
        sign_in(user)
        signed_in_with(user, PHONE, "guessed wrongly")
        clock.shift(KEPT)
        forget_old_sign_ins(now())
        assert SignIn.objects.count() == 2
        clock.shift(timedelta(seconds=1))
        run_day(day("2027-05-19"))
        assert not SignIn.objects.exists()


def test_an_attempt_that_failed_has_no_session(user):
    with pytest.raises(IntegrityError), transaction.atomic():
        SignIn.objects.create(
            user=user, at=now(), last_used_at=now(), outcome=Outcome.WRONG_PASSWORD, session_hash="x"
        )


def test_a_new_factor_leaves_this_session_in_the_list(user):
    here = signed_in_with(user, WINDOWS)
    signed_in_with(user, PHONE)
    set_up_factor(here)
    page = shown(here, "account_sessions")
    assert "Chrome（Windows）" in page
    assert "Safari（iPhone）" not in page
