"""The forms in which a scorecard can be told beside its page."""

from enum import Enum


class Form(Enum):
    MARKDOWN = "markdown"
    TEXT = "text"
    EMAIL = "email"
    CSV = "csv"
    JSON = "json"
    PDF = "pdf"
