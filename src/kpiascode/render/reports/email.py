"""A scorecard as the HTML of a mail.

Mail programs know little: tables for the layout, styles inside the elements. No picture, no script, nothing
that is fetched: it looks the same where pictures are blocked, and tells nobody that it was read. Gmail cuts
off what is longer than about 102 kB.
"""

from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from kpiascode.render.reports.plain import line, part, passage
from kpiascode.render.reports.summary import Cut, Summary, chosen, fitted, left_out
from kpiascode.render.sentences import said

MOST: Final = 100_000
ROWS: Final = 60
TONES: Final = {
    "good": "#005ea5",
    "watch": "#946200",
    "act": "#a4123f",
    "none": "#55606e",
    "plain": "#1b222c",
    "": "#1b222c",
}
"""The colours of the light style sheet; a mail program has no other."""


def email(told: Summary) -> str:
    return fitted(told, lambda cut: _html(told, cut), MOST, ROWS)


def _html(told: Summary, cut: Cut) -> str:
    page = told.page
    made = (
        _environment()
        .get_template("email.html.j2")
        .render(
            told=told,
            page=page,
            acts=cut.acts,
            preheader=passage(said(page.sentence)),
            sections=chosen(told, cut),
            left=left_out(told, cut),
        )
    )
    return made.rstrip("\n") + "\n"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("kpiascode.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["tones"] = TONES
    made.filters |= {"line": line, "part": part, "passage": passage}
    return made
