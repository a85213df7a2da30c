"""Records in a chain: each seals the one before it, so that a later change shows.

What is personal is sealed apart, by a digest over a random salt and the values. Both can be erased: the seal
holds on, and nobody can find out by guessing what was there.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, ClassVar, NoReturn, Self, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from portal.frozen import NeverChanges, NeverDeleted

GENESIS = "0" * 64
Record = TypeVar("Record", bound="Sealed")


class Format(IntEnum):
    """How a record is sealed; it keeps the way of the release that wrote it."""

    PLAIN = 1
    """Of 0.1.0: what is personal is sealed as it is, beside the rest."""
    SALTED = 2


class SealedQuerySet(models.QuerySet[Record]):
    """Records are read and appended; nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise PermissionDenied(f"{self.model.__name__}: records are not changed.")

    def delete(self) -> NoReturn:
        raise PermissionDenied(f"{self.model.__name__}: records are not deleted.")

    def forget(self) -> None:
        """Erase the personal values and their salts: a part of `portal.audit.erasing`, which tells of it."""
        super().update(salt="", **dict.fromkeys(self.model.PERSONAL))

    def forget_plain(self) -> None:
        """Erase the personal values of what 0.1.0 sealed as it is, and mark it: the same part."""
        super().update(erased=True, **self.model.PLAIN)


class ChainEnd(models.Model):
    """The end of a chain: one row, locked while a record is appended."""

    length = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default=GENESIS)

    objects: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.length} {self.last_hash}"

    @classmethod
    def locked(cls) -> Self:
        """The end, which others wait for until the transaction ends."""
        end, _created = cls.objects.select_for_update().get_or_create(pk=1)
        return end


class Sealed(models.Model):
    """A record in a chain. A model says what it states, what of that is personal, where its chain ends."""

    END: ClassVar[type[ChainEnd]]
    PERSONAL: ClassVar[tuple[str, ...]]
    """The columns that hold what is personal; they can be empty."""
    PLAIN: ClassVar[Mapping[str, Any]]
    """The columns that hold what is personal in what 0.1.0 wrote, each with what stands there once erased."""

    sequence = models.PositiveBigIntegerField(_("Number"), unique=True)
    format = models.PositiveSmallIntegerField(_("Format of the seal"))
    salt = models.CharField(max_length=32, blank=True)
    personal_hash = models.CharField(_("Digest of personal data"), max_length=64, blank=True)
    previous_hash = models.CharField(_("Seal of the record before"), max_length=64)
    hash = models.CharField(_("Seal"), max_length=64)
    erased = models.BooleanField(_("Erased, sealed as it was"), default=False, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise PermissionDenied(f"{type(self).__name__}: records are not changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise PermissionDenied(f"{type(self).__name__}: records are not deleted.")

    @classmethod
    def told_of(cls, subject: models.Model) -> models.Q:
        """The condition of the records that tell of an organisation, or of a person."""
        raise NotImplementedError

    def stated(self) -> dict[str, Any]:
        """What the record states openly, as JSON can say it."""
        raise NotImplementedError

    def personal_values(self) -> Mapping[str, Any]:
        """What the record states of persons, as JSON can say it; nothing where it was erased."""
        raise NotImplementedError

    def seal(self) -> str:
        """The SHA-256, in hexadecimal, of all that the record states and of the seal before it."""
        stated = {**self.stated(), "sequence": self.sequence, "previous": self.previous_hash}
        if self.format == Format.PLAIN:
            stated |= self.personal_values()
        else:
            stated |= {"format": self.format, "personal": self.personal_hash}
        return hashlib.sha256(_as_bytes(stated)).hexdigest()

    def rest_digest(self) -> str:
        """The SHA-256, in hexadecimal, of what is left of a record whose seal can't be made again."""
        rest = {**self.stated(), "sequence": self.sequence, "previous": self.previous_hash, "hash": self.hash}
        return hashlib.sha256(_as_bytes(rest)).hexdigest()

    def personal_digest(self) -> str:
        """The HMAC-SHA-256, in hexadecimal, of what is personal under the salt; "" without a salt."""
        if not self.salt:
            return ""
        return hmac.new(bytes.fromhex(self.salt), _as_bytes(self.personal_values()), "sha256").hexdigest()

    @property
    def is_erased(self) -> bool:
        """Whether it held personal values that are gone."""
        return self.erased or (bool(self.personal_hash) and not self.salt)

    @property
    def is_as_sealed(self) -> bool:
        """Whether the record still states what was sealed; what is personal may be erased.

        Of what 0.1.0 wrote and was erased, the entry about that tells what is left (`rest_digest`).
        """
        if self.erased:
            return self.format == Format.PLAIN and all(
                getattr(self, column) == empty for column, empty in self.PLAIN.items()
            )
        return self._personal_holds and self.hash == self.seal()

    @property
    def _personal_holds(self) -> bool:
        if self.format == Format.PLAIN:
            return True  # a part of the seal
        if not self.salt:
            return not any(self.personal_values().values())
        return self.personal_hash == self.personal_digest()


def append(record: Sealed) -> None:
    """Number and seal a record, and store it as the last of its chain.

    It stands or falls with the caller's transaction; until that ends, others who append wait. Raises
    TransactionManagementError outside of one.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("append() needs the transaction of the operation.")
    end = record.END.locked()
    record.sequence, record.previous_hash = end.length + 1, end.last_hash
    record.format = Format.SALTED
    if any(record.personal_values().values()):
        record.salt = secrets.token_hex(16)
    record.personal_hash = record.personal_digest()
    record.hash = record.seal()
    record.save(force_insert=True)
    record.END.objects.filter(pk=end.pk).update(length=record.sequence, last_hash=record.hash)


def stays_as_sealed(
    table: str, personal: tuple[str, ...], plain: Mapping[str, Any], what: str
) -> list[models.BaseConstraint]:
    """The constraints of a table of sealed records: values are erased in one of two ways, and no more.

    Those that have a salt go with it. What 0.1.0 sealed as it is goes with the mark that it was erased.
    `personal` and `plain` are the model's, `what` calls one of its records in refusals.
    """
    erasable = (*personal, *(column for column in plain if column not in personal), "salt", "erased")
    gone = [f"NEW.{column} IS NULL" for column in personal]
    others = [column for column in plain if column not in personal]
    with_salt = ["OLD.salt <> ''", "NEW.salt = ''", "NEW.erased = OLD.erased", *gone]
    with_salt += [f"NEW.{column} = OLD.{column}" for column in others]
    marked = ["OLD.format = 1", "NEW.erased", "NOT OLD.erased", "NEW.salt = OLD.salt", *gone]
    marked += [f"NEW.{column} = '{json.dumps(plain[column])}'" for column in others]
    return [
        NeverChanges(name=f"{table}_stays", except_fields=erasable, says=f"{what} never changes"),
        NeverChanges(
            name=f"{table}_is_erased_only",
            fields=erasable,
            when=f"NOT (({' AND '.join(with_salt)}) OR ({' AND '.join(marked)}))",
            says=f"personal values of {what} are erased, with their salt, and never changed",
        ),
        NeverDeleted(name=f"{table}_is_kept", says=f"{what} is never deleted"),
    ]


def moment(at: datetime) -> str:
    """A moment as it is sealed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _as_bytes(stated: Mapping[str, Any]) -> bytes:
    return json.dumps(stated, sort_keys=True, ensure_ascii=False).encode()
