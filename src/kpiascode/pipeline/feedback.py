"""From the export of a feedback round to the document that tells what may be told of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from kpiascode.assess.feedback import summary, withheld
from kpiascode.load.responses import DELIMITERS, MAX_BYTES, read_responses
from kpiascode.model.feedback import Responses
from kpiascode.model.performance import FeedbackRound
from kpiascode.pipeline.packing import BOTH, Packed, files_of
from kpiascode.pipeline.reading import Checked
from kpiascode.pipeline.refusals import WrongDefinitions
from kpiascode.render.locales import written_in
from kpiascode.render.packs.feedback import feedback_pack

__all__ = ["DELIMITERS", "MAX_BYTES", "Summed", "columns", "summed"]

NEEDED: Final = ("respondent", "group")


@dataclass(frozen=True, slots=True)
class Summed:
    """`withheld`: how many answers in words are not told, since they may name somebody. Not for a page."""

    packed: Packed
    withheld: int


def columns(asked: FeedbackRound) -> tuple[str, ...]:
    """Return the columns of an export that are read, or may stand there."""
    more = ("moderated",) if asked.moderated else ()
    return (*NEEDED, *(one.name for one in asked.questions), *more)


def summed(
    checked: Checked,
    asked: FeedbackRound,
    export: bytes,
    *,
    path: str,
    delimiter: str,
    ignored: Collection[str],
) -> Summed:
    """Return what may be told of a round, in all forms.

    It is as of the end of the window, whenever it is made: the same export gives the same bytes.

    Args:
        export: The whole file, or more than `MAX_BYTES` of it.
        path: What findings call it.
        ignored: Columns that are not read.

    Raises:
        WrongDefinitions: The export cannot be read; nothing of it is told.
    """
    found = read_responses(path, export, asked, delimiter=delimiter, ignored=ignored)
    if not isinstance(found, Responses):
        raise WrongDefinitions(found, {})
    persons = tuple(checked.restricted.persons.values())
    settings = checked.project.settings
    with written_in(settings.locale):
        pack = feedback_pack(summary(asked, found, persons), checked.project, checked.restricted)
        packed = files_of(
            {f"feedback-{asked.name}": pack}, settings, datetime.combine(asked.end, time()), BOTH
        )
    return Summed(packed, withheld(asked, found, persons))
