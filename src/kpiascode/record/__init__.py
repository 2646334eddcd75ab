"""The ledger: what was told to whom, in files that are written once and never changed.

`announced` says what a publication adds, `chained` holds all publications against each other, `segments`
turns one into the text of a file and back, `store` is the only one that touches the disk.
"""

from kpiascode.record.announced import Announced, Announcement, Change, Restatement, announced
from kpiascode.record.chained import SHOWN, Conflict, Ledger, chained, extended
from kpiascode.record.compared import Difference, difference
from kpiascode.record.segments import CHANNELS, Segment, is_sayable, segment_of
from kpiascode.record.store import Store

__all__ = [
    "CHANNELS",
    "SHOWN",
    "Announced",
    "Announcement",
    "Change",
    "Conflict",
    "Difference",
    "Ledger",
    "Restatement",
    "Segment",
    "Store",
    "announced",
    "chained",
    "difference",
    "extended",
    "is_sayable",
    "segment_of",
]
