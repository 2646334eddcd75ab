"""What changed from one complete period to another."""

from kpiascode.model.assessment import Change
from kpiascode.model.observation import Observation
from kpiascode.model.project import Direction


def change(before: Observation | None, after: Observation | None, direction: Direction) -> Change | None:
    """Compare two complete periods; None when one was not observed or is not complete."""
    if before is None or after is None or not (before.complete and after.complete):
        return None
    if before.value is None or after.value is None:
        return Change(before=before, after=after, difference=None, relative=None, better=None)
    difference = after.value - before.value
    return Change(
        before=before,
        after=after,
        difference=difference,
        relative=difference / abs(before.value) if before.value else None,
        better=_better(difference > 0, direction) if difference else None,
    )


def _better(rose: bool, direction: Direction) -> bool | None:
    match direction:
        case Direction.HIGHER:
            return rose
        case Direction.LOWER:
            return not rose
        case Direction.BAND:
            return None
