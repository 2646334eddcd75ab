"""Judges what came out: status against targets, change over time, trust in the data, the four criteria.

Pure: `questions` says what the engine must be asked, `assess` says what the answers mean.
`questions_of_plan` and `plan_alone` do the same for one improvement plan; `questions_of`, `goals_alone` and
`segments_alone` for some goals and KPIs.
"""

from kpiascode.assess.alone import goals_alone, plan_alone, segments_alone
from kpiascode.assess.questions import questions, questions_of, questions_of_plan
from kpiascode.assess.together import assess

__all__ = [
    "assess",
    "goals_alone",
    "plan_alone",
    "questions",
    "questions_of",
    "questions_of_plan",
    "segments_alone",
]
