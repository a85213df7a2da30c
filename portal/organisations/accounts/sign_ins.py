"""The sessions of a person, and the history of sign-ins: kept, told where the device is new, ended."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.utils import filter_users_by_email
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.signals import authentication_failed
from django.contrib.auth import HASH_SESSION_KEY, update_session_auth_hash
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.accounts.devices import device_of
from portal.organisations.accounts.models import NOTED_AGAIN, SignIn
from portal.organisations.models import User

KEPT = timedelta(days=180)
"""For how long the history keeps a sign-in after it was used last."""

_SIGN_IN = "sign_in"


def own_sign_in(request: HttpRequest) -> SignIn:
    """The sign-in with which the session of a request began; noted now where it began before they were."""
    found = SignIn.objects.filter(pk=_own_key(request)).first()
    return found or _begin(request, request.user)


def note_use(request: HttpRequest, sign_in: SignIn, at: datetime) -> None:
    """Note that a session is in use, and what it is checked against by now."""
    checked_against = request.session.get(HASH_SESSION_KEY, "")
    if sign_in.session_hash == checked_against and sign_in.last_used_at > at - NOTED_AGAIN:
        return
    sign_in.session_hash, sign_in.last_used_at = checked_against, at
    sign_in.save(update_fields=["session_hash", "last_used_at"])


@transaction.atomic
def end_session(person: User, sign_in_pk: int, at: datetime) -> SignIn:
    """Sign a person out where a session of theirs is open; it ends with its next request.

    ValidationError (code `ended`) where they have no such session, or it has ended.
    """
    found = SignIn.objects.live(person, at).select_for_update().filter(pk=sign_in_pk).first()
    if found is None:
        raise ValidationError(_("This session has ended already."), "ended")
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    record("user.session_ended", person, person, personal={"device": found.device, "ip": found.ip})
    return found


@transaction.atomic
def end_other_sessions(request: HttpRequest, person: User, at: datetime) -> int:
    """Sign a person out everywhere but in the session of a request; gives how many were open."""
    others = SignIn.objects.live(person, at).exclude(pk=_own_key(request))
    ended = others.update(ended_at=at)
    person.end_sessions()
    update_session_auth_hash(request, person)
    record("user.other_sessions_ended", person, person, count=ended)
    return ended


def forget_old_sign_ins(at: datetime) -> None:
    """Remove what the history of sign-ins need not keep any more; no session is open for so long."""
    SignIn.objects.filter(last_used_at__lt=at - KEPT).delete()


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Keep a sign-in, and tell the person where the device is a new one.

    Who signs in again in a session that was open begins another one in its place.
    """
    _end_own(request)
    earlier = SignIn.objects.filter(user=user, outcome=SignIn.Outcome.SIGNED_IN)
    agents = earlier.order_by().values_list("user_agent", flat=True).distinct()
    known = {device_of(agent) for agent in agents}
    sign_in = _begin(request, user, _means_of(request, user))
    if known and sign_in.device not in known:
        told = {"device": sign_in.device}
        get_adapter(request).send_notification_mail("account/email/new_device", user, told)


@receiver(user_logged_out)
def signed_out(request: HttpRequest, **kwargs: Any) -> None:
    """The session that is left has ended."""
    _end_own(request)


@receiver(user_login_failed)
def password_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Keep that a password was wrong, of an address without an account too."""
    if request:
        people = filter_users_by_email(credentials.get("email") or "", is_active=True)
        _keep(request, people[0] if people else None, SignIn.Outcome.WRONG_PASSWORD)


@receiver(authentication_failed)
def code_failed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Keep that a code of the second factor was wrong."""
    _keep(request, user, SignIn.Outcome.WRONG_CODE)


def _own_key(request: HttpRequest) -> int:
    """The key of the sign-in of a session; 0, which none has, where the session knows of none."""
    key: int = request.session.get(_SIGN_IN, 0)
    return key


def _end_own(request: HttpRequest) -> None:
    SignIn.objects.filter(pk=_own_key(request), ended_at=None).update(ended_at=timezone.now())


def _begin(request: HttpRequest, person: Any, means: str = "") -> SignIn:
    hashed = request.session.get(HASH_SESSION_KEY, "")
    sign_in = _keep(request, person, SignIn.Outcome.SIGNED_IN, means=means, session_hash=hashed)
    request.session[_SIGN_IN] = sign_in.pk
    return sign_in


def _keep(request: HttpRequest, person: Any, outcome: SignIn.Outcome, **more: str) -> SignIn:
    now = timezone.now()
    return SignIn.objects.create(
        user=person,
        at=now,
        outcome=outcome,
        ip=get_client_ip(request),
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:300],
        last_used_at=now,
        **more,
    )


def _means_of(request: HttpRequest, person: User) -> str:
    """How the session of a request was signed in, as far as allauth kept it."""
    records = get_authentication_records(request, person)
    factors = [record for record in records if record["method"] == "mfa"]
    if factors:
        alone = factors[-1].get("passwordless")
        return SignIn.Means.PASSKEY if alone else str(factors[-1]["type"])
    return SignIn.Means.PASSWORD if any(one["method"] == "password" for one in records) else ""
