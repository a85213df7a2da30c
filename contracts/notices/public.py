"""Notices on the site for everybody, where the terms make a posting there a way of notice."""

from typing import get_args

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from contracts.models import Notice, TermsVersion
from contracts.rules.life.notice import Purpose


def public_notices() -> QuerySet[Notice]:
    """The notices that were posted under terms by which a posting counts, the newest first."""
    posted = Q(pk__in=())
    for version in TermsVersion.objects.published().prefetch_related("revisions"):
        rules = version.read_on(localdate()).policy.notices
        purposes = [purpose for purpose in get_args(Purpose) if rules.counts(purpose, "site")]
        posted |= Q(governing_version=version, purpose__in=purposes)
    return Notice.objects.filter(posted, sent_at__isnull=False).order_by("-sent_at", "-pk")
