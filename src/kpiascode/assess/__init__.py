"""Judges what came out: status against targets, change over time, trust in the data, the four criteria.

Pure: `questions` says what the engine must be asked, `assess` says what the answers mean.
"""

from kpiascode.assess.questions import questions
from kpiascode.assess.together import assess

__all__ = ["assess", "questions"]
