"""From what numbers mean to one scorecard in another form than its page."""

from kpiascode import __version__, render
from kpiascode.model.assessment import Assessment
from kpiascode.model.report import Form
from kpiascode.render import NoPdf

__all__ = ["NoPdf", "report"]


def report(made: Assessment, scorecard: str, form: Form, site: str | None) -> bytes:
    """Return a scorecard in a form.

    Raises:
        NoPdf: when what makes PDF is not installed.
    """
    return render.report(made, scorecard, form, version=__version__, site=site)
