"""One publication as the text of a file, and back: a line for the act, one a KPI, one a value.

Each line is canonical JSON, so that a publication has one text only. Whatever is read is taken for a
stranger's: each key and each value has one shape, and everything else is a finding.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from json import loads
from typing import Any, Final

from kpiascode import __version__
from kpiascode.model.assessment import Status
from kpiascode.model.calendar import Grain
from kpiascode.model.canonical import as_line, fingerprint
from kpiascode.model.diagnostic import Diagnostic
from kpiascode.model.exact import EXACT
from kpiascode.model.ledger import FEW, People, Publication, PublishedValue, Told
from kpiascode.model.place import Place, Span

FORMAT: Final = 1
CHANNELS: Final = ("site", "email", "chat", "pdf", "meeting")
MAX_LINE: Final = 65_536
MAX_TEXT: Final = 2_000
FEWER: Final = f"<{FEW}"

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,199}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_RUN: Final = re.compile(r"[0-9a-f]{16}")
_COMMIT: Final = re.compile(r"[0-9a-f]{7,40}")
_PERIOD: Final = re.compile(r"[0-9A-Z-]{4,12}")
_UNIT: Final = re.compile(r"[A-Za-z_]{1,40}")
_VERSION: Final = re.compile(r"[0-9A-Za-z.+-]{1,40}")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,399})(\.[0-9]{0,399}[1-9])?")
_STATUSES: Final = frozenset(status.value for status in Status)
_GRAINS: Final = frozenset(grain.value for grain in Grain)


def run_of(publication: Publication) -> str:
    """Return a short hash of what makes a publication another one: who was told what of which moment.

    When it happened, by which commit, and what the ledger held before are no part of it.
    """
    told = replace(
        publication,
        hash="",
        at=datetime.min,
        commit=None,
        audiences=tuple(sorted(publication.audiences)),
        parents=(),
        kpis=tuple(sorted(publication.kpis, key=lambda one: one.kpi)),
        values=(),
    )
    return fingerprint(told)[:16]


# --- to text


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A publication as it is kept.

    Args:
        path: Under the folder of the ledger, with forward slashes.
    """

    publication: Publication
    path: str
    data: bytes


def segment_of(publication: Publication) -> Segment:
    """Return a publication as it is kept; its `hash` is given by its text."""
    lines = [
        _head(publication),
        *(_told(one) for one in sorted(publication.kpis, key=lambda told: told.kpi)),
        *(_value(one, one.hash) for one in sorted(publication.values, key=order)),
    ]
    data = "".join(as_line(line) + "\n" for line in lines).encode("utf-8")
    name = sha256(data).hexdigest()
    return Segment(
        publication=replace(publication, hash=name),
        path=f"{publication.at.year:04d}/{run_of(publication)}-{name}.jsonl",
        data=data,
    )


def order(value: PublishedValue) -> tuple[object, ...]:
    """Return by what the values of a publication are sorted; no two have the same."""
    return value.kpi, value.grain, value.start, [(name, of is None, of or "") for name, of in value.slice]


def with_hash(value: PublishedValue) -> PublishedValue:
    """Return a value with the hash of its own line."""
    return replace(value, hash=_hash_of(_value(value, None)))


def plain_decimal(value: Decimal) -> str:
    """Return the exact number, without exponent and without zeros that say nothing."""
    return format(value.normalize(EXACT), "f") if value else "0"


def _hash_of(line: Mapping[str, Any]) -> str:
    return sha256(as_line(line).encode("utf-8")).hexdigest()


def _head(one: Publication) -> dict[str, Any]:
    return {
        "kind": "publication",
        "format": FORMAT,
        "tool": __version__,
        "run": run_of(one),
        "at": one.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "as_of": one.as_of.isoformat(),
        "commit": one.commit,
        "scorecard": one.scorecard,
        "channel": one.channel,
        "audiences": sorted(one.audiences),
        "recipients": _people(one.recipients),
        "delivered": _people(one.delivered),
        "acknowledged": _people(one.acknowledged),
        "artefact": one.artefact,
        "note": one.note,
        "parents": sorted(one.parents),
    }


def _people(people: People | None) -> int | str | None:
    if people is None:
        return None
    return FEWER if people.number is None else people.number


def _told(one: Told) -> dict[str, Any]:
    return {
        "kind": "kpi",
        "kpi": one.kpi,
        "formula": one.formula,
        "targets": one.targets,
        "owner": one.owner,
    }


def _value(one: PublishedValue, own_hash: str | None) -> dict[str, Any]:
    line = {
        "kind": "value",
        "kpi": one.kpi,
        "grain": one.grain,
        "period": one.period,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "slice": [list(pair) for pair in one.slice],
        "value": None if one.value is None else plain_decimal(one.value),
        "unit": one.unit,
        "definition": one.definition,
        "watermark": None if one.watermark is None else one.watermark.isoformat(),
        "status": one.status,
        "restates": one.restates,
        "reason": one.reason,
        "author": one.author,
    }
    return line if own_hash is None else line | {"hash": own_hash}


# --- from text


class Broken(Exception):
    """A line that is none of a ledger; carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(frozen=True, slots=True)
class _Wrong(Exception):
    """What is wrong with a line, without its place."""

    message: str
    code: str = "ledger-broken"
    hint: str | None = None


def broken(
    path: str, line: int, message: str, code: str = "ledger-broken", hint: str | None = None
) -> Diagnostic:
    """Return a finding about a file of the ledger; line 0 is about the file as a whole."""
    return Diagnostic(
        code=code,
        message=message,
        place=Place(path, Span(line, 1, line, 1) if line else Span(1, 1, 1, 1)),
        hint=hint or "Bring the file back from git: what is in the ledger is never changed.",
    )


def publication_of(data: bytes, *, folder: str, name: str, path: str) -> Publication:
    """Return what a file holds, if it is whole.

    Args:
        folder, name: Where it lies in the ledger: a year, and the name of the file.
        path: As findings name it.

    Raises:
        Broken: with what is wrong, and in which line.
    """
    number = 0
    try:
        match = re.fullmatch(r"([0-9a-f]{16})-([0-9a-f]{64})\.jsonl", name)
        if match is None:
            raise _Wrong("Only publications lie in the ledger, and this is the name of none.")
        if sha256(data).hexdigest() != match[2]:
            raise _Wrong("The file was changed after it was written: its content is not the one of its name.")
        number = 1
        lines = _lines(data)
        number, first = next(lines)
        head = _read_head(_parsed(first))
        kpis: list[Told] = []
        values: list[PublishedValue] = []
        for at, text in lines:
            number = at
            match _parsed(text):
                case {"kind": "kpi"} as line if not values:
                    kpis.append(_read_told(line))
                    if len(kpis) > 1 and kpis[-2].kpi >= kpis[-1].kpi:
                        raise _Wrong("KPIs stand in the order of their names, each once.")
                case {"kind": "value"} as line:
                    values.append(_read_value(line, text))
                    if len(values) > 1 and order(values[-2]) >= order(values[-1]):
                        raise _Wrong("Values stand in the order of KPIs and periods, each once.")
                case _:
                    raise _Wrong("After the publication come its KPIs, then its values, and nothing else.")
        made = replace(head, hash=match[2], kpis=tuple(kpis), values=tuple(values))
        number = 1
        if {value.kpi for value in values} - {told.kpi for told in kpis}:
            raise _Wrong("A value is of a KPI that was not published.")
        if match[1] != run_of(made) or folder != f"{made.at.year:04d}":
            raise _Wrong("The file lies under a name or in a folder that is not its own.")
    except _Wrong as wrong:
        raise Broken(broken(path, number, wrong.message, wrong.code, wrong.hint)) from None
    return made


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    if not data.endswith(b"\n"):
        raise _Wrong("The file ends in the middle of a line.")
    for number, line in enumerate(data[:-1].split(b"\n"), 1):
        if len(line) > MAX_LINE:
            raise _Wrong(f"A line of {len(line):,} bytes is longer than any that is written.")
        try:
            yield number, line.decode("utf-8")
        except UnicodeDecodeError:
            raise _Wrong("A line is not UTF-8.") from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        line = loads(text)
        is_canonical = isinstance(line, dict) and as_line(line) == text
    except (ValueError, RecursionError):
        raise _Wrong("A line is no JSON.") from None
    if not is_canonical:
        raise _Wrong("A line is not written as `kpi publish` writes it.")
    found: dict[str, Any] = line
    return found


def _read_head(line: dict[str, Any]) -> Publication:
    version = line.get("format")
    if line.get("kind") != "publication" or type(version) is not int or version < 1:
        raise _Wrong("The first line tells no publication.")
    if version > FORMAT:
        raise _Wrong(
            f"It was made by a newer kpiascode: its format is {version}, and this version knows {FORMAT}.",
            "ledger-newer",
            "Install the newest version of kpiascode.",
        )
    read = _Reader(line)
    read.text("kind")
    read.take("format")
    read.text("tool", _VERSION)
    read.text("run", _RUN)
    made = Publication(
        hash="",
        at=read.instant("at"),
        as_of=read.required(read.moment("as_of"), "as_of"),
        commit=read.maybe("commit", _COMMIT),
        scorecard=read.maybe("scorecard", _NAME),
        channel=read.one_of("channel", frozenset(CHANNELS)),
        audiences=read.list_of("audiences", _NAME),
        recipients=read.people("recipients"),
        delivered=read.people("delivered"),
        acknowledged=read.people("acknowledged"),
        artefact=read.maybe("artefact", _HASH),
        note=read.said("note"),
        parents=read.list_of("parents", _HASH),
        kpis=(),
        values=(),
    )
    read.end()
    return made


def _read_told(line: dict[str, Any]) -> Told:
    read = _Reader(line)
    read.text("kind")
    told = Told(
        kpi=read.text("kpi", _NAME),
        formula=read.text("formula", _HASH),
        targets=read.text("targets", _HASH),
        owner=read.text("owner", _NAME),
    )
    read.end()
    return told


def _read_value(line: dict[str, Any], text: str) -> PublishedValue:
    read = _Reader(line)
    read.text("kind")
    made = PublishedValue(
        kpi=read.text("kpi", _NAME),
        grain=read.one_of("grain", _GRAINS),
        period=read.text("period", _PERIOD),
        start=read.day("start"),
        end=read.day("end"),
        slice=read.slices("slice"),
        value=read.decimal("value"),
        unit=read.text("unit", _UNIT),
        definition=read.text("definition", _HASH),
        watermark=read.moment("watermark"),
        status=read.maybe_one_of("status", _STATUSES),
        hash=read.text("hash", _HASH),
        restates=read.maybe("restates", _HASH),
        reason=read.maybe_said("reason"),
        author=read.maybe_said("author"),
    )
    read.end()
    if made.start >= made.end:
        raise _Wrong("A period ends no later than it begins.")
    if len({made.restates is None, not made.reason, not made.author}) != 1:
        raise _Wrong("Who restates a value says why, and who it is; nobody else does.")
    if sha256(text.replace(f'"hash":"{made.hash}",', "", 1).encode("utf-8")).hexdigest() != made.hash:
        raise _Wrong("A value was changed after it was written: its hash is another one.")
    return made


class _Reader:
    """The keys of a line, each of which is taken once, in its one shape."""

    def __init__(self, line: dict[str, Any]) -> None:
        self.line = _Known(line)
        self._taken: set[str] = set()

    def take(self, key: str) -> Any:
        self._taken.add(key)
        return self.line[key]

    def end(self) -> None:
        if unknown := self.line.keys() - self._taken:
            raise _Wrong(f"A line has a key `{min(unknown)[:40]}`, which is unknown.")

    def text(self, key: str, pattern: re.Pattern[str] | None = None) -> str:
        found = self.take(key)
        if not isinstance(found, str) or (pattern is not None and not pattern.fullmatch(found)):
            raise self._shape(key)
        return found

    def maybe(self, key: str, pattern: re.Pattern[str]) -> str | None:
        return None if self.take(key) is None else self.text(key, pattern)

    def one_of(self, key: str, words: frozenset[str]) -> str:
        found = self.text(key)
        if found not in words:
            raise self._shape(key)
        return found

    def said(self, key: str) -> str:
        found = self.text(key)
        if not is_sayable(found):
            raise self._shape(key)
        return found

    def maybe_one_of(self, key: str, words: frozenset[str]) -> str | None:
        return None if self.take(key) is None else self.one_of(key, words)

    def maybe_said(self, key: str) -> str | None:
        return None if self.take(key) is None else self.said(key)

    def list_of(self, key: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        found = self.take(key)
        if not isinstance(found, list) or not all(isinstance(x, str) and pattern.fullmatch(x) for x in found):
            raise self._shape(key)
        if found != sorted(set(found)):
            raise self._shape(key)
        return tuple(found)

    def people(self, key: str) -> People | None:
        match self.take(key):
            case None:
                return None
            case str(few) if few == FEWER:
                return People(number=None)
            case int(number) if number is not True and number >= FEW:
                return People(number=number)
            case _:
                raise self._shape(key)

    def slices(self, key: str) -> tuple[tuple[str, str | None], ...]:
        match self.take(key):
            case []:
                return ()
            case list(pairs) if all(_is_pair(pair) for pair in pairs):
                return tuple((name, of) for name, of in pairs)
            case _:
                raise self._shape(key)

    def decimal(self, key: str) -> Decimal | None:
        found = self.maybe(key, _DECIMAL)
        if found == "-0":
            raise self._shape(key)
        return None if found is None else Decimal(found)

    def day(self, key: str) -> date:
        found: date = self._parsed(key, date.fromisoformat)
        return found

    def moment(self, key: str) -> datetime | None:
        return None if self.take(key) is None else self._parsed(key, datetime.fromisoformat)

    def required(self, found: datetime | None, key: str) -> datetime:
        if found is None:
            raise self._shape(key)
        return found

    def instant(self, key: str) -> datetime:
        text = self.text(key)
        try:
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise self._shape(key) from None

    def _parsed(self, key: str, read: Callable[[str], Any]) -> Any:
        text = self.text(key)
        try:
            found = read(text)
        except ValueError:
            raise self._shape(key) from None
        if found.isoformat() != text or (isinstance(found, datetime) and found.tzinfo is not None):
            raise self._shape(key)
        return found

    def _shape(self, key: str) -> _Wrong:
        return _Wrong(f"A line has a `{key}` that is none.")


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> Any:
        raise _Wrong(f"A line has no `{key}`.")


def _is_pair(pair: object) -> bool:
    match pair:
        case [str(name), str() | None]:
            return _NAME.fullmatch(name) is not None
        case _:
            return False


def is_sayable(text: str) -> bool:
    """Return whether a text may stand in the ledger: short, and nothing that a reader would not see."""
    return len(text) <= MAX_TEXT and all(letter.isprintable() for letter in text)
