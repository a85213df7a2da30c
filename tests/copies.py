"""Many rows out of a few: rows and all that hangs on them, copied within the database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Field, ForeignKey, Max, Min, Model, UniqueConstraint

from portal.search.kinds import kinds
from portal.search.models import SearchEntry

_THING = SearchEntry._meta.get_field("thing")
_Span = tuple[int, int]
_BEYOND = 1_000_000
"""So far beyond the last number lie those of copies that the portal counts, so that it may count on."""


class Copies:
    """Rows, with what refers to them, what refers to that, and so on, as it was at the beginning.

    Copies refer to one another as the originals do, and to the same rows beside these. What only one row may
    have (a number, a key, a place) is changed; nothing else is, so that documents and chains of the copies
    still tell of the originals, and the search finds both alike. `shared` are models whose rows are left
    to the originals alone.
    """

    _made = 0  # by all: what was copied may be copied again, with what it is a part of

    def __init__(self, roots: Iterable[Model], shared: Iterable[type[Model]] = ()) -> None:
        self._rows: dict[type[Model], set[int]] = defaultdict(set)
        self._shared = {*shared, SearchEntry}
        new: dict[type[Model], set[int]] = defaultdict(set)
        for root in roots:
            new[type(root)].add(root.pk)
        while new:
            model, keys = new.popitem()
            added = keys - self._rows[model]
            self._rows[model] |= added
            for neighbour, found in self._beside(model, added):
                if missing := found - self._rows[neighbour]:
                    new[neighbour] |= missing
        self._rows = {model: keys for model, keys in self._rows.items() if keys}
        if entries := set(self._found_by()):
            self._rows[SearchEntry] = entries

    def _found_by(self) -> Iterable[int]:
        """By what the search finds these rows: its table knows them by kind and number alone."""
        for kind in kinds():
            own = SearchEntry.objects.filter(kind=kind.key, thing__in=self._rows.get(kind.table, ()))
            yield from own.values_list("pk", flat=True)

    def _beside(self, model: type[Model], keys: set[int]) -> Iterable[tuple[type[Model], set[int]]]:
        """The rows that refer to these, and those that these are the only ones to refer to."""
        if not keys:
            return
        for other in _models():
            for key in _references(other):
                if key.related_model is model and other not in self._shared:
                    referring = other._base_manager.filter(**{f"{key.name}__in": keys})
                    yield other, set(referring.values_list("pk", flat=True))
        for key in _references(model):
            if key.unique and key.related_model not in self._shared:
                meant = model._base_manager.filter(pk__in=keys, **{f"{key.name}__isnull": False})
                yield key.related_model, set(meant.values_list(key.attname, flat=True))

    def count(self, model: type[Model]) -> int:
        """How many rows of a model one more copy adds."""
        return len(self._rows.get(model, ()))

    @transaction.atomic
    def make(self, times: int) -> None:
        """Add so many copies of all rows."""
        spans = {model: self._span(model, model._meta.pk) for model in self._rows if _is_counted(model)}
        statements = [self._statement(model, spans, times) for model in self._rows]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # References of copies are right as those of the originals are; to check each takes long.
                cursor.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                cursor.execute(statement)
            for statement in connection.ops.sequence_reset_sql(no_style(), list(self._rows)):
                cursor.execute(statement)
        Copies._made += times

    def _span(self, model: type[Model], field: Field) -> _Span:
        """How far the first copies of a number lie from the originals, and those of the next from them."""
        ours = model._base_manager.filter(pk__in=self._rows[model])
        own = ours.aggregate(low=Min(field.name), high=Max(field.name))
        last = model._base_manager.aggregate(last=Max(field.name))["last"]
        beyond = 1 if field.primary_key else _BEYOND
        return last + beyond - own["low"], own["high"] - own["low"] + 1

    def _statement(self, model: type[Model], spans: Mapping[type[Model], _Span], times: int) -> str:
        table = connection.ops.quote_name(model._meta.db_table)
        fields = [field for field in model._meta.concrete_fields if not field.generated]
        names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
        bumped = self._only_once(model)
        values = ", ".join(self._value(model, field, spans, field in bumped) for field in fields)
        own = f"{connection.ops.quote_name(model._meta.pk.column)} IN ({_listed(self._rows[model])})"
        first, last = self._made + 1, self._made + times
        numbers = f"SELECT {first} UNION ALL SELECT copy + 1 FROM copies WHERE copy < {last}"  # noqa: S608
        return (
            f"INSERT INTO {table} ({names}) WITH RECURSIVE copies(copy) AS ({numbers}) "  # noqa: S608
            f"SELECT {values} FROM {table}, copies WHERE {own}"
        )

    def _value(
        self, model: type[Model], field: Field, spans: Mapping[type[Model], _Span], bumped: bool
    ) -> str:
        column = connection.ops.quote_name(field.column)
        target = field.related_model if field.is_relation else None
        if target in self._rows:
            moved = self._value(target, target._meta.pk, spans, True).replace(
                connection.ops.quote_name(target._meta.pk.column), column
            )
            return f"CASE WHEN {column} IN ({_listed(self._rows[target])}) THEN {moved} ELSE {column} END"
        if field is _THING:
            return self._thing(spans)
        if field.primary_key or (bumped and isinstance(field, models.IntegerField)):
            away, step = spans[model] if field.primary_key else self._span(model, field)
            return f"{column} + {away} + (copy - {self._made + 1}) * {step}"
        if bumped and isinstance(field, models.UUIDField):
            return "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
        if bumped:
            written = f"copy || '-' || {column}"
            return f"CASE WHEN {column} = '' THEN '' ELSE substr({written}, 1, {field.max_length}) END"
        return column

    def _thing(self, spans: Mapping[type[Model], _Span]) -> str:
        """What a copied entry of the search is about: the copy of what the original is about."""
        cases = ""
        for kind in kinds():
            if kind.table in spans:
                away, step = spans[kind.table]
                cases += f" WHEN '{kind.key}' THEN {away} + (copy - {self._made + 1}) * {step}"
        return f"thing + CASE kind{cases} END"

    def _only_once(self, model: type[Model]) -> set[Field]:
        """The fields that must differ from copy to copy, as no reference of the row does."""
        if model is SearchEntry:
            return set()
        together = [
            *(
                (field.name,)
                for field in model._meta.concrete_fields
                if field.unique and not field.primary_key
            ),
            *(rule.fields for rule in model._meta.constraints if isinstance(rule, UniqueConstraint)),
            *model._meta.unique_together,
        ]
        found = set()
        for names in together:
            fields = [model._meta.get_field(name) for name in names]
            if not any(field.is_relation and field.related_model in self._rows for field in fields):
                found |= {field for field in fields if _can_differ(field)}
        return found


def _models() -> Iterable[type[Model]]:
    return (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)


def _references(model: type[Model]) -> Iterable[ForeignKey]:
    return (field for field in model._meta.concrete_fields if isinstance(field, ForeignKey))


def _is_counted(model: type[Model]) -> bool:
    return isinstance(model._meta.pk, models.AutoField)


def _can_differ(field: Field) -> bool:
    if field.name in ("fiscal_year", "year") or field.choices:
        return False
    return isinstance(field, models.CharField | models.UUIDField | models.IntegerField)


def _listed(keys: Iterable[int]) -> str:
    return ", ".join(str(key) for key in sorted(keys))
