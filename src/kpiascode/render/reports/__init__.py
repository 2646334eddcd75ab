"""One scorecard in other forms than its page: for a chat, a mail, a program, a spreadsheet, on paper.

They say what the page says, since they are made of the same content. None knows a clock or the machine: the
same assessment gives the same bytes.
"""

from typing import assert_never

from kpiascode.model.assessment import Assessment
from kpiascode.model.report import Form
from kpiascode.render.download import download
from kpiascode.render.locales import written_in
from kpiascode.render.reports.data import data
from kpiascode.render.reports.email import email
from kpiascode.render.reports.markdown import markdown
from kpiascode.render.reports.pdf import NoPdf, pdf
from kpiascode.render.reports.summary import summary
from kpiascode.render.reports.text import text

__all__ = ["NoPdf", "report"]


def report(assessment: Assessment, scorecard: str, form: Form, *, version: str, site: str | None) -> bytes:
    """Return a scorecard in a form.

    Args:
        scorecard: Its name.
        version: Of the program, for the provenance.
        site: Where the site can be read, ending in a slash; None: nothing leads anywhere.

    Raises:
        NoPdf: when what makes PDF is not installed.
    """
    declared = assessment.project.scorecards[scorecard]
    read = assessment.read_by(declared.grain)
    with written_in(assessment.project.settings.locale):
        match form:
            case Form.MARKDOWN:
                made = markdown(summary(declared, read, version, site))
            case Form.TEXT:
                made = text(summary(declared, read, version, site))
            case Form.EMAIL:
                made = email(summary(declared, read, version, site))
            case Form.CSV:
                made = download(declared, read)
            case Form.JSON:
                made = data(declared, read, version)
            case Form.PDF:
                return pdf(assessment, scorecard, version, site)
            case _:
                assert_never(form)
    return made.encode()
