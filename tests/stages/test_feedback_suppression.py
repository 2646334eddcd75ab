"""Nothing that is told of a feedback round gives away what fewer than `k` people answered: the proof.

A reader knows a system of linear equations: each number that is told is a sum over cells, one for each group and
answer, the empty answer too. By exact elimination it is decided for every set of groups whether anything about
what they answered follows from these equations, by whatever additions, subtractions and multiples. Of a set for
which it does, none or at least `k` have answered, and not all the same.

Sets are sets of people, told by their groups. That one of nine peers answered `never` is no set of one: nothing
that is told says who of the nine it was.

A second proof asks a reader who also knows how this program works, and that nobody is half or less than none:
of all worlds that look the same to him there are always two in which a small group answered otherwise.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, combinations, product
from random import Random
from typing import Final, TypeAlias

import pytest
from feedback_cases import answered, back, feedback_round, piled, question

from kpiascode.assess.feedback import Pile, split, summary
from kpiascode.model.feedback import FeedbackSummary, Response, Split, Told, ToldQuestion
from kpiascode.model.performance import FeedbackRound, Group, Scale

P, R, T, C = Group.PEERS, Group.REPORTS, Group.PARTNERS, Group.CUSTOMERS
S, M = Group.SELF, Group.MANAGER
ALL: Final = (S, M, P, R, T, C)
THREE: Final = Scale(low=1, high=3, labels=())
EMPTY: Final = None
"""The answer of those who took part and left a question empty."""

Cell: TypeAlias = tuple[Group, int | None]
Row: TypeAlias = dict[Cell, Fraction]
Counts: TypeAlias = Mapping[Group, Sequence[int]]


# --- linear algebra, exact


class Known:
    """What follows from equations: sums over cells, in a form in which each row leads with a cell of its own."""

    def __init__(self, sums: Iterable[Iterable[Cell]]) -> None:
        self.rows: dict[Cell, Row] = {}
        for cells in sums:
            self._add(cells)

    def _add(self, cells: Iterable[Cell]) -> None:
        left = self._reduced({cell: Fraction(1) for cell in cells})
        if not left:
            return
        lead = next(iter(left))
        row = {cell: value / left[lead] for cell, value in left.items()}
        for other in self.rows.values():
            if factor := other.get(lead, Fraction(0)):
                _subtract(other, row, factor)
        self.rows[lead] = row

    def _reduced(self, row: Row) -> Row:
        for cell in list(row):
            if cell in self.rows and (factor := row.get(cell, Fraction(0))):
                _subtract(row, self.rows[cell], factor)
        return row

    def says(self, cells: Iterable[Cell]) -> bool:
        """Return whether the sum over cells follows."""
        return not self._reduced({cell: Fraction(1) for cell in cells})


def _subtract(row: Row, other: Row, factor: Fraction) -> None:
    for cell, value in other.items():
        left = row.get(cell, Fraction(0)) - factor * value
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)


def test_the_elimination_finds_what_follows() -> None:
    one, two, three = (P, 1), (R, 1), (T, 1)
    known = Known([[one, two], [two, three], [one, three]])

    assert known.says([one]), "half of the first, less half of the second, and half of the third"
    known = Known([[one, two, three], [three]])
    assert known.says([one, two])
    assert not known.says([one])
    assert not known.says([one, three])


# --- what a reader knows


def told_parts(split_: Split) -> Iterator[Told]:
    yield from (one for one in split_.alone.values() if one is not None)
    yield from (one for one in (split_.rest, split_.whole) if one is not None)


def equations(told: FeedbackSummary, at: int) -> Iterator[tuple[list[Cell], int]]:
    """Yield the sums that are told of one question and of the participation, with their values."""
    asked = told.questions[at]
    assert isinstance(asked, ToldQuestion)
    assert asked.question.scale is not None
    steps = range(asked.question.scale.low, asked.question.scale.high + 1)
    for part in told_parts(asked.split):
        yield [(group, step) for group in part.groups for step in steps], part.number
        for step, count in zip(steps, part.counts, strict=True):
            yield [(group, step) for group in part.groups], count
    for part in told_parts(told.participation):
        yield [(group, step) for group in part.groups for step in (*steps, EMPTY)], part.number


def sets(groups: Sequence[Group]) -> Iterator[tuple[Group, ...]]:
    return chain.from_iterable(combinations(groups, size) for size in range(1, len(groups) + 1))


def truth(rows: Sequence[Response], name: str) -> dict[Cell, int]:
    found: dict[Cell, int] = defaultdict(int)
    for one in rows:
        if one.answers:
            found[one.group, one.answers.get(name)] += 1
    return found


def violations(asked: FeedbackRound, rows: Sequence[Response], told: FeedbackSummary) -> list[str]:
    """Return everything that a reader learns and must not, by exact elimination over all sets of groups."""
    found = []
    for at, one in enumerate(asked.questions):
        assert one.scale is not None
        steps = range(one.scale.low, one.scale.high + 1)
        cells = truth(rows, one.name)
        rules = list(equations(told, at))
        for some, number in rules:
            assert sum(cells[cell] for cell in some) == number, "what is told is true"
        known = Known(some for some, _ in rules)
        for chosen in sets(asked.groups):
            counts = [sum(cells[group, step] for group in chosen) for step in steps]
            who = f"{one.name}: {[group.value for group in chosen]}"
            if any(known.says((group, step) for group in chosen) for step in steps):
                if 0 < sum(counts) < asked.k:
                    found.append(f"{who}: what {sum(counts)} answered")
                elif sum(counts) and max(counts) == sum(counts):
                    found.append(f"{who}: all the same")
            if known.says((group, step) for group in chosen for step in steps) and 0 < sum(counts) < asked.k:
                found.append(f"{who}: how many answered")
            took_part = sum(counts) + sum(cells[group, EMPTY] for group in chosen)
            if (
                known.says((group, step) for group in chosen for step in (*steps, EMPTY))
                and 0 < took_part < asked.k
            ):
                found.append(f"{who}: how many took part")
    return found


def across(asked: FeedbackRound, rows: Sequence[Response], told: FeedbackSummary) -> list[str]:
    """Return which small numbers follow from all questions together, where everybody answered every one."""
    known = Known(
        [(group, 0) for group in part.groups]
        for found in (
            told.participation,
            *(one.split for one in told.questions if isinstance(one, ToldQuestion)),
        )
        for part in told_parts(found)
    )
    sizes = {group: sum(one.group is group for one in rows) for group in asked.groups}
    return [
        f"{[group.value for group in chosen]}"
        for chosen in sets(asked.groups)
        if known.says((group, 0) for group in chosen) and 0 < sum(sizes[group] for group in chosen) < asked.k
    ]


def learnt(counts: Counts, k: int = 5, scale: Scale = THREE) -> list[str]:
    asked = feedback_round(*counts, questions=[question("reliable", scale)], k=k)
    rows = piled(counts)
    return violations(asked, rows, summary(asked, back(*rows)))


# --- by hand


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param({P: (2, 3, 4)}, id="one group"),
        pytest.param({P: (1, 1, 1)}, id="one group that is too small"),
        pytest.param({P: (4, 3, 2), R: (1, 1, 1)}, id="a small one beside a large one"),
        pytest.param({P: (4, 3, 2), R: (3, 2, 2), T: (1, 1, 1)}, id="a small one beside two large ones"),
        pytest.param(
            {P: (4, 3, 2), R: (2, 1, 1), T: (1, 1, 1)}, id="two small ones that are enough together"
        ),
        pytest.param({P: (4, 3, 2), R: (1, 0, 1), T: (0, 1, 1)}, id="two small ones that are not"),
        pytest.param({P: (4, 3, 2), R: (1, 0, 0), T: (0, 1, 0), C: (0, 0, 1)}, id="three of one each"),
        pytest.param({P: (4, 3, 2), R: (0, 0, 0)}, id="nobody of a group"),
        pytest.param({P: (2, 2, 1), R: (2, 2, 1), T: (2, 2, 0)}, id="one short of it"),
        pytest.param({P: (0, 9, 0), R: (3, 2, 2), T: (2, 2, 2)}, id="all of a group agree"),
        pytest.param({P: (0, 9, 0), R: (0, 7, 0)}, id="everybody agrees"),
        pytest.param({P: (4, 3, 2), R: (0, 3, 0), T: (0, 2, 0)}, id="the small ones agree"),
        pytest.param({S: (1, 0, 0), M: (0, 1, 0), P: (4, 3, 2), R: (2, 2, 2)}, id="about a person"),
        pytest.param({S: (1, 0, 0), P: (1, 3, 0)}, id="one and a few"),
        pytest.param({S: (3, 3, 0), M: (1, 0, 0), P: (4, 3, 2)}, id="a unit of six"),
        pytest.param({P: (9, 9, 9), R: (1, 0, 0)}, id="one beside many"),
    ],
)
def test_no_subtraction_gives_a_small_set(counts: Counts) -> None:
    assert learnt(counts) == []


def test_the_smallest_large_group_hides_with_a_small_one() -> None:
    told = split((P, R, T), {P: Pile(9, (9, 0)), R: Pile(6, (3, 3)), T: Pile(2, (1, 1))}, 5)

    assert told.alone[R] is told.alone[T] is None
    assert told.rest == Told((R, T), 8, (4, 4))


@pytest.mark.parametrize(
    "naive",
    [
        pytest.param("all together", id="a small group and the sum of all"),
        pytest.param("same", id="a group that agrees"),
        pytest.param("rest", id="small groups together"),
    ],
)
def test_the_proof_finds_what_a_careless_summary_gives_away(naive: str) -> None:
    """Without complementary suppression this proof fails."""
    counts: Counts = {P: (4, 3, 2), R: (0, 6, 0), T: (1, 1, 1)}
    asked = feedback_round(P, R, T, questions=[question("reliable", THREE)])
    rows = piled(counts)
    told = {group: Told((group,), sum(some), tuple(some)) for group, some in counts.items()}
    together = Told((P, R, T), 18, (5, 10, 3))
    nothing = Split(alone=dict.fromkeys((P, R, T)), rest=None, whole=None)
    careless = {
        "all together": Split(alone={P: told[P], R: told[R], T: None}, rest=None, whole=together),
        "same": Split(alone={P: told[P], R: told[R], T: None}, rest=None, whole=None),
        "rest": Split(alone={P: told[P], R: None, T: None}, rest=told[T], whole=None),
    }[naive]
    (one,) = asked.questions

    found = violations(
        asked,
        rows,
        FeedbackSummary(round=asked, participation=nothing, questions=(ToldQuestion(one, careless),)),
    )

    assert found


def test_what_is_left_out_of_an_empty_answer_is_told_of_a_whole_group() -> None:
    """Seven took part and five answered: that two did not says nothing of what these two answered elsewhere."""
    questions = [question("one", THREE), question("two", THREE)]
    asked = feedback_round(P, questions=questions)
    rows = [answered(P, one=1 + n % 3, two=1 + n % 2) for n in range(5)]
    rows += [answered(P, one=3), answered(P, one=2)]
    told = summary(asked, back(*rows))
    both = [(first, second) for first in (1, 2, 3) for second in (1, 2, 3, EMPTY)]
    # Here a cell is a pair of answers to both questions; what is told are sums over one of the two.
    index = {pair: (P, at) for at, pair in enumerate(both)}
    first, second = (one.split.alone[P] for one in told.questions if isinstance(one, ToldQuestion))
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (7, 5)
    known = Known(
        [
            [index[pair] for pair in both],
            *([index[pair] for pair in both if pair[0] == step] for step in (1, 2, 3)),
            *([index[pair] for pair in both if pair[1] == step] for step in (1, 2, 3)),
        ]
    )

    assert known.says(index[pair] for pair in both if pair[1] is EMPTY), "that it was two"
    assert not any(known.says([index[step, EMPTY]]) for step in (1, 2, 3)), "and not what they said"


# --- at random


def thrown(
    dice: Random, groups: Sequence[Group], questions: int, top: int, skipping: float
) -> list[Response]:
    rows = []
    for group in groups:
        for _ in range(dice.choice((0, 1, 2, 3, 4, 5, 6, dice.randrange(top)))):
            agreed = dice.choice((None, None, None, 2))
            rows.append(
                answered(
                    group,
                    **{
                        f"q{at}": agreed or dice.randint(1, 3)
                        for at in range(questions)
                        if dice.random() >= skipping
                    },
                )
            )
    dice.shuffle(rows)
    return rows


@pytest.mark.parametrize("seed", range(300))
def test_no_subtraction_gives_a_small_set_at_random(seed: int) -> None:
    dice = Random(seed)
    groups = dice.sample(ALL, dice.randint(1, 5))
    questions = [question(f"q{at}", THREE) for at in range(dice.randint(1, 3))]
    asked = feedback_round(*groups, questions=questions, k=dice.randint(3, 6))
    rows = thrown(dice, groups, len(questions), 12, dice.choice((0, 0.1, 0.5)))

    assert violations(asked, rows, summary(asked, back(*rows))) == []


@pytest.mark.parametrize("seed", range(100))
def test_questions_that_hide_different_groups_give_no_small_number_together(seed: int) -> None:
    """Everybody answers everything here, so that numbers of one question can be taken from those of another."""
    dice = Random(seed)
    groups = dice.sample(ALL, dice.randint(2, 6))
    questions = [question(f"q{at}", THREE) for at in range(4)]
    asked = feedback_round(*groups, questions=questions, k=4)
    rows = thrown(dice, groups, 4, 12, 0)
    told = summary(asked, back(*rows))

    assert across(asked, rows, told) == []
    assert violations(asked, rows, told) == []


@pytest.mark.parametrize("seed", range(60))
def test_every_sum_and_difference_of_what_is_told(seed: int) -> None:
    """The same by brute force: each number is taken once, subtracted once, or left out, in every combination."""
    dice = Random(seed)
    groups = dice.sample((P, R, T, C), dice.randint(1, 4))
    piles = {}
    for group in groups:
        counts = tuple(dice.choice((0, 0, 1, 2, 3)) for _ in range(3))
        piles[group] = Pile(sum(counts), counts)
    k = dice.randint(3, 5)
    parts = list(told_parts(split(groups, piles, k)))

    for signs in product((-1, 0, 1), repeat=len(parts)):
        taken = {
            group: sum(sign for sign, part in zip(signs, parts, strict=True) if group in part.groups)
            for group in groups
        }
        if not set(taken.values()) <= {0, 1} or not any(taken.values()):
            continue
        counts = [
            sum(sign * part.counts[step] for sign, part in zip(signs, parts, strict=True))
            for step in range(3)
        ]
        assert sum(counts) == 0 or sum(counts) >= k
        assert sum(counts) == 0 or max(counts) < sum(counts)


# --- who knows how it is done


@pytest.mark.parametrize(
    ("groups", "steps", "top", "k"),
    [
        ((P, R), 2, 6, 3),
        ((P, R, T), 2, 5, 3),
        ((P, R), 3, 5, 3),
        ((P, R, T, C), 2, 3, 2),
        ((S, P, R), 2, 4, 3),
    ],
)
def test_who_knows_the_rules_learns_no_answer_of_a_small_group(
    groups: tuple[Group, ...], steps: int, top: int, k: int
) -> None:
    """Of all worlds in which the same is told there are some in which a small group answered otherwise.

    Nor is it ever certain of all in a group of which nothing is told that they gave one answer.
    """
    piles = [
        Pile(sum(counts), counts) for counts in product(range(top + 1), repeat=steps) if sum(counts) <= top
    ]
    worlds: dict[str, list[tuple[Pile, ...]]] = defaultdict(list)
    for world in product(piles, repeat=len(groups)):
        worlds[repr(split(groups, dict(zip(groups, world, strict=True)), k))].append(world)
    for alike in worlds.values():
        told = split(groups, dict(zip(groups, alike[0], strict=True)), k)
        for at, group in enumerate(groups):
            if told.alone[group] is not None:
                continue
            possible = {world[at] for world in alike}
            if any(0 < pile.number < k for pile in possible):
                assert len({pile.counts for pile in possible}) > 1, (told, possible)
            for step in range(steps):
                assert not all(pile.number and pile.counts[step] == pile.number for pile in possible)


def test_what_people_answered_decides_on_no_part() -> None:
    """Which groups are told together hangs on how many answered alone."""
    dice = Random(0)
    for _ in range(300):
        numbers = {group: dice.randrange(9) for group in (P, R, T, C)}
        seen = set()
        for _ in range(10):
            piles = {}
            for group, number in numbers.items():
                low = dice.randint(0, number)
                piles[group] = Pile(number, (low, number - low))
            told = split((P, R, T, C), piles, 4)
            if told.rest is not None:
                seen.add(told.rest.groups)
        assert len(seen) <= 1


def test_no_sum_holds_those_who_read_it() -> None:
    """They know what they answered themselves, and would take it away."""
    for seed in range(100):
        dice = Random(seed)
        told = split(ALL, {group: Pile(dice.randrange(12)) for group in ALL}, 5)
        for part in (told.rest, told.whole):
            assert part is None or not {S, M}.intersection(part.groups)


def test_a_group_that_did_not_take_part_in_numbers_is_told_of_no_question() -> None:
    """Else who sees five of B answer here and eight of A and B take part knows that A are three at the most."""
    asked = feedback_round(P, R, T, questions=[question("one", THREE), question("two", THREE)])
    rows = [answered(P, one=1 + n % 3) for n in range(3)]
    rows += [answered(R, one=1 + n % 3, two=1 + n % 3) for n in range(5)]
    rows += [answered(T, one=1 + n % 3, two=1 + n % 3) for n in range(6)]
    told = summary(asked, back(*rows))
    two = told.questions[1]
    assert isinstance(two, ToldQuestion)

    assert {group for group, one in told.participation.alone.items() if one} == {T}
    assert {group for group, one in two.split.alone.items() if one} == {T}
    assert two.split.rest == Told((P, R), 5, (2, 2, 1))


def test_what_a_part_says_that_agrees_follows_from_nothing() -> None:
    """A group that agrees is not told, and neither is the sum from which the others could be taken."""
    piles = {P: Pile(9, (4, 5)), R: Pile(7, (0, 7)), T: Pile(8, (3, 5))}
    told = split((P, R, T), piles, 5)

    assert told.alone == {P: Told((P,), 9, (4, 5)), R: None, T: Told((T,), 8, (3, 5))}
    assert told.rest is None
    assert told.whole is None
