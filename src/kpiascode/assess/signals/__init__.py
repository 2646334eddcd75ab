"""Tells signal from noise: natural limits of a process (XmR), rules against them, and what they say."""

from kpiascode.assess.signals.behaviour import behaviour
from kpiascode.assess.signals.standing import Reading, cost, standing

__all__ = ["Reading", "behaviour", "cost", "standing"]
