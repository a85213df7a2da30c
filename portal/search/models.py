"""The table that searches ask: by what each thing is found."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from portal.search.written import LONGEST


class Beginning(models.CharField):  # type: ignore[type-arg] # none at run time
    """Text that is sorted by its characters' codes, so that all that begins alike lies together.

    SQLite sorts so by itself; PostgreSQL is told to, whatever language the database is set to.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}


class SearchEntry(models.Model):
    """One beginning by which a thing of a kind is found.

    A thing is found by any part of its texts, as there is an entry for what stands from each of their places
    on: 山田商事, 田商事, 商事. What is looked for is the beginning of one of them, and that an index finds,
    however much there is.

    `organisation` is whose thing it is today, after those that turned out to be one were united.
    """

    kind = models.CharField(_("Kind"), max_length=16)
    thing = models.BigIntegerField(_("Thing"))
    text = Beginning(_("Beginning"), max_length=LONGEST)
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("organisation"),
    )

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        indexes = [models.Index(fields=["kind", "text", "thing"], name="search_text")]
        constraints = [models.UniqueConstraint(fields=["kind", "thing", "text"], name="search_entry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing}: {self.text}"
