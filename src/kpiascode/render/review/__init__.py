"""A review of a change, as text, as Markdown for a pull request, as JSON, and as a list for people."""

from kpiascode.render.review.changelog import changelog
from kpiascode.render.review.data import as_json
from kpiascode.render.review.markdown import markdown, marker
from kpiascode.render.review.text import text

__all__ = ["as_json", "changelog", "markdown", "marker", "text"]
