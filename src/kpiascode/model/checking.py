"""What a project says of the rules: which are asked, how grave they are, and what is allowed where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from kpiascode.model.diagnostic import Severity
from kpiascode.model.place import Place


class Preset(Enum):
    """A set of rules; each holds the one before."""

    MINIMAL = "minimal"
    STANDARD = "standard"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class RuleName:
    """A rule as somebody wrote it down. Whether there is one is for `lint` to say."""

    name: str
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathChoice:
    """Rules that are not asked of the files that a pattern matches."""

    path: str
    ignore: tuple[RuleName, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking:
    """`check` of the project file.

    Args:
        select: Rules beside those of the preset.
        ignore: Rules that are not asked, whoever selects them.
        baseline: A file of findings that are known, inside the project; None where there is none.
    """

    preset: Preset = Preset.STANDARD
    select: tuple[RuleName, ...] = ()
    ignore: tuple[RuleName, ...] = ()
    severity: Mapping[RuleName, Severity] = field(default_factory=dict)
    paths: tuple[PathChoice, ...] = ()
    baseline: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """A comment `# kpi: allow <rule>, <rule>: <reason>`.

    Args:
        rules: As they are written there; none where it names none.
        reason: Empty where it gives none.
        place: The comment.
        first, last: The lines that it covers, from 1, both included.
    """

    rules: tuple[RuleName, ...]
    reason: str
    place: Place
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class NearAllow:
    """A comment such as `# kpi: alow <rule>: <reason>`, which allows nothing.

    Args:
        name: What it names first. Whether that is a rule is for `lint` to say.
        place: The comment.
    """

    name: str
    place: Place
