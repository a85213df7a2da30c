"""What is kept how long: one table, and the page on which a period is set."""

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_list_action
from contracts.admin.proposing import sent_back, told
from contracts.models import TermsVersion
from contracts.wording.links import article_label
from portal.approvals.decide import put_forward
from portal.audit.exports.lists import Column, ListOut, list_of
from portal.data_protection.admin.forms import PeriodForm
from portal.data_protection.admin.shared import chosen_provider, ensure, names, providers
from portal.data_protection.proposed import (
    PERIOD,
    SETS_PERIODS,
    PeriodData,
    period_url,
)
from portal.organisations.models import User
from portal.retention.kinds import KINDS, Scope, kind_of
from portal.retention.models import RetentionPeriod, days_kept
from portal.retention.periods import ensure_settable, set_period


@admin.register(RetentionPeriod)
class RetentionPeriodAdmin(ReadOnlyAdmin):
    """One table of all kinds of data; periods are set on a page of their own."""

    fields = ("provider", "kind", "days", "reason", "set_by", "set_at")

    def get_urls(self) -> list[URLPattern]:
        own = path("set/", self.admin_site.admin_view(self.set_page), name="retention_retentionperiod_set")
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        provider = chosen_provider(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("What is kept how long"),
            "opts": self.opts,
            "providers": providers(request),
            "provider": provider,
            "rows": [_row(kind, provider, cast(User, request.user)) for kind in KINDS],
            "query": request.GET.urlencode(),
            "erasures_by_terms": _erasures_by_terms(provider),
        }
        return TemplateResponse(request, "admin/data_protection/periods.html", context)

    def list_to_export(self, request: HttpRequest) -> ListOut:
        """The table as it is shown for a provider."""
        provider = chosen_provider(request)
        columns = [
            Column("what", gettext("Data"), lambda row: str(row["kind"].what)),
            Column("runs_from", gettext("Counted from"), lambda row: str(row["kind"].runs_from)),
            Column("days", gettext("Days"), lambda row: row["days"]),
            Column("law", gettext("By law"), lambda row: str(row["kind"].law)),
            Column("how", gettext("How it goes"), lambda row: str(row["kind"].how)),
        ]
        rows = [_row(kind, provider, cast(User, request.user)) for kind in KINDS]
        return list_of(self.opts.label_lower, columns, rows)

    def set_page(self, request: HttpRequest) -> HttpResponse:
        """Set for how many days a kind is kept; a shorter time is proposed to a second person."""
        ensure(request, SETS_PERIODS)
        provider, kind = chosen_provider(request), request.GET.get("kind", "")
        if kind not in {one.key for one in KINDS if one.is_set}:
            raise Http404
        before = days_kept(provider, kind)

        def act(staff: User, data: dict[str, Any]) -> Any:
            ensure_settable(provider, kind, data["days"])
            if data["days"] > before:
                set_period(provider, kind, data["days"], data["reason"], staff, now())
                return gettext("Stored.")
            wanted = PeriodData(provider=provider, kind=kind, **data)
            return told(put_forward(PERIOD, wanted, staff, now(), follows=sent_back(request)))

        page = ActionPage(
            title=_("How long it is kept"),
            button=_("Store"),
            form=lambda data=None: PeriodForm(data, initial={"days": before}),
            act=act,
            facts=[
                (_("Provider"), names()[provider]),
                (_("Data"), kind_of(kind).what),
                (_("Counted from"), kind_of(kind).runs_from),
                (_("By law"), kind_of(kind).law),
                (_("Now"), gettext("%(days)s days") % {"days": before}),
            ],
        )
        return run_list_action(self, request, page)


def _row(kind: Any, provider: str, staff: User) -> dict[str, Any]:
    """A kind as the table shows it: how long it is kept, and where that is set."""
    owner = provider if kind.scope == Scope.EACH_PROVIDER else ""
    is_here = kind.is_set and (kind.scope == Scope.EACH_PROVIDER) == bool(provider)
    return {
        "kind": kind,
        "days": days_kept(owner, kind.key)
        if kind.is_set and (owner or kind.scope == Scope.ALL_PROVIDERS)
        else None,
        "url": period_url(owner, kind.key) if is_here and staff.has_perm(SETS_PERIODS) else "",
    }


def _erasures_by_terms(provider: str) -> list[tuple[str, str]]:
    """By which articles of the terms in force the contents of services are erased."""
    versions = TermsVersion.objects.published().filter(
        service__provider__code=provider, effective_on__lte=localdate()
    )
    latest = {version.service_id: version for version in versions.order_by("effective_on", "pk")}
    read = [version.read_on(localdate()) for version in latest.values()]
    return [(one.service.name, _articles(one)) for one in read if one.policy.data_erasure]


def _articles(version: TermsVersion) -> str:
    rule = version.policy.data_erasure
    return "、".join(article_label(version, key) for key in rule.article) if rule else ""
