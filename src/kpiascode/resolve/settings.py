"""The project file: calendar, dialects, where data may lie, engines, and which rules are asked."""

from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kpiascode.model.calendar import WEEKDAYS, Calendar, retail_year
from kpiascode.model.checking import Checking, PathChoice, Preset, RuleName
from kpiascode.model.colour import READABLE, Ground, least_contrast, readable
from kpiascode.model.diagnostic import Severity, did_you_mean, one_of
from kpiascode.model.dialect import DIALECTS
from kpiascode.model.document import Where
from kpiascode.model.locale import Locale
from kpiascode.model.project import EngineSettings, Settings, SignalRules, Theme
from kpiascode.resolve.reader import Reader

DEFAULT: Final = Settings(
    name="project",
    calendar=Calendar(),
    dialects=("duckdb",),
    data_roots=(),
    engines={},
    default_engine=None,
)


def is_zone(name: str) -> bool:
    """Return whether the zone is one that the machine's time zone data knows."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def settings(reader: Reader) -> Settings:
    """Return the settings; what is wrong is reported and replaced by the default."""
    return Settings(
        name=reader.text_or("project", "name"),
        calendar=_calendar(reader),
        dialects=_dialects(reader),
        data_roots=reader.texts("data_roots"),
        engines=_engines(reader),
        default_engine=_default_engine(reader),
        signals=SignalRules(reader.text_or("default", "signals", "rules")),
        locale=Locale(reader.text_or("en", "locale")),
        theme=_theme(reader),
        check=_check(reader),
    )


def _calendar(reader: Reader) -> Calendar:
    timezone = reader.text_or("UTC", "calendar", "timezone")
    if not is_zone(timezone):
        reader.report(
            "unknown-timezone",
            f"`{timezone[:40]}` is no time zone of the IANA database.",
            ("calendar", "timezone"),
            "Write for example Europe/London or UTC.",
        )
        timezone = "UTC"
    retail = None
    if reader.has("calendar", "fiscal"):
        try:
            retail = retail_year(
                reader.text("calendar", "fiscal", "pattern"), reader.text("calendar", "fiscal", "ends")
            )
        except ValueError as error:
            reader.report("invalid-value", str(error), ("calendar", "fiscal"))
    return Calendar(
        timezone=timezone,
        week_start=WEEKDAYS.index(reader.text_or("monday", "calendar", "week_start")),
        fiscal_year_start=reader.whole("calendar", "fiscal_year_start") or 1,
        retail=retail,
    )


def _dialects(reader: Reader) -> tuple[str, ...]:
    found = []
    for position, name in enumerate(reader.texts("dialects")):
        if name in DIALECTS:
            found.append(name)
        else:
            reader.report(
                "unknown-dialect",
                f"`{name[:40]}` is no dialect that KPIs are compiled for.",
                ("dialects", position),
                did_you_mean(name, DIALECTS) or f"There are {one_of(DIALECTS)}.",
            )
    return tuple(dict.fromkeys(found)) or ("duckdb",)


def _engines(reader: Reader) -> dict[str, EngineSettings]:
    found = {}
    for name in reader.names("engines"):
        if name == "default":
            continue
        dialect = reader.text_or("duckdb", "engines", name, "dialect")
        if dialect not in DIALECTS:
            reader.report(
                "unknown-dialect",
                f"`{dialect[:40]}` is no dialect that KPIs are compiled for.",
                ("engines", name, "dialect"),
                did_you_mean(dialect, DIALECTS) or f"There are {one_of(DIALECTS)}.",
            )
            continue
        found[name] = EngineSettings(dialect=dialect, timeout=reader.duration("engines", name, "timeout"))
    return found


def _default_engine(reader: Reader) -> str | None:
    name = reader.optional("engines", "default")
    declared = [engine for engine in reader.names("engines") if engine != "default"]
    if name is not None and name not in declared:
        reader.report(
            "unknown-engine",
            f"The default engine `{name}` is not declared.",
            ("engines", "default"),
            did_you_mean(name, declared) or f"There are {one_of(declared)}." if declared else None,
        )
        return None
    return name


def _theme(reader: Reader) -> Theme | None:
    if not reader.has("theme"):
        return None
    accent = reader.text("theme", "accent").lower()
    dark = reader.text_or(readable(accent, Ground.DARK), "theme", "accent_dark").lower()
    for key, colour, ground in (("accent", accent, Ground.LIGHT), ("accent_dark", dark, Ground.DARK)):
        if least_contrast(colour, ground) < READABLE:
            reader.report(
                "colour-hard-to-read",
                f"Links in `{colour}` have a contrast of {least_contrast(colour, ground):.1f} to 1 with the "
                f"{ground.name.lower()} page, and text needs {READABLE}.",
                ("theme", key),
                f"The nearest shade that can be read is `{readable(colour, ground)}`.",
            )
    return Theme(accent=accent, accent_dark=dark, logo_text=reader.optional("theme", "logo_text"))


def _check(reader: Reader) -> Checking:
    document = reader.document
    severity = {
        RuleName(name, document.place_of_key(("check", "severity", name))): Severity(
            reader.text("check", "severity", name)
        )
        for name in reader.names("check", "severity")
    }
    paths = [
        PathChoice(
            path=reader.text("check", "paths", number, "path"),
            ignore=_rules(reader, "check", "paths", number, "ignore"),
            place=reader.document.place(("check", "paths", number, "path")),
        )
        for number in range(reader.length("check", "paths"))
        if _stays_inside(reader, ("check", "paths", number, "path"))
    ]
    baseline = reader.optional("check", "baseline")
    stays = baseline is None or _stays_inside(reader, ("check", "baseline"))
    return Checking(
        preset=Preset(reader.text_or("standard", "check", "preset")),
        select=_rules(reader, "check", "select"),
        ignore=_rules(reader, "check", "ignore"),
        severity=severity,
        paths=tuple(paths),
        baseline=baseline if stays else None,
    )


def _rules(reader: Reader, *where: str | int) -> tuple[RuleName, ...]:
    return tuple(
        RuleName(name, reader.document.place((*where, number)))
        for number, name in enumerate(reader.texts(*where))
    )


def _stays_inside(reader: Reader, where: Where) -> bool:
    """Return whether a path or a pattern stays inside the project; report one that does not."""
    text = reader.text(*where)
    if not (text.startswith("/") or ".." in text.split("/") or "\\" in text or ":" in text):
        return True
    reader.report(
        "path-outside-project",
        "This is no path inside the project folder.",
        where,
        "Write it relative to the project folder, with forward slashes.",
    )
    return False
