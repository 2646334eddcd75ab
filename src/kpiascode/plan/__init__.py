"""A question to a `Plan`: which intervals, which scans, which values, which proofs."""

from kpiascode.plan.planner import Unanswerable, datasets_of, plan, relationship_paths
from kpiascode.plan.spines import until

__all__ = ["Unanswerable", "datasets_of", "plan", "relationship_paths", "until"]
