"""All probes, by criterion and in the order in which their findings are shown."""

from typing import Final

from kpiascode.assess.probe import Probe
from kpiascode.assess.probes import (
    acknowledged,
    adds_up,
    belongs_to_its_unit,
    carries_weight,
    change_told,
    complete_data_sheet,
    computes_everywhere,
    covers_its_unit,
    drives_a_measure,
    enough_points,
    enough_rows,
    findable,
    fresh_and_complete,
    honest_variant,
    not_a_duplicate,
    not_restated,
    on_its_scorecard,
    one_of_few,
    own_lever,
    plain_words,
    published_on_time,
    reaches_its_audience,
    serves_a_goal,
    told_at_both_levels,
    unit_agrees,
    used_in_decisions,
    varies,
    weasel_words,
    worked_examples,
)

PROBES: Final[tuple[Probe, ...]] = (
    # crucial
    serves_a_goal.PROBE,
    carries_weight.PROBE,
    not_a_duplicate.PROBE,
    drives_a_measure.PROBE,
    used_in_decisions.PROBE,
    one_of_few.PROBE,
    # quantifiable
    computes_everywhere.PROBE,
    complete_data_sheet.PROBE,
    adds_up.PROBE,
    worked_examples.PROBE,
    not_restated.PROBE,
    fresh_and_complete.PROBE,
    enough_points.PROBE,
    unit_agrees.PROBE,
    enough_rows.PROBE,
    weasel_words.PROBE,
    # communicated
    published_on_time.PROBE,
    reaches_its_audience.PROBE,
    told_at_both_levels.PROBE,
    acknowledged.PROBE,
    change_told.PROBE,
    plain_words.PROBE,
    findable.PROBE,
    # relevant
    belongs_to_its_unit.PROBE,
    covers_its_unit.PROBE,
    own_lever.PROBE,
    varies.PROBE,
    on_its_scorecard.PROBE,
    honest_variant.PROBE,
)
