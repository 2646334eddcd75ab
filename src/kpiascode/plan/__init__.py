"""A question to a `Plan`: which intervals, which scans, which values, which proofs."""

from kpiascode.plan.planner import plan
from kpiascode.plan.reads import datasets_of
from kpiascode.plan.refusals import Unanswerable
from kpiascode.plan.spines import until

__all__ = ["Unanswerable", "datasets_of", "plan", "until"]
