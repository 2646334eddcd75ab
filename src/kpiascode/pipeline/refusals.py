"""How a question ends that has no answer. What the machine did wrong is a `run.engine.EngineError`."""

from collections.abc import Mapping

from kpiascode.model.diagnostic import Diagnostic
from kpiascode.run.engine import EngineError


class WrongQuestion(Exception):
    """A question that has no answer, whatever the data: carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class WrongDefinitions(Exception):
    """Definitions or data that give no right number: carries the findings.

    `sources` is the text of the files by path, for the snippets of messages.
    """

    def __init__(self, diagnostics: tuple[Diagnostic, ...], sources: Mapping[str, str]) -> None:
        super().__init__(f"{len(diagnostics)} findings")
        self.diagnostics = diagnostics
        self.sources = sources


class WrongTemplate(Exception):
    """A team's own template that makes no page: carries the finding, and the texts for its snippet."""

    def __init__(self, diagnostic: Diagnostic, sources: Mapping[str, str]) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.sources = sources


__all__ = ["EngineError", "WrongDefinitions", "WrongQuestion", "WrongTemplate"]
