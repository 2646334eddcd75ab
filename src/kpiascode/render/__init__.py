"""An assessment in, a static site out: pages that work offline, without script, on paper and in the dark."""

from kpiascode.render.environment import BrokenTemplate
from kpiascode.render.reports import NoPdf, report
from kpiascode.render.site import check_templates, render

__all__ = ["BrokenTemplate", "NoPdf", "check_templates", "render", "report"]
