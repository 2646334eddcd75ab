"""The words and signs of which expressions are made, and a few that no expression holds."""

from kpiascode.resolve.functions import ALL_NAMES
from kpiascode.resolve.parser import CASTS, UNITS

WORDS = (
    *ALL_NAMES,
    *UNITS,
    *CASTS,
    *"( ) ( ) , . + - * / % = <> < > <= >= != 0 1 2.5 .5 1e3 'x' 'it''s' '' a b amount net_sales x.y".split(
        " "
    ),
    *"and or not is null in between like then else end case when as per filter where true false of".split(),
    *("date '2026-01-31'", "timestamp '2026-01-31 10:00:00'", "select", ";", "--", '"', "\\", "\u0435", "\n"),
)
