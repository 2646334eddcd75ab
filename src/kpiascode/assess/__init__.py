"""Judges what came out: status against targets, change over time, trust in the data, the four criteria.

Pure: `questions` says what the engine must be asked, `assess` says what the answers mean.
`questions_of_plan` and `assess_only` do the same for one improvement plan.
"""

from kpiascode.assess.questions import questions, questions_of_plan
from kpiascode.assess.together import assess, assess_only

__all__ = ["assess", "assess_only", "questions", "questions_of_plan"]
