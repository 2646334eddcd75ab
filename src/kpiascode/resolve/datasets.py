"""Datasets: fields down to columns, relationships to primary keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kpiascode.model.calendar import Calendar, Duration, Grain, Unit
from kpiascode.model.catalog import Catalog
from kpiascode.model.diagnostic import did_you_mean, one_of
from kpiascode.model.expression import Cast, Column, Expression, Name, Type, walk
from kpiascode.model.project import AsOf, Dataset, FileFormat, Relationship, Validity
from kpiascode.resolve.known import Known
from kpiascode.resolve.lexer import ExpressionError
from kpiascode.resolve.parser import parse
from kpiascode.resolve.reader import Broken, Reader
from kpiascode.resolve.scope import BrokenName, FieldSource, Scope
from kpiascode.resolve.settings import is_zone
from kpiascode.resolve.types import type_of, with_even_decimals, with_local_days

FILE_ENDINGS: Final = (".csv", ".parquet")
TIMES: Final = (Type.DATE, Type.TIMESTAMP, Type.INSTANT, Type.UNKNOWN)


@dataclass(slots=True)
class Datasets:
    """The datasets of a project while they are being resolved.

    Args:
        readers: By name, those of the right shape.
        known: Names of all that exist, of whatever shape.
    """

    readers: Mapping[str, Reader]
    known: Known
    catalog: Catalog
    calendar: Calendar
    scopes: dict[str, Scope] = field(default_factory=dict)

    def scope(self, name: str) -> Scope:
        """Return the names of a dataset.

        Raises:
            BrokenName: when the dataset is declared but of the wrong shape.
        """
        if name not in self.scopes:
            if name not in self.readers:
                raise BrokenName(name)
            self.scopes[name] = self._scope(self.readers[name])
        return self.scopes[name]

    def local(self, node: Expression) -> Expression:
        """Return the expression, its types checked, with days in the calendar's zone and even decimals."""
        type_of(node)
        return with_even_decimals(with_local_days(node, self.calendar.timezone))

    def _scope(self, reader: Reader) -> Scope:
        broken: set[str] = set()
        fields = {}
        for name in reader.names("fields"):
            try:
                fields[name] = _field_source(reader, name)
            except Broken:
                broken.add(name)
        targets = {}
        for name in reader.names("relationships"):
            to = reader.text("relationships", name, "to")
            if to in self.known.names["dataset"]:
                targets[name] = to
            else:
                broken.add(name)
        return Scope(
            dataset=reader.name,
            columns=self.catalog.columns(reader.name),
            zone=reader.optional("timezone"),
            fields=fields,
            relationships=targets,
            broken=broken,
            scope_of=self.scope,
        )

    def resolve(self, reader: Reader) -> Dataset | None:
        """Return the dataset, or None after reporting what is wrong with it."""
        scope = self.scope(reader.name)
        name = reader.name
        zone = reader.optional("timezone")
        if zone is not None and not is_zone(zone):
            reader.report(
                "unknown-timezone", f"`{zone[:40]}` is no time zone of the IANA database.", ("timezone",)
            )
        fields = {field: self._field(reader, scope, field) for field in reader.names("fields")}
        keys = self._primary_key(reader, scope)
        relationships = {}
        for relationship in reader.names("relationships"):
            resolved = self._relationship(reader, scope, relationship)
            if resolved is not None:
                relationships[relationship] = resolved
        time = None
        if reader.has("time"):
            time = self.time(reader, scope, "time")
        valid = self._validity(reader, scope)
        if reader.broken:
            return None
        grain = reader.optional("time_grain")
        source = reader.text("source")
        return Dataset(
            name=name,
            title=reader.text_or(name, "title"),
            description=reader.text_or("", "description"),
            source=source,
            is_file=source.lower().endswith(FILE_ENDINGS),
            primary_key=reader.texts("primary_key"),
            time=time,
            valid=valid,
            time_grain=None if grain is None else Grain(grain),
            timezone=zone,
            fields={field: expression for field, expression in fields.items() if expression is not None},
            relationships=relationships,
            columns={column: reader.text("columns", column) for column in reader.names("columns")},
            keys=keys,
            format=FileFormat(
                delimiter=reader.text_or(",", "format", "delimiter"),
                header=reader.get("format", "header") is not False,
                null_text=reader.text_or("", "format", "null_text"),
            ),
            freshness=reader.duration("freshness"),
            quoted=reader.flag("quoted"),
            place=reader.place,
            source_place=reader.document.place(("source",)),
        )

    def _validity(self, reader: Reader, scope: Scope) -> Validity | None:
        if not reader.has("valid"):
            return None
        for key in ("time", "time_grain"):
            if reader.has(key):
                reader.report(
                    "time-and-valid",
                    f"A dataset has `valid` or `{key}`, not both: a row holds for a span or has a time.",
                    (key,),
                    "Keep one; a KPI may name a `time` of its own.",
                    at_key=True,
                )
        start = self.time(reader, scope, "valid", "from")
        end = self.time(reader, scope, "valid", "to")
        if start is None or end is None:
            return None
        start, end = self.alike(start, end)
        return Validity(start=start, end=end)

    def alike(self, *times: Expression) -> tuple[Expression, ...]:
        """Return times so that they can be compared: all dates, all instants or all the calendar's clock."""
        kinds = {type_of(time) for time in times}
        zones = {part.zone for time in times for part in walk(time) if isinstance(part, Column)}
        if Type.UNKNOWN in kinds or (len(kinds) == 1 and (len(zones) == 1 or Type.TIMESTAMP not in kinds)):
            return times
        return tuple(self.local(Cast(time, Type.TIMESTAMP, at=time.at)) for time in times)

    def wall(self, times: Sequence[Expression], *added: Duration) -> tuple[Expression, ...]:
        """Return times so that durations can be added and all be compared: dates, or the calendar's clock."""
        kinds = {type_of(time) for time in times}
        whole_days = all(duration.unit not in (Unit.SECOND, Unit.MINUTE, Unit.HOUR) for duration in added)
        if Type.UNKNOWN in kinds or (kinds == {Type.DATE} and whole_days):
            return tuple(times)
        return tuple(
            time
            if isinstance(time, Column) and time.type is Type.TIMESTAMP and time.zone is None
            else self.local(Cast(time, Type.TIMESTAMP, at=time.at))
            for time in times
        )

    def row(self, reader: Reader, scope: Scope, node: Expression, *where: str | int) -> Expression | None:
        """Return an expression over rows, resolved and checked, or None after reporting why not."""
        try:
            return self.local(scope.row(node))
        except ExpressionError as error:
            reader.refuse(error, where)
        except BrokenName:
            reader.broken = True
        return None

    def time(self, reader: Reader, scope: Scope, *where: str | int) -> Expression | None:
        """Return the time that dates rows, or None after reporting why it cannot."""
        try:
            node = reader.expression(*where)
        except Broken:
            return None
        found = None
        if isinstance(node, Name):
            try:
                found = self.local(scope.row(node))
            except ExpressionError as error:
                reader.refuse(error, where)
            except BrokenName:
                reader.broken = True
        else:
            reader.report("wrong-type", "`time` names a field or a path.", where, "Declare a field for it.")
        if found is not None and type_of(found) not in TIMES:
            reader.report(
                "time-not-a-time",
                f"`{reader.text(*where)}` is {type_of(found).value}; rows are dated by a date or timestamp.",
                where,
                "Cast it in a field: `day: cast(text_of_day as date)`.",
            )
            return None
        return found

    def condition(self, reader: Reader, scope: Scope, *where: str | int) -> Expression | None:
        """Return a condition over rows, or None after reporting why it is none."""
        try:
            found = self.local(scope.row(reader.expression(*where)))
            if type_of(found) not in (Type.BOOLEAN, Type.UNKNOWN):
                raise ExpressionError(
                    "type-mismatch", "`where` is a condition, true or false for each row.", found.at
                )
        except ExpressionError as error:
            reader.refuse(error, where)
        except (Broken, BrokenName):
            reader.broken = True
        else:
            return found
        return None

    def own_time(self, name: str) -> Expression | None:
        """Return a dataset's own time; what is wrong with it is reported where it is declared."""
        text = self.readers[name].optional("time")
        try:
            return None if text is None else self.local(self.scope(name).row(parse(text)))
        except (ExpressionError, BrokenName):
            return None

    def _field(self, reader: Reader, scope: Scope, name: str) -> Expression | None:
        where: tuple[str, ...] = ("fields", name)
        if isinstance(reader.get(*where), dict):
            where = (*where, "expression" if reader.has(*where, "expression") else "column")
        try:
            return self.local(scope.field(name))
        except ExpressionError as error:
            reader.refuse(error, where)
        except BrokenName:
            reader.broken = True
        return None

    def _primary_key(self, reader: Reader, scope: Scope) -> tuple[Expression, ...]:
        found = []
        for position, name in enumerate(reader.texts("primary_key")):
            try:
                found.append(scope.look_up((name,), (0, len(name))))
            except ExpressionError as error:
                reader.report(error.code, error.message, _item(reader, "primary_key", position), error.hint)
            except BrokenName:
                reader.broken = True
        return tuple(found)

    def _relationship(self, reader: Reader, scope: Scope, name: str) -> Relationship | None:
        where: tuple[str | int, ...] = ("relationships", name)
        to = reader.text(*where, "to")
        known = self.known.names["dataset"]
        if to not in known and "dataset" in self.known.unsure:
            reader.broken = True
            return None
        if to not in known:
            reader.report(
                "unknown-dataset",
                f"Relationship `{name}` leads to `{to}`, which is not declared.",
                (*where, "to"),
                did_you_mean(to, known) or f"There are {one_of(known)}.",
            )
            return None
        target = self.readers.get(to)
        if target is None:
            return None
        dated = reader.has(*where, "as_of")
        primary = target.texts("primary_key")
        if dated:
            since = reader.text(*where, "as_of", "valid_from")
            primary = tuple(key for key in primary if key != since)
        named = tuple(reader.text(*where, "keys", here) for here in reader.names(*where, "keys"))
        if not primary:
            reader.report(
                "keys-not-primary",
                f"`{to}` declares no `primary_key`, so a row of it cannot be told apart.",
                (*where, "to"),
                f"Add `primary_key: [{', '.join((*named, since) if dated else named)}]` to dataset `{to}`.",
            )
            return None
        if sorted(named) != sorted(primary):
            reader.report(
                "keys-not-primary",
                f"The keys of `{name}` do not cover the primary key of `{to}`, which is "
                f"{', '.join(f'`{key}`' for key in primary)}.",
                (*where, "keys"),
                "A many-to-one relationship names each part of the primary key once"
                + (", apart from `valid_from`." if dated else "."),
            )
            return None
        pairs = []
        there_scope = self.scope(to)
        for here, there in zip(reader.names(*where, "keys"), named, strict=True):
            try:
                right = there_scope.look_up((there,), (0, len(there)))
            except (ExpressionError, BrokenName):  # told where the primary key is declared
                return None
            try:
                left = scope.look_up((here,), (0, len(here)))
            except ExpressionError as error:
                reader.report(error.code, error.message, (*where, "keys", here), error.hint, at_key=True)
                return None
            except BrokenName:
                reader.broken = True
                return None
            if _reaches_over(left) or _reaches_over(right):
                reader.report(
                    "key-over-relationship",
                    f"The key `{here}` of `{name}` is itself reached over a relationship.",
                    (*where, "keys", here),
                    "Use a column of the dataset itself.",
                    at_key=True,
                )
                return None
            one, other = type_of(left), type_of(right)
            if (
                Type.UNKNOWN not in (one, other)
                and one is not other
                and not (one.is_number and other.is_number)
            ):
                reader.report(
                    "type-mismatch",
                    f"The key `{here}` is {one.value} and `{to}.{there}` is {other.value}.",
                    (*where, "keys", here),
                    "Cast one of them in a field, or declare the type under `columns`.",
                    at_key=True,
                )
                return None
            pairs.append((left, right))
        as_of = self._as_of(reader, scope, there_scope, name) if dated else None
        if dated and as_of is None:
            return None
        return Relationship(
            name=name, to=to, keys=tuple(pairs), required=reader.flag(*where, "required"), as_of=as_of
        )

    def _as_of(self, reader: Reader, scope: Scope, there: Scope, name: str) -> AsOf | None:
        """Return which partner is valid, or None after reporting what is wrong with it."""
        where: tuple[str | int, ...] = ("relationships", name, "as_of")
        if reader.has(*where, "at"):
            at = self.time(reader, scope, *where, "at")
        elif reader.has("time"):
            at = self.own_time(reader.name)
        else:
            at = None
            reader.report(
                "missing-time",
                f"Dataset `{reader.name}` has no `time`, so nothing says when `{name}` is looked up.",
                where,
                "Add `at: <field>`.",
                at_key=True,
            )
        since = self.time(reader, there, *where, "valid_from")
        until = self.time(reader, there, *where, "valid_to") if reader.has(*where, "valid_to") else None
        if at is None or since is None or (until is None and reader.has(*where, "valid_to")):
            return None
        for time, key in ((at, "at"), (since, "valid_from"), (until, "valid_to")):
            if time is not None and _reaches_over(time):
                reader.report(
                    "key-over-relationship",
                    f"`{key}` of `{name}` is itself reached over a relationship.",
                    (*where, key) if reader.has(*where, key) else where,
                    "Use a column of the dataset itself.",
                )
                return None
        if until is None:
            at, since = self.alike(at, since)
            return AsOf(at=at, valid_from=since, valid_to=None)
        at, since, until = self.alike(at, since, until)
        return AsOf(at=at, valid_from=since, valid_to=until)


def _reaches_over(node: Expression) -> bool:
    return any(isinstance(part, Column) and part.path for part in walk(node))


def _item(reader: Reader, key: str, position: int) -> tuple[str | int, ...]:
    return (key, position) if isinstance(reader.get(key), list) else (key,)


def _field_source(reader: Reader, name: str) -> FieldSource:
    if not isinstance(reader.get("fields", name), dict):
        return FieldSource(expression=reader.expression("fields", name), column=None, type=None)
    declared = reader.optional("fields", name, "type")
    kind = None if declared is None else Type(declared)
    if reader.has("fields", name, "expression"):
        parsed = reader.expression("fields", name, "expression")
        return FieldSource(expression=parsed, column=None, type=kind)
    return FieldSource(expression=None, column=reader.text_or(name, "fields", name, "column"), type=kind)
