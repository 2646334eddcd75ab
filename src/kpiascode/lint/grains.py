"""How long the periods of a grain are, at most."""

from typing import Final

from kpiascode.model.calendar import Grain

LONGEST: Final = {
    Grain.DAY: 1,
    Grain.WEEK: 7,
    Grain.MONTH: 31,
    Grain.QUARTER: 92,
    Grain.YEAR: 366,
    Grain.FISCAL_MONTH: 6 * 7,
    Grain.FISCAL_QUARTER: 14 * 7,
    Grain.FISCAL_YEAR: 53 * 7,
}
"""The most days that a period of a KPI's grain has; of fiscal ones those of retail years with a 53rd week."""
