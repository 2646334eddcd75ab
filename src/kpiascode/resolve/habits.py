"""What people write by habit from SQL and spreadsheets, and how the language says it."""

from collections.abc import Mapping
from typing import Final

_WHEN_NULL: Final = "Write coalesce(x, 0)."
_CHOICE: Final = "Write case when a then x else y end."
_TODAY: Final = "KPIs are asked for periods, and the day is `--as-of`."
_PERIOD: Final = "KPIs are asked for periods: how fine they are, `grain` says."

WORDS: Final[Mapping[str, str]] = {
    "count_distinct": "Write count(distinct x).",
    "countd": "Write count(distinct x).",
    "ifnull": _WHEN_NULL,
    "nvl": _WHEN_NULL,
    "isnull": f"{_WHEN_NULL} A condition is written x is null.",
    "if": _CHOICE,
    "iff": _CHOICE,
    "iif": _CHOICE,
    "now": _TODAY,
    "today": _TODAY,
    "current_date": _TODAY,
    "current_timestamp": _TODAY,
    "getdate": _TODAY,
    "date_trunc": _PERIOD,
    "extract": _PERIOD,
}
"""Names of functions, and words that stand alone."""

OPERATORS: Final[Mapping[str, str]] = {
    "&": "Conditions are joined with `and`.",
    "|": "Conditions are joined with `or`; texts are not joined.",
    "==": "Compare with a single `=`.",
    "ilike": "Write lower(x) like 'a%'.",
}

QUOTES: Final = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f"
QUOTES_HINT: Final = "Texts stand in straight single quotes: 'online'."
