"""Charts: where things are drawn, and what they promise to everybody who cannot see them."""

import re
from decimal import Decimal
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from kpiascode.model.project import Measure
from kpiascode.render.charts.aim import Aim
from kpiascode.render.charts.bars import bar, shared
from kpiascode.render.charts.bullet import bullet, domain
from kpiascode.render.charts.grades import Level as Full
from kpiascode.render.charts.grades import Mark, grades
from kpiascode.render.charts.lines import Below, Drawing, Level, Natural, Notes, Sign, Way, line_chart
from kpiascode.render.charts.progress import progress_bar
from kpiascode.render.charts.scale import Scale, extent, kept_apart, ticks, with_zero
from kpiascode.render.charts.series import Point, runs, steps
from kpiascode.render.charts.sparkline import Usual, sparkline
from kpiascode.render.charts.svg import Ink, coordinate, width_of
from kpiascode.render.numbers import axis

COUNT = Measure(name="count")
UNBOUND = (None, None)


def parsed(drawn: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(str(drawn))


def of_class(drawn: Markup, name: str) -> list[ElementTree.Element]:
    return [one for one in parsed(drawn).iter() if name in one.get("class", "").split()]


def number(element: ElementTree.Element, *names: str) -> tuple[float, ...]:
    return tuple(float(element.get(name, "nan")) for name in names)


def points(text: str) -> tuple[Point, ...]:
    """Read `1 - 2 (3)`: a value, a gap, a value, the running period."""
    return tuple(
        Point(None if word == "-" else Decimal(word.strip("()")), complete="(" not in word)
        for word in text.split()
    )


# --- scales


def test_a_scale_maps_its_ends_to_its_ends() -> None:
    y = Scale(Decimal(0), Decimal(10), 100, 0)

    assert [y(Decimal(v)) for v in (0, 5, 10)] == [100, 50, 0]
    assert [y.clipped(Decimal(v)) for v in (-5, 15)] == [100, 0]


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        pytest.param("", "0", "1", id="without values there is still a scale"),
        pytest.param("0 0", "0", "1", id="nothing but zeros"),
        pytest.param("5 5", "4.5", "5.5", id="one value gets room on both sides"),
        pytest.param("-5", "-5.5", "-4.5", id="a negative one too"),
        pytest.param("2 8 4", "2", "8", id="the smallest and the largest"),
    ],
)
def test_the_extent_of_values(values: str, low: str, high: str) -> None:
    assert extent([Decimal(v) for v in values.split()]) == (Decimal(low), Decimal(high))


def test_zero_joins_a_range_that_is_not_much_shorter_than_its_distance() -> None:
    def joined(low: int, high: int) -> tuple[Decimal, Decimal]:
        return with_zero(Decimal(low), Decimal(high))

    assert joined(3, 9) == (0, 9)
    assert joined(90, 99) == (90, 99)
    assert joined(-9, -3) == (-9, 0)
    assert joined(-9, 3) == (-9, 3)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        pytest.param("0", "9", "0 2 4 6 8 10", id="steps of two"),
        pytest.param("0.399", "0.472", "0.38 0.40 0.42 0.44 0.46 0.48", id="small steps"),
        pytest.param("-3", "17", "-5 0 5 10 15 20", id="zero is among them"),
        pytest.param("0", "12400000000", "0 2.5E+9 5E+9 7.5E+9 1E+10 1.25E+10", id="large ones"),
    ],
)
def test_ticks_are_round(low: str, high: str, found: str) -> None:
    assert ticks(Decimal(low), Decimal(high), 6) == tuple(Decimal(v) for v in found.split())


def test_things_that_are_counted_have_whole_ticks() -> None:
    assert ticks(Decimal(0), Decimal("1.2"), 6, whole=True) == (0, 1, 2)
    assert ticks(Decimal(0), Decimal(9), 5, whole=True) == (0, 5, 10)


FINITE = st.decimals(min_value=-(10**15), max_value=10**15, places=6)


@given(FINITE, FINITE, st.integers(3, 12), st.booleans())
def test_ticks_reach_around_the_range_evenly_and_are_not_too_many(
    one: Decimal, other: Decimal, most: int, whole: bool
) -> None:
    low, high = extent([one, other])

    marks = ticks(low, high, most, whole=whole)

    assert marks[0] <= low
    assert high <= marks[-1]
    assert 2 <= len(marks) <= most
    assert len({b - a for a, b in pairwise(marks)}) == 1
    assert not whole or all(mark == mark.to_integral_value() for mark in marks)


def test_labels_that_are_close_are_moved_apart_around_their_middle() -> None:
    assert kept_apart([50, 52, 90], 16, 0, 100) == (43, 59, 90)
    assert kept_apart([0, 0], 16, 0, 100) == (0, 16)  # never above the top
    assert kept_apart([100, 99], 16, 0, 100) == (100, 84)  # nor below the bottom; the order stays
    assert kept_apart([], 16, 0, 100) == ()


@given(st.lists(st.floats(0, 300), max_size=8))
def test_labels_never_overlap_and_stay_inside_where_there_is_room(wanted: list[float]) -> None:
    places = sorted(kept_apart(wanted, 17, 0, 300))

    assert all(b - a >= 16.99 for a, b in pairwise(places))
    assert all(-0.01 <= place <= 300.01 for place in places)


# --- series


def test_a_gap_breaks_a_series() -> None:
    assert runs([Decimal(1), None, Decimal(2), Decimal(3)]) == (((0, 1),), ((2, 2), (3, 3)))
    assert steps([None, Decimal(2)]) == (((0.5, 2), (1.5, 2)),)


# --- sparkline


def paths(drawn: Markup, ink: str = "s-trace") -> list[str]:
    return [one.get("d", "") for one in of_class(drawn, ink) if one.tag == "path"]


def test_a_sparkline_fills_its_picture() -> None:
    drawn = sparkline(points("0 10"), label="x", width=110, height=30)

    assert paths(drawn) == ["M5 25L105 5"]


def test_a_gap_breaks_the_line_and_a_lone_value_is_a_dot() -> None:
    drawn = sparkline(points("0 10 - 5 - 10 0"), label="x", width=70, height=30)

    assert paths(drawn) == ["M5 25L15 5", "M55 5L65 25"]
    assert number(of_class(drawn, "f-trace")[0], "cx", "cy") == (35, 15)


def test_the_last_complete_value_is_marked_and_the_running_one_is_hollow_and_unconnected() -> None:
    drawn = sparkline(points("0 10 (5)"), label="x", width=110, height=30)

    (last,) = of_class(drawn, "f-ink")
    (part,) = of_class(drawn, "f-paper")
    assert number(last, "cx", "cy") == (55, 5)
    assert number(part, "cx", "cy") == (105, 15)
    assert paths(drawn) == ["M5 25L55 5"]


def test_a_running_value_far_away_does_not_flatten_the_line_but_points_there() -> None:
    drawn = sparkline(points("100 110 (3)"), label="x", width=110, height=30)

    assert paths(drawn)[0] == "M5 25L55 5"
    assert not [one for one in of_class(drawn, "f-paper") if one.tag == "circle"]
    assert [one.tag for one in of_class(drawn, "f-paper")] == ["path"]


def test_a_target_is_a_thin_line_where_it_holds() -> None:
    drawn = sparkline(
        points("0 10 0"), levels=[(None, Decimal(5), Decimal(5))], label="x", width=110, height=30
    )

    assert paths(drawn, "s-soft") == ["M30 15L80 15L80 15L109 15"]


@pytest.mark.parametrize(("target", "tip"), [(1000, "1"), (-1000, "29")])
def test_a_target_far_away_is_an_arrowhead_on_its_side(target: int, tip: str) -> None:
    drawn = sparkline(points("0 10 0"), levels=[(Decimal(target),) * 3], label="x", width=110, height=30)

    (arrow,) = of_class(drawn, "f-soft")
    assert arrow.get("d", "").rstrip("Z").endswith(f" {tip}")


def test_a_series_without_values_is_a_dotted_line() -> None:
    drawn = sparkline(points("- - -"), label="no values")

    assert paths(drawn) == []
    assert len(of_class(drawn, "s-soft")) == 1


# --- bullet

AT_LEAST_10 = Aim(low=Decimal(10), high=None, tolerance=Decimal(2))


def test_a_bullet_has_a_bar_from_zero_ranges_and_a_target() -> None:
    drawn = bullet(Decimal(6), label="x", aim=AT_LEAST_10, target=[Decimal(10)], width=112, height=24)

    low, high, from_zero = domain(Decimal(6), [Decimal(10), Decimal(8), Decimal(10)], UNBOUND)
    assert (low, high.quantize(Decimal("0.01")), from_zero) == (0, Decimal("10.83"), True)
    (measure,) = of_class(drawn, "f-trace")
    assert number(measure, "x", "width") == (6, pytest.approx(100 * 6 / 10.833, abs=0.1))
    assert [of_class(drawn, f"f-{ink}")[0].get("x") for ink in ("dark", "middle", "light")] == [
        "6",
        coordinate(6 + 100 * 8 / (10 * 13 / 12)),
        coordinate(6 + 100 * 10 / (10 * 13 / 12)),
    ]


def test_where_lower_is_better_the_dark_range_is_on_the_right() -> None:
    at_most = Aim(low=None, high=Decimal(10), tolerance=Decimal(0))
    drawn = bullet(Decimal(15), label="x", aim=at_most, target=[Decimal(10)], width=112, height=24)

    (light,) = of_class(drawn, "f-light")
    assert light.get("x") == "6"
    assert number(light, "width")[0] < 100


def test_a_band_has_two_marks() -> None:
    inside = Aim(low=Decimal(38), high=Decimal(46), tolerance=Decimal(2))
    drawn = bullet(Decimal(41), label="x", aim=inside, target=[Decimal(38), Decimal(46)])

    assert len(of_class(drawn, "f-ink")) == 2


def test_the_measure_is_a_dot_where_the_scale_does_not_start_at_zero() -> None:
    low, _, from_zero = domain(Decimal("99.5"), [Decimal("99.9")], UNBOUND)
    drawn = bullet(Decimal("99.5"), label="x", aim=None, target=[Decimal("99.9")])

    assert low > 90
    assert not from_zero
    assert [one.tag for one in of_class(drawn, "f-trace")] == ["circle"]


def test_a_scale_never_passes_what_is_possible() -> None:
    _, high, _ = domain(Decimal("0.93"), [Decimal("0.98")], (Decimal(0), Decimal(1)))

    assert high == 1


def test_a_value_beyond_the_scale_is_an_arrow() -> None:
    _, high, _ = domain(Decimal(1000), [Decimal(10)], UNBOUND)
    drawn = bullet(Decimal(1000), label="x", aim=AT_LEAST_10, target=[Decimal(10)])

    assert high < 30
    assert [one.tag for one in of_class(drawn, "f-trace")] == ["rect", "path"]


def test_a_negative_value_goes_left_from_zero() -> None:
    drawn = bullet(Decimal(-5), label="x", aim=None, target=[Decimal(5)], width=112, height=24)

    (measure,) = of_class(drawn, "f-trace")
    left, width = number(measure, "x", "width")
    assert left + width == pytest.approx(56, abs=0.1)  # zero is in the middle of -5 to 5


def test_no_value_draws_no_measure() -> None:
    assert of_class(bullet(None, label="x", aim=AT_LEAST_10, target=[Decimal(10)]), "f-trace") == []


def test_nothing_at_all_is_still_a_picture() -> None:
    assert parsed(bullet(Decimal(0), label="x", aim=None)).tag == "svg"


# --- progress, bars, grades


@pytest.mark.parametrize(
    ("done", "width", "arrows"),
    [
        pytest.param("0.5", 50, 0, id="half way"),
        pytest.param("0", 0, 0, id="at the start"),
        pytest.param("1.4", 100, 1, id="too far is an arrow"),
        pytest.param("-0.2", 0, 1, id="the wrong way too"),
    ],
)
def test_progress(done: str, width: float, arrows: int) -> None:
    drawn = progress_bar(Decimal(done), None, label="x", width=114)

    shapes = of_class(drawn, "f-trace")
    assert number(shapes[0], "x", "width") == (7, width)
    assert len(shapes) == 1 + arrows


def test_the_mark_of_what_is_expected_stands_where_it_should_be() -> None:
    drawn = progress_bar(None, Decimal("0.8"), label="x", width=114)

    (mark,) = of_class(drawn, "f-ink")
    assert sum(number(mark, "x")) + number(mark, "width")[0] / 2 == pytest.approx(87, abs=0.1)


def test_bars_share_a_scale_that_holds_zero() -> None:
    reach = shared([Decimal(5), None, Decimal(10)])
    half = bar(Decimal(5), reach, label="x", width=102)

    assert reach == (0, 10)
    assert number(of_class(half, "f-trace")[0], "x", "width") == (1, 50)
    assert of_class(bar(None, reach, label="x"), "f-trace") == []


def test_a_grade_is_as_long_as_it_is_good_and_a_failed_one_fills_its_tile() -> None:
    marks = [
        Mark("Aa", Full.FULL),
        Mark("Bb", Full.LITTLE),
        Mark("Cc", Full.FAILED),
        Mark("Dd", Full.UNKNOWN),
    ]
    drawn = grades(marks, label="x")

    lengths = [number(one, "width")[0] for one in of_class(drawn, "f-good") if one.tag == "rect"]
    assert lengths == [27]
    assert [number(one, "width")[0] for one in of_class(drawn, "f-watch") if one.tag == "rect"] == [9]
    assert [number(one, "width", "height") for one in of_class(drawn, "f-act")] == [(27, 27)]
    assert [one.text for one in parsed(drawn).iter("text")] == ["Aa", "Bb", "Cc", "Dd"]


# --- the line chart


def months(count: int) -> tuple[Below, ...]:
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return tuple(Below(names[at % 12], str(2024 + at // 12), at % 12) for at in range(count))


def drawing(text: str, **more: object) -> Drawing:
    series = points(text)
    made: dict[str, object] = {
        "points": series,
        "below": months(len(series)),
        "axis": lambda marks: axis(marks, COUNT),
        "last": "last",
        "part": "so far",
        **more,
    }
    return Drawing(**made)  # type: ignore[arg-type]


def chart(made: Drawing, *, width: int = 600, notes: Notes = Notes.BESIDE) -> Markup:
    return line_chart(made, label="x", width=width, height=300, kind="chart", notes=notes)


def test_the_line_breaks_at_gaps_and_leaves_the_running_period_alone() -> None:
    drawn = chart(drawing("1 2 - 3 4 (1)"))

    lines = [d for d in paths(drawn) if d.count("L") == 1]
    assert len(lines) == 2
    assert len(of_class(drawn, "f-paper")) == 1
    assert len(of_class(drawn, "f-ink")) == 2  # the mark of the last complete value, and its words


def test_targets_are_steps() -> None:
    level = Level((Decimal(1), Decimal(1), Decimal(2)), "target 2")
    drawn = chart(drawing("1 2 3", levels=(level,)))

    (step,) = [one for one in of_class(drawn, "s-ink") if one.tag == "path"]
    heights = re.findall(r" ([\d.]+)", step.get("d", ""))
    assert heights[0] == heights[1] == heights[2] == heights[3] != heights[4] == heights[5]


def test_the_axis_goes_on_to_the_bound_and_not_past_it() -> None:
    drawn = chart(drawing("80 98", bounds=(Decimal(0), Decimal(100))))

    assert "100" in texts(drawn)
    assert "105" not in texts(drawn)


def texts(drawn: Markup) -> list[str]:
    return [one.text or "" for one in parsed(drawn).iter("text")]


def boxes(drawn: Markup) -> list[tuple[float, float, float, float]]:
    """Return the boxes of all texts by the same estimate as the chart's."""
    found = []
    for one in parsed(drawn).iter("text"):
        x, y, size = number(one, "x", "y", "font-size")
        width = width_of(one.text or "", size)
        left = {"start": x, "middle": x - width / 2, "end": x - width}[one.get("text-anchor", "start")]
        found.append((left, y - size * 0.75, left + width, y + size * 0.2))
    return found


def overlapping(drawn: Markup) -> list[tuple[object, object]]:
    return [
        (a, b)
        for a, b in combinations(boxes(drawn), 2)
        if a[0] < b[2] - 0.5 and b[0] < a[2] - 0.5 and a[1] < b[3] - 0.5 and b[1] < a[3] - 0.5
    ]


NAMES = ("usual, at most 1,234,567", "mean 1,234,567", "usual, at least 1,234,567")


def usual(
    start: int, end: int, lower: int | Decimal, upper: int | Decimal, *, names: tuple[str, ...] = ()
) -> Natural:
    low, high = Decimal(lower), Decimal(upper)
    return Natural(start=start, end=end, mean=(low + high) / 2, lower=low, upper=high, names=names)


def bands(drawn: Markup) -> list[tuple[float, float, float, float]]:
    return [number(one, "x", "y", "width", "height") for one in of_class(drawn, "f-light")]


def test_what_is_usual_is_a_band_behind_the_line_with_its_numbers_at_the_end() -> None:
    drawn = chart(drawing("5 6 4 5", natural=(usual(0, 3, 2, 8, names=NAMES),)))

    [(_, top, _, height)] = bands(drawn)
    dashes = [one for one in of_class(drawn, "s-dark") if one.get("stroke-dasharray")]
    assert [number(one, "y1")[0] for one in dashes] == [top, pytest.approx(top + height, abs=0.2)]
    assert set(NAMES) <= set(texts(drawn))


def test_a_band_is_never_drawn_where_no_value_can_be() -> None:
    drawn = chart(drawing("5 6 4 5", natural=(usual(0, 3, -2, 12),), bounds=(Decimal(0), Decimal(10))))

    [(_, _, _, height)] = bands(drawn)
    assert "-2" not in " ".join(texts(drawn))
    free = [(_, _, _, h)] = bands(chart(drawing("5 6 4 5", natural=(usual(0, 3, 0, 10),))))
    assert free
    assert height == h


def test_each_process_has_a_band_of_its_own() -> None:
    drawn = chart(drawing("1 2 1 9 8 9", natural=(usual(3, 5, 7, 10), usual(0, 2, 0, 3))))

    newest, before = bands(drawn)
    assert before[0] < newest[0]
    assert before[0] + before[2] == pytest.approx(newest[0], abs=0.2)


@pytest.mark.parametrize(
    ("sign", "tag", "ink"),
    [
        pytest.param(Sign.WORSE, "rect", "f-act", id="a square for the worse"),
        pytest.param(Sign.BETTER, "path", "f-good", id="a triangle for the better"),
        pytest.param(Sign.CHANGED, "path", "f-watch", id="a diamond where neither side is better"),
    ],
)
def test_a_point_that_is_no_noise_has_a_shape_of_its_own(sign: Sign, tag: str, ink: str) -> None:
    line, spark = (
        chart(drawing("1 2 9", signs={2: sign})),
        sparkline(points("1 2 9"), label="x", sign=sign),
    )

    assert [one.tag for one in of_class(line, ink)] == [tag]
    assert [one.tag for one in of_class(spark, ink)] == [tag]


def test_a_sparkline_has_its_usual_range_behind_it_from_where_it_began() -> None:
    drawn = sparkline(points("1 2 3 4"), label="x", usual=Usual(2, Decimal(2), Decimal(5)), width=100)

    [band] = of_class(drawn, "f-middle")
    assert number(band, "x")[0] == 50.0  # half a place before the third of four points: 5 + 30 * 1.5
    assert of_class(sparkline(points("1 2 3 4"), label="x"), "f-middle") == []


VALUES = st.one_of(st.none(), st.decimals(min_value=-(10**12), max_value=10**12, places=2))


@given(
    st.lists(VALUES, min_size=1, max_size=60),
    VALUES,
    VALUES,
    st.decimals(min_value=0, max_value=10**9, places=2),
    st.sampled_from([350, 600, 1200]),
    st.sampled_from(Notes),
)
def test_no_two_labels_overlap_and_none_is_cut_off_whatever_the_numbers(
    values: list[Decimal | None],
    target: Decimal | None,
    part: Decimal | None,
    spread: Decimal,
    width: int,
    notes: Notes,
) -> None:
    series = (*(Point(value) for value in values), Point(part, complete=False))
    level = (Level((target,) * len(series), "target 1,234,567"),) if target is not None else ()
    way = (
        Way((0.0, target), (len(values) - 1, target), "expected 1,234")
        if target and len(values) > 1
        else None
    )
    made = Drawing(
        points=series,
        below=months(len(series)),
        axis=lambda marks: axis(marks, COUNT),
        last="1,234,567",
        part="so far 12,345",
        levels=level,
        way=way,
        natural=(usual(0, len(values) - 1, 100 - spread, 100 + spread, names=NAMES),) if spread else (),
    )

    drawn = chart(made, width=width, notes=notes)

    assert overlapping(drawn) == []
    height = float(parsed(drawn).get("height", "0"))
    for left, top, right, bottom in boxes(drawn):
        assert -1 <= left <= right <= width + 1
        assert -1 <= top <= bottom <= height + 1


def test_labels_below_fall_on_round_places_of_the_year() -> None:
    below = [
        text for text in texts(chart(drawing("1 " * 36), width=500)) if text.isalpha() and text != "last"
    ]

    assert set(below) == {"Jan", "May", "Sep"}


def test_a_narrow_chart_has_its_key_beneath_and_is_taller_for_it() -> None:
    made = drawing("1 2 (1)", levels=(Level((Decimal(1),) * 3, "target 1"),))

    assert parsed(chart(made, width=350, notes=Notes.BENEATH)).get("height") != "300"
    assert {"last", "so far", "target 1"} <= set(texts(chart(made, width=350, notes=Notes.BENEATH)))


def test_a_chart_without_any_value_is_still_a_picture() -> None:
    assert parsed(chart(drawing("- -", last=""))).tag == "svg"


# --- every chart

EVERY = [
    pytest.param(sparkline(points("1 2 (3)"), label="said"), id="sparkline"),
    pytest.param(bullet(Decimal(1), label="said", aim=AT_LEAST_10, target=[Decimal(10)]), id="bullet"),
    pytest.param(progress_bar(Decimal(1), Decimal(1), label="said"), id="progress"),
    pytest.param(bar(Decimal(1), (Decimal(0), Decimal(2)), label="said"), id="bar"),
    pytest.param(grades([Mark("Cr", Full.MOST)], label="said"), id="grades"),
    pytest.param(
        line_chart(drawing("1 2 (1)"), label="said", width=600, height=300, kind="chart", notes=Notes.BESIDE),
        id="line",
    ),
]


@pytest.mark.parametrize("drawn", EVERY)
def test_every_chart_is_named_and_painted_without_a_style_sheet(drawn: Markup) -> None:
    root = parsed(drawn)

    assert (root.get("role"), root.get("aria-label")) == ("img", "said")
    assert all(one.get("fill") for one in root.iter() if one.tag != "svg")
    assert not [one for one in root.iter() if one.get("style") or one.get("id")]


@pytest.mark.parametrize("drawn", EVERY)
def test_the_class_of_a_shape_names_its_paint(drawn: Markup) -> None:
    inks = {ink.name.lower(): ink.value for ink in Ink}
    for one in list(parsed(drawn).iter())[1:]:
        named = {word[0]: inks[word[2:]] for word in one.get("class", "").split()}
        assert named.get("f", "none") == one.get("fill")
        assert named.get("s") == one.get("stroke")


@pytest.mark.parametrize("drawn", EVERY)
def test_coordinates_have_one_decimal_at_most(drawn: Markup) -> None:
    assert not re.search(r"\d\.\d{2,}", str(drawn))
    assert "-0 " not in str(drawn)


def test_a_label_cannot_break_out() -> None:
    drawn = sparkline(points("1"), label='"><script>alert(1)</script>')

    assert "<script" not in str(drawn)
    assert parsed(drawn).get("aria-label") == '"><script>alert(1)</script>'


def test_text_is_estimated_wide_enough_and_never_negative() -> None:
    assert width_of("", 12) == 0
    assert width_of("WWW", 10) > width_of("iii", 10) > 0
    assert [coordinate(v) for v in (-0.04, 1.0, 2.26)] == ["0", "1", "2.3"]
