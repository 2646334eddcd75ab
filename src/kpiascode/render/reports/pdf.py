"""A scorecard as PDF: its own page, as it would be printed. WeasyPrint makes it, which is an extra."""

import re
from typing import Any, Final

from kpiascode.model.assessment import Assessment
from kpiascode.render import links
from kpiascode.render.site import render_scorecard

HOW: Final = "PDF needs WeasyPrint: pip install 'kpiascode[pdf]'"
_LINK: Final = re.compile(' href="[^#"][^"]*"')
"""To another page. No text of a user looks like it: there a quote is `&#34;`."""

PAPER: Final = (
    ".legend .columns { grid-template-columns: repeat(4, minmax(0, 1fr)) !important; gap: 0 24px !important }"
    ".samples li { white-space: nowrap !important }"
)
"""In the place of what WeasyPrint does not understand of the style sheet."""


class NoPdf(Exception):
    """What makes PDF is not there. Carries what to do."""


def pdf(assessment: Assessment, scorecard: str, version: str, site: str | None) -> bytes:
    """Return the page on paper. Its links lead to `site`; without one they lead nowhere.

    Raises:
        NoPdf: when WeasyPrint or a library of the system that it needs is not installed.
    """
    weasyprint = _weasyprint()
    text = render_scorecard(assessment, scorecard, version=version).text
    paper = weasyprint.HTML(
        string=text if site is not None else _LINK.sub("", text),
        base_url=None if site is None else f"{site}{links.scorecard_page(scorecard)}",
        url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=()),  # a page holds all that it needs
    )
    made: bytes = paper.write_pdf(pdf_tags=True, stylesheets=[weasyprint.CSS(string=PAPER)])
    return made


def _weasyprint() -> Any:
    try:
        import weasyprint
    except ImportError:
        raise NoPdf(f"{HOW}.") from None
    except OSError as error:  # it is there, and a library that it loads is not
        missing = str(error).splitlines()[0]
        raise NoPdf(f"{HOW}, and the libraries of Pango on this system ({missing}).") from None
    return weasyprint
