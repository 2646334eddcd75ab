"""The ledger of a project in a test."""

from pathlib import Path

from kpiascode.model.ledger import Publication
from kpiascode.pipeline import ledger


def publications(project: Path) -> tuple[Publication, ...]:
    found = ledger.publications(ledger.store_of(project, None))
    assert found is not None
    return found
