"""What the files of old systems stated, erased once its time is over; what was brought in of them stays."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from contracts.models import Provider, Takeover, TakeoverRow
from contracts.rules.calendar.period import JAPAN, japan_date
from portal.audit.record import record
from portal.retention.models import days_kept

KIND = "staged_contracts"
"""What `portal.retention` calls it."""

_State = Takeover.State


def erase_old_lines(at: datetime) -> int:
    """Erase what files stated whose time is over, provider by provider; gives of how many. Part of each day.

    The time runs from the bringing in, for what was not brought in from the upload; a file that nobody
    confirmed until then is let be. That there was a file, its numbers in the old system and the contracts
    that came of them stay, and so do the hashes, by which the same lines are known again.
    """
    return sum(_erase_of(provider, at) for provider in Provider.objects.all())


@transaction.atomic
def _erase_of(provider: Provider, at: datetime) -> int:
    first_kept = datetime.combine(
        japan_date(at) - timedelta(days=days_kept(provider.code, KIND)), time(), JAPAN
    )
    brought = Q(state__in=(_State.DONE, _State.ANNULLED), done_at__lt=first_kept)
    never_brought = Q(
        state__in=(_State.CHECKING, _State.CHECKED, _State.DISCARDED), brought_at__lt=first_kept
    )
    over = Takeover.objects.filter(brought | never_brought, provider=provider, erased_at__isnull=True)
    takeovers = list(over.select_for_update(skip_locked=True, of=("self",)))
    for takeover in takeovers:
        _erase(takeover, provider, at)
    return len(takeovers)


def _erase(takeover: Takeover, provider: Provider, at: datetime) -> None:
    rows = TakeoverRow.objects.filter(takeover=takeover).update(
        lines={}, problems=[], remarks=[], changes=[], foreseen={}
    )
    if takeover.is_open:
        takeover.state, takeover.worker = _State.DISCARDED, ""
    takeover.loose, takeover.trouble, takeover.erased_at = [], "", at
    takeover.save(update_fields=["state", "worker", "loose", "trouble", "erased_at"])
    record("takeover.erased", None, takeover, provider=provider.code, contracts=rows)
