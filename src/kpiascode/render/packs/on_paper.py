"""A document as one HTML file: its style is inlined, its policy allows nothing else, it links to nothing."""

from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from markupsafe import Markup

from kpiascode.model.project import Settings
from kpiascode.render import environment
from kpiascode.render.packs.blocks import Pack
from kpiascode.render.site import logo, policy, themed
from kpiascode.render.words import day, moment

TEMPLATE: Final = "pack.html.j2"
SHEET: Final = "pack.css"


@cache
def sheet() -> str:
    """Return the style sheet of every document."""
    return (files("kpiascode.render") / "templates" / SHEET).read_text(encoding="utf-8")


def html(pack: Pack, settings: Settings, as_of: datetime, *, version: str) -> str:
    """Return the document; the same content gives the same bytes."""
    style = themed(sheet(), settings.theme)
    style += (
        "\n@page { size: A4 landscape; margin: 10mm 12mm; }\n" if pack.wide else "\n@page { size: A4; }\n"
    )
    text = environment.rendered(
        environment.ours(),
        TEMPLATE,
        {
            "pack": pack,
            "logo": logo(settings),
            "project": settings.name,
            "as_of": moment(as_of),
            "until": day(pack.until) if pack.until else "",
            "version": version,
            "style": Markup(style),  # it holds nothing that would end it early
            "policy": policy(style),
        },
    )
    return text.rstrip("\n") + "\n"
