"""Documents for a meeting, a review, a wall: each one content value, printed as HTML and as Markdown.

They are not pages of the site. They link to nothing, carry no script, and are made for paper first.
"""

from kpiascode.render.packs.blocks import Pack
from kpiascode.render.packs.closing import closing_pack
from kpiascode.render.packs.in_markdown import markdown
from kpiascode.render.packs.meeting import goals_of, kpis_of, meeting_pack, since_of
from kpiascode.render.packs.on_paper import html
from kpiascode.render.packs.plan import plan_pack
from kpiascode.render.packs.recognition import recognition_csv, recognition_pack, told, until_of
from kpiascode.render.packs.review import review_pack

__all__ = [
    "Pack",
    "closing_pack",
    "goals_of",
    "html",
    "kpis_of",
    "markdown",
    "meeting_pack",
    "plan_pack",
    "recognition_csv",
    "recognition_pack",
    "review_pack",
    "since_of",
    "told",
    "until_of",
]
