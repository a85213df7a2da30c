"""For which providers somebody works."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Belonging(models.Model):
    """One of the staff works for a provider, and reaches what is that provider's; nothing of the others."""

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="belongings", verbose_name=_("person")
    )
    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="belongings", verbose_name=_("provider")
    )

    class Meta:
        verbose_name = _("staff of a provider")
        verbose_name_plural = _("staff of providers")
        ordering = ["staff", "provider"]
        constraints = [models.UniqueConstraint(fields=["staff", "provider"], name="belongs_once")]

    def __str__(self) -> str:
        return f"{self.staff} – {self.provider}"


class CustomerView(models.Model):
    """Somebody of the staff looks at a customer's pages as the customer sees them, for support.

    It lasts until `until`, or ends before that. The session that it belongs to holds its key.
    """

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    reason = models.CharField(_("Reason"), max_length=500)
    started_at = models.DateTimeField(_("Started at"))
    until = models.DateTimeField(_("Ends by itself at"))
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True)

    is_limited = True
    """Whether it shows the contracts alone that the staff reach; who opens a page says where it shows all."""

    class Meta:
        verbose_name = _("look at a customer's pages")
        verbose_name_plural = _("looks at customers' pages")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff"],
                condition=models.Q(ended_at__isnull=True),
                name="customer_view_one_at_a_time",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="customer_view_has_reason"),
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("started_at")), name="customer_view_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(ended_at__gte=models.F("started_at"), ended_at__lte=models.F("until")),
                name="customer_view_ended_in_time",
            ),
        ]
        permissions = [("start_customerview", "May see customers' pages as they do")]

    def __str__(self) -> str:
        return f"{self.staff} – {self.organisation}"
