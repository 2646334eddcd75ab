"""A believable assessment, as of 6 November 2026: gaps, missing and late data, a band, negative and huge values."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from kpiascode.assess.signals import behaviour, standing
from kpiascode.assess.signals.wanted import wanted
from kpiascode.model.assessment import (
    Assessment,
    Attainment,
    Change,
    Criterion,
    CriterionAssessment,
    DataState,
    Evidence,
    Finding,
    GoalAssessment,
    Grade,
    Grading,
    KpiAssessment,
    Outcome,
    ResultAssessment,
    Status,
    Trust,
)
from kpiascode.model.calendar import Calendar, Duration, Grain, Period, Unit
from kpiascode.model.expression import Constant, Type
from kpiascode.model.observation import Freshness, Observation
from kpiascode.model.place import Place, Span
from kpiascode.model.project import (
    Band,
    Bounds,
    Commitment,
    Communication,
    Dimension,
    Direction,
    Goal,
    Kpi,
    Level,
    Lifecycle,
    Measure,
    Measured,
    OrgUnit,
    Owner,
    Path,
    Project,
    Result,
    Scorecard,
    Section,
    Settings,
    SignalRules,
    Target,
    TargetKpi,
)
from kpiascode.model.signals import Assurance, Basis, Behaviour, Standing, Variation

AS_OF = datetime(2026, 11, 6)
CALENDAR = Calendar(timezone="Europe/London")
YEAR = (date(2026, 1, 1), date(2027, 1, 1))
NUMBER = Constant(Decimal(1), Type.DECIMAL)

PERCENT = Measure(name="percent")
COUNT = Measure(name="count")
DAYS = Measure(name="days")
POINTS = Measure(name="points")
RATIO = Measure(name="ratio")
EUR = Measure(name="currency", currency="EUR")

WORST_FIRST = (Status.MISSED, Status.AT_RISK, Status.NO_DATA, Status.NOT_DUE, Status.MET)


def place(path: str, line: int = 1) -> Place:
    return Place(path, Span(line, 1, line + 20, 1))


def months(count: int, last: date = date(2026, 11, 1)) -> tuple[Period, ...]:
    """Return so many months, the last one holding `last`."""
    end = CALENDAR.period_holding(last, Grain.MONTH)
    found = [CALENDAR.shift(end, Duration(amount=-back, unit=Unit.PERIOD)) for back in range(count)]
    return tuple(period for period in reversed(found) if period is not None)


def periods(grain: Grain, count: int) -> tuple[Period, ...]:
    end = CALENDAR.period_holding(AS_OF.date(), grain)
    found = [CALENDAR.shift(end, Duration(amount=-back, unit=Unit.PERIOD)) for back in range(count)]
    return tuple(period for period in reversed(found) if period is not None)


def series(kpi: str, values: str, grain: Grain = Grain.MONTH) -> tuple[Observation, ...]:
    """Return one observation for each word; `-` is a gap, the last word is the running period."""
    words = values.split()
    return tuple(
        Observation(
            kpi=kpi,
            period=period,
            slice=(),
            value=None if word == "-" else Decimal(word),
            complete=period.end <= AS_OF.date(),
        )
        for period, word in zip(periods(grain, len(words)), words, strict=True)
    )


def slices(
    kpi: str, dimension: str, values: Mapping[str | None, str], period: Period
) -> tuple[Observation, ...]:
    return tuple(
        Observation(kpi=kpi, period=period, slice=((dimension, name),), value=Decimal(value), complete=True)
        for name, value in values.items()
    )


def make_kpi(name: str, title: str, unit: Measure, direction: Direction, **more: object) -> Kpi:
    kpi = Kpi(
        name=name,
        title=title,
        description=f"What {title.lower()} means.",
        owner="finance",
        applies_to=("retail",),
        dataset="order_lines",
        time=None,
        expression=NUMBER,
        where=None,
        text="sum(margin) / sum(net_sales)",
        where_text=None,
        grain=Grain.MONTH,
        dimensions=(),
        unit=unit,
        direction=direction,
        bounds=Bounds(min=None, max=None),
        counter_kpis=(),
        act=None,
        communication=None,
        status=Lifecycle.ACTIVE,
        examples=2,
        edge_examples=1,
        waivers=(),
        place=place(f"kpis/retail/{name}.yaml", 3),
    )
    return replace(kpi, **more)  # type: ignore[arg-type]


def make_result(kpi: str, target: Decimal | Band | TargetKpi | tuple[Target, ...], **more: object) -> Result:
    targets = (
        target
        if isinstance(target, tuple)
        else (Target(start=YEAR[0], end=YEAR[1], value=target, reason=None),)
    )
    result = Result(
        kpi=kpi,
        slice=(),
        baseline=None,
        targets=targets,
        tolerance=Decimal(0),
        path=Path.MAINTAIN,
        measured=Measured.LATEST,
        weight=Decimal(1),
        place=place("kpis/goals.yaml", 12),
    )
    return replace(result, **more)  # type: ignore[arg-type]


def judged(
    goal: str,
    result: Result,
    status: Status,
    value: str | None,
    *,
    expected: str | None = None,
    target: str | None = None,
    progress: str | None = None,
    expected_progress: str | None = None,
    short_by: str | None = None,
    period: Period | None = None,
) -> ResultAssessment:
    def number(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    return ResultAssessment(
        goal=goal,
        result=result,
        period=period or months(2)[0],
        value=number(value),
        target=result.targets[-1],
        target_value=number(target),
        expected=number(expected),
        progress=number(progress),
        expected_progress=number(expected_progress),
        short_by=number(short_by),
        status=status,
    )


QUESTIONS = {
    Criterion.CRUCIAL: ("goal_path", "It leads to the goal “Grow without buying growth”.", None),
    Criterion.QUANTIFIABLE: (
        "compiles",
        "It compiles for all 4 dialects, and both worked examples pass.",
        None,
    ),
    Criterion.COMMUNICATED: ("on_time", "Its value was published on time in 3 of the last 3 months.", None),
    Criterion.RELEVANT: ("own_unit", "It names Retail, to which its owner belongs.", None),
}

TROUBLE = {
    Criterion.CRUCIAL: ("goal_path", "No active goal asks anything of it.", "Name it in a result of a goal."),
    Criterion.QUANTIFIABLE: (
        "examples",
        "It has no worked example.",
        "Add two examples, one of an empty period.",
    ),
    Criterion.COMMUNICATED: (
        "on_time",
        "Its value was published on time in 1 of the last 3 months.",
        "Publish October before 20 November.",
    ),
    Criterion.RELEVANT: ("own_share", "Retail causes 46 % of it.", "Split it by line of business."),
}


def criterion(name: Criterion, grade: Grade) -> CriterionAssessment:
    good = grade in (Grade.STRONG, Grade.ADEQUATE)
    probe, reason, _ = QUESTIONS[name]
    trouble, bad, fix = TROUBLE[name]
    outcome = {
        Grade.STRONG: Outcome.PASS,
        Grade.ADEQUATE: Outcome.PARTIAL,
        Grade.NO_EVIDENCE: Outcome.INCONCLUSIVE,
        Grade.WEAK: Outcome.PARTIAL,
        Grade.FAILING: Outcome.FAIL,
    }[grade]
    first = Finding(
        probe=probe, criterion=name, outcome=Outcome.PASS, weight=3, gate=True, reason=reason, fix=None
    )
    second = Finding(
        probe=trouble,
        criterion=name,
        outcome=outcome,
        weight=2,
        gate=False,
        reason=bad,
        fix=None if good else fix,
    )
    return CriterionAssessment(
        criterion=name,
        grade=grade,
        score=Decimal("0.9"),
        findings=(first,) if grade is Grade.STRONG else (first, second),
        reason=reason if good else bad,
        first_fix=None if good else fix,
    )


GRADES = {
    "S": Grade.STRONG,
    "A": Grade.ADEQUATE,
    "N": Grade.NO_EVIDENCE,
    "W": Grade.WEAK,
    "F": Grade.FAILING,
}
UNJUDGED = Behaviour(
    rules=SignalRules.DEFAULT,
    basis=Basis.VALUE,
    segments=(),
    variation=Variation.TOO_FEW,
    new=None,
    since=None,
    assurance=Assurance.NO_TARGET,
    correlation=None,
    refused=None,
)
LOWEST = (Grade.FAILING, Grade.WEAK, Grade.NO_EVIDENCE, Grade.ADEQUATE, Grade.STRONG)


def change(kpi: Kpi, before: Observation, after: Observation) -> Change:
    if before.value is None or after.value is None:
        return Change(before=before, after=after, difference=None, relative=None, better=None)
    difference = after.value - before.value
    better = None
    if difference and kpi.direction is not Direction.BAND:
        better = (difference > 0) is (kpi.direction is Direction.HIGHER)
    return Change(
        before=before,
        after=after,
        difference=difference,
        relative=difference / abs(before.value) if before.value else None,
        better=better,
    )


def assessed(
    kpi: Kpi,
    observations: tuple[Observation, ...],
    results: tuple[ResultAssessment, ...],
    grades: str,
    *,
    breakdown: Mapping[str, tuple[Observation, ...]] | None = None,
    data: DataState | None = None,
    year: int = 12,
) -> KpiAssessment:
    complete = [o for o in observations if o.complete]
    current = complete[-1] if complete else None
    marks = [GRADES[letter] for letter in grades]
    verdict = min(marks, key=LOWEST.index)
    totals = [r.status for r in results if not r.result.slice]
    return KpiAssessment(
        kpi=kpi.name,
        series=observations,
        current=current,
        part=next((o for o in observations if not o.complete), None),
        previous=change(kpi, complete[-2], complete[-1]) if len(complete) > 1 else None,
        last_year=change(kpi, complete[-1 - year], complete[-1]) if len(complete) > year else None,
        breakdown=breakdown or {},
        results=results,
        status=min(totals, key=WORST_FIRST.index, default=Status.NO_TARGET),
        data=data
        or DataState(trust=Trust.CURRENT, latest=datetime(2026, 11, 5, 23, 40), late_by=None, late=()),
        criteria=tuple(criterion(c, grade) for c, grade in zip(Criterion, marks, strict=True)),
        verdict=verdict,
        below=list(Criterion)[marks.index(verdict)],
        behaviour=UNJUDGED,
        standing=Standing.NO_TARGET,
        cost=(),
    )


def watched(one: KpiAssessment, project: Project) -> KpiAssessment:
    """Return the same with what its own series says of it."""
    kpi = project.kpis[one.kpi]
    closed = tuple(o for o in one.series if o.complete)
    behaved = behaviour(project, kpi, closed, wanted(one.results, project.goals, closed[-1:], kpi.direction))
    return replace(
        one, behaviour=behaved, standing=standing(behaved, one.status, one.data, one.current, one.cost)
    )


def make_goal(
    name: str, title: str, unit: str, owner: str, results: tuple[Result, ...], *parents: str
) -> Goal:
    return Goal(
        name=name,
        title=title,
        description="",
        org_unit=unit,
        owner=owner,
        parents=tuple((parent, Decimal(1)) for parent in parents),
        start=YEAR[0],
        end=YEAR[1],
        commitment=Commitment.COMMITTED,
        results=results,
        place=place("kpis/goals.yaml", 1),
    )


def unit(name: str, title: str, level: Level, parent: str | None, headcount: int | None = None) -> OrgUnit:
    return OrgUnit(
        name=name,
        title=title,
        description="",
        level=level,
        parent=parent,
        headcount=headcount,
        place=place("kpis/organisation.yaml", 1),
    )


def owner(name: str, title: str, org_unit: str) -> Owner:
    return Owner(
        name=name,
        title=title,
        org_unit=org_unit,
        contact=f"{name}@example.com",
        approvers=(f"@acme/{name}",),
        place=place("kpis/owners.yaml", 1),
    )


SQL = """\
select
  date_trunc('month', order_lines.shipped_at) as period,
  sum(order_lines.quantity * order_lines.unit_price * (1 - order_lines.discount) - order_lines.quantity * order_lines.unit_cost) / nullif(sum(order_lines.quantity * order_lines.unit_price), 0) as value
from sales.order_lines as order_lines
where order_lines.status <> 'cancelled'
group by 1
order by 1"""

LATE = DataState(
    trust=Trust.LATE,
    latest=datetime(2026, 10, 3, 8, 15),
    late_by=timedelta(days=34, hours=5),
    late=("survey_answers",),
)


def assessment() -> Assessment:
    october = months(2)[0]
    so_far = CALENDAR.periods(Grain.ALL, date(2026, 1, 1), date(2026, 11, 1))[0]

    kpis = [
        make_kpi(
            "gross_margin",
            "Gross margin",
            PERCENT,
            Direction.HIGHER,
            description="Share of net sales left after the cost of the goods sold.",
            where_text="status <> 'cancelled'",
            applies_to=("acme", "retail"),
            dimensions=(
                Dimension(name="channel", path="channel", expression=NUMBER, type=Type.TEXT),
                Dimension(name="category", path="product.category", expression=NUMBER, type=Type.TEXT),
                Dimension(name="seller", path="seller.id", expression=NUMBER, type=Type.TEXT, person=True),
            ),
            bounds=Bounds(min=Decimal(-1), max=Decimal(1)),
            counter_kpis=("refund_rate",),
            act="If it falls below 40 % for a month, review discounts within ten days.",
            communication=Communication(
                audiences=("acme", "retail"), channels=("site", "email"), lag=timedelta(days=5)
            ),
        ),
        make_kpi(
            "net_sales",
            "Net sales",
            EUR,
            Direction.HIGHER,
            text="sum(net_sales)",
            applies_to=("acme", "retail"),
            owner="sales",
        ),
        make_kpi("net_sales_budget", "Net sales budget", EUR, Direction.HIGHER, text="sum(amount)"),
        make_kpi(
            "operating_result",
            "Operating result",
            EUR,
            Direction.HIGHER,
            text="sum(income) - sum(cost)",
            applies_to=("acme",),
        ),
        make_kpi(
            "customer_lifetime_value",
            "Customer lifetime value, first twelve months",
            EUR,
            Direction.HIGHER,
            owner="marketing",
            text="sum(margin) / cohort_size()",
        ),
        make_kpi(
            "acquisition_cost",
            "Acquisition cost",
            EUR,
            Direction.LOWER,
            owner="marketing",
            act="Stop the dearest channel until the month after.",
            counter_kpis=("customer_lifetime_value",),
        ),
        make_kpi("orders", "Orders", COUNT, Direction.HIGHER, owner="sales", text="count(*)"),
        make_kpi(
            "ad_impressions", "Ad impressions", COUNT, Direction.HIGHER, owner="marketing", text="count(*)"
        ),
        make_kpi(
            "refund_rate",
            "Refund rate",
            PERCENT,
            Direction.LOWER,
            description="Share of net sales that was paid back within 60 days.",
            owner="customer_care",
            bounds=Bounds(min=Decimal(0), max=Decimal(1)),
            text="sum(refunds) / sum(net_sales)",
            act="Above 4 % for a month: review the ten most returned products within ten days.",
            dimensions=(Dimension(name="channel", path="channel", expression=NUMBER, type=Type.TEXT),),
        ),
        make_kpi(
            "delivered_on_time",
            "Delivered on time, in full",
            PERCENT,
            Direction.HIGHER,
            owner="operations",
            bounds=Bounds(min=Decimal(0), max=Decimal(1)),
        ),
        make_kpi("stock_cover", "Stock cover", DAYS, Direction.BAND, owner="operations"),
        make_kpi("net_promoter_score", "Net promoter score", POINTS, Direction.HIGHER, owner="customer_care"),
        make_kpi(
            "open_tickets",
            "Open tickets",
            COUNT,
            Direction.LOWER,
            owner="customer_care",
            grain=Grain.WEEK,
            text="closing(count(*))",
        ),
    ]
    kpi = {one.name: one for one in kpis}

    growth_margin = make_result(
        "gross_margin",
        Decimal("0.44"),
        baseline=Decimal("0.415"),
        tolerance=Decimal("0.01"),
        path=Path.LINEAR,
        weight=Decimal(2),
    )
    growth_sales = make_result("net_sales", Decimal(49500000), measured=Measured.TO_DATE, path=Path.LINEAR)
    as_budgeted = make_result("net_sales", TargetKpi(kpi="net_sales_budget"))
    result_positive = make_result("operating_result", Decimal(0), tolerance=Decimal(500000))
    worth = make_result("customer_lifetime_value", Decimal(195), baseline=Decimal(160), path=Path.BY_END)
    worth_online = make_result(
        "customer_lifetime_value",
        Decimal(190),
        baseline=Decimal(165),
        path=Path.LINEAR,
        slice=(("channel", "online"),),
    )
    cheap = make_result(
        "acquisition_cost",
        (
            Target(start=date(2026, 1, 1), end=date(2026, 7, 1), value=Decimal(52), reason=None),
            Target(
                start=date(2026, 7, 1),
                end=date(2027, 1, 1),
                value=Decimal(50),
                reason="The new agency contract holds from July.",
            ),
        ),
        path=Path.STEPS,
    )
    many = make_result("orders", Decimal(21000), tolerance=Decimal(500))
    few_refunds = make_result("refund_rate", Decimal("0.035"), tolerance=Decimal("0.002"))
    punctual = make_result("delivered_on_time", Decimal("0.95"), tolerance=Decimal("0.02"))
    cover = make_result("stock_cover", Band(min=Decimal(38), max=Decimal(46)), tolerance=Decimal(2))
    loved = make_result("net_promoter_score", Decimal(45))

    results = [
        judged(
            "profitable_growth",
            growth_margin,
            Status.AT_RISK,
            "0.42613",
            expected="0.43582",
            target="0.44",
            progress="0.445",
            expected_progress="0.8329",
            short_by="0.00969",
        ),
        judged(
            "profitable_growth",
            growth_sales,
            Status.MET,
            "41836512.40",
            expected="41227397.26",
            target="49500000",
            progress="0.8452",
            expected_progress="0.8329",
            period=so_far,
        ),
        judged(
            "profitable_growth",
            as_budgeted,
            Status.MET,
            "4312345",
            expected="4300000",
            target="4300000",
        ),
        judged(
            "profitable_growth",
            result_positive,
            Status.MISSED,
            "-1234567.10",
            expected="0",
            target="0",
            short_by="1234567.10",
        ),
        judged(
            "worthy_customers",
            worth,
            Status.NOT_DUE,
            "188.21",
            target="195",
            progress="0.806",
        ),
        judged(
            "worthy_customers",
            worth_online,
            Status.MET,
            "189.3",
            expected="185.82",
            target="190",
            progress="0.972",
            expected_progress="0.83",
        ),
        judged(
            "worthy_customers", cheap, Status.MISSED, "55.04", expected="50", target="50", short_by="5.04"
        ),
        judged("worthy_customers", many, Status.MET, "21874", expected="21000", target="21000"),
        judged(
            "kept_promises",
            few_refunds,
            Status.MISSED,
            "0.0461",
            expected="0.035",
            target="0.035",
            short_by="0.0111",
        ),
        judged(
            "kept_promises",
            punctual,
            Status.AT_RISK,
            "0.9312",
            expected="0.95",
            target="0.95",
            short_by="0.0188",
        ),
        judged("kept_promises", cover, Status.MET, "41.2"),
        judged("kept_promises", loved, Status.NO_DATA, None, expected="45", target="45"),
    ]

    def of(name: str) -> tuple[ResultAssessment, ...]:
        return tuple(one for one in results if one.result.kpi == name)

    values = {
        "gross_margin": "0.421 0.424 0.418 0.415 0.402 0.411 0.419 0.432 0.428 0.417 0.409 0.421 0.425 0.431 0.438 0.415 0.399 0.423 0.427 0.444 0.472 0.441 0.436 0.431 0.42613 0.433",
        "net_sales": "3612000 3944000 5120000 3205000 3151000 3480000 3722000 3691000 3855000 3790000 3702000 3961000 4020000 4210000 5480000 3560000 3488000 3871000 4050000 4122000 4290000 4174000 4101000 4338000 4312345 720000",
        "net_sales_budget": "3700000 4000000 5000000 3300000 3200000 3500000 3700000 3700000 3800000 3800000 3800000 3900000 4000000 4100000 5300000 3500000 3500000 3800000 3900000 4000000 4100000 4200000 4200000 4200000 4300000 -",
        "operating_result": "210000 340000 1250000 -420000 -510000 -120000 80000 150000 90000 -60000 -240000 120000 180000 310000 1420000 -380000 -640000 -90000 40000 -210000 -350000 -520000 -830000 -990000 -1234567.10 -310000",
        "customer_lifetime_value": "161.2 160.4 163.9 162.2 160.8 164.1 165.7 166.2 164.4 165.1 167.0 168.3 167.2 169.4 168.8 171.2 - - 174.5 176.9 178.3 181.1 183.0 186.4 188.21 -",
        "acquisition_cost": "49.1 52.3 51.0 56.2 55.8 53.1 50.4 51.9 57.7 54.2 52.8 53.9 55.1 54.4 58.0 61.2 55.7 53.0 52.2 54.9 56.3 53.8 57.1 52.6 55.04 57.2",
        "orders": "18211 19904 26870 17120 16230 17805 18410 18322 - 18960 18204 19115 19640 20322 27944 18005 17230 19811 20150 20642 - 21033 20874 21402 21874 3611",
        "ad_impressions": "8120000000 8410000000 9902000000 7904000000 7821000000 8150000000 8432000000 8530000000 8904000000 9022000000 9120000000 9430000000 9712000000 10120000000 11932000000 9804000000 9921000000 10230000000 10611000000 10842000000 11204000000 11533000000 11760000000 12041000000 12412000000 2071000000",
        "refund_rate": "0.0312 0.0325 0.0309 0.0307 0.0296 0.0311 0.0341 0.0322 0.0338 0.0319 0.0324 0.0318 0.0281 0.0336 0.0331 0.0330 0.0282 0.0279 0.0297 0.0305 0.0316 0.0332 0.0432 0.0447 0.0461 0.0449",
        "delivered_on_time": "0.952 0.948 0.921 0.955 0.951 0.949 0.953 0.947 0.944 0.951 0.949 0.946 0.950 0.938 0.902 0.947 0.951 0.948 0.945 0.940 0.944 0.938 0.936 0.933 0.9312 0.961",
        "stock_cover": "43.1 44.0 39.2 45.1 46.8 44.2 43.0 42.4 41.1 42.0 43.3 44.1 42.7 41.9 37.4 44.0 45.2 44.8 43.6 42.2 41.0 40.1 39.7 40.9 41.2 42.0",
        "net_promoter_score": "38.0 39.2 41.1 40.3 37.9 42.0 41.2 43.5 44.1 42.8 43.0 45.2 44.8 43.9 46.0 45.1 44.4 - 43.2 44.0 45.3 44.7 45.8 - - -",
        "open_tickets": "412 398 430 441 405 377 369 388 402 415 390 371 350 362 371 344 328 339 351 330 318 322 309 315 301 298 286",
    }
    breakdowns = {
        "gross_margin": {
            "channel": slices(
                "gross_margin",
                "channel",
                {"online": "0.4512", "store": "0.4021", "marketplace": "0.3310", None: "0.41"},
                october,
            ),
            "category": slices(
                "gross_margin",
                "category",
                {
                    f"Category {at}": str(Decimal("0.62") - Decimal(at) * Decimal("0.05"))
                    for at in range(1, 16)
                },
                october,
            ),
            "seller": slices("gross_margin", "seller", {"s-1": "0.5"}, october),
        },
        "refund_rate": {
            "channel": slices(
                "refund_rate",
                "channel",
                {"online": "0.0612", "store": "0.0221", "marketplace": "0.0534"},
                october,
            )
        },
    }
    marks = {
        "gross_margin": "SSWS",
        "net_sales": "SSAS",
        "net_sales_budget": "FANA",
        "operating_result": "SAWA",
        "customer_lifetime_value": "SAAS",
        "acquisition_cost": "SSFS",
        "orders": "SSSS",
        "ad_impressions": "FWNA",
        "refund_rate": "SSWA",
        "delivered_on_time": "SSAS",
        "stock_cover": "ASSS",
        "net_promoter_score": "AFWS",
        "open_tickets": "NSNS",
    }
    by_kpi = {
        name: assessed(
            one,
            series(name, values[name], one.grain),
            of(name),
            marks[name],
            breakdown=breakdowns.get(name),
            data=LATE if name == "net_promoter_score" else None,
            year=52 if one.grain is Grain.WEEK else 12,
        )
        for name, one in sorted(kpi.items())
    }
    by_kpi["open_tickets"] = replace(
        by_kpi["open_tickets"],
        data=DataState(trust=Trust.UNKNOWN, latest=datetime(2026, 11, 5, 6), late_by=None, late=()),
    )

    goals = [
        replace(
            make_goal("better_retail", "A retailer that people come back to", "acme", "board", ()),
            commitment=Commitment.ASPIRATIONAL,
        ),
        make_goal(
            "profitable_growth",
            "Grow without buying growth",
            "acme",
            "board",
            (growth_margin, growth_sales, as_budgeted, result_positive),
            "better_retail",
        ),
        make_goal(
            "worthy_customers",
            "Customers worth 195 € in their first year",
            "retail",
            "marketing",
            (worth, worth_online, cheap, many),
            "profitable_growth",
        ),
        make_goal(
            "kept_promises",
            "Keep what we promise at the counter and at the door",
            "retail",
            "operations",
            (few_refunds, punctual, cover, loved),
            "better_retail",
            "profitable_growth",
        ),
    ]
    progress = {
        "better_retail": (None, None, Status.NO_TARGET, Status.MISSED),
        "profitable_growth": ("0.578", "0.833", Status.MISSED, Status.MISSED),
        "worthy_customers": ("0.889", "0.416", Status.MISSED, Status.MISSED),
        "kept_promises": (None, None, Status.MISSED, Status.MISSED),
    }
    # Growth has one goal beneath it of which something is known: (0.578 + 0.889) / 2, (0.833 + 0.416) / 2.
    totals = {
        "better_retail": ("0.7335", "0.6245", "0.5"),
        "profitable_growth": ("0.7335", "0.6245", "0.667"),
        "worthy_customers": ("0.889", "0.416", "1"),
        "kept_promises": (None, None, "0"),
    }
    by_goal = {
        goal.name: GoalAssessment(
            goal=goal.name,
            results=tuple(one for one in results if one.goal == goal.name),
            progress=None if progress[goal.name][0] is None else Decimal(progress[goal.name][0] or 0),
            expected_progress=None
            if progress[goal.name][1] is None
            else Decimal(progress[goal.name][1] or 0),
            status=progress[goal.name][2],
            below=progress[goal.name][3],
            children=tuple(other.name for other in goals if any(goal.name == p for p, _ in other.parents)),
            milestones=(),
            total_progress=None if totals[goal.name][0] is None else Decimal(totals[goal.name][0] or 0),
            total_expected=None if totals[goal.name][1] is None else Decimal(totals[goal.name][1] or 0),
            known=Decimal(totals[goal.name][2]),
            grading=Grading(
                grade=None,
                exact=None,
                attainment=Attainment.UNKNOWN,
                unknown=tuple(
                    one.result.kpi for one in results if one.goal == goal.name and one.progress is None
                ),
                final=False,
                asked=None,
                given=None,
            ),
        )
        for goal in sorted(goals, key=lambda one: one.name)
    }

    units = [
        unit("acme", "Acme", Level.ORGANISATION, None, 1240),
        unit("retail", "Retail", Level.LINE_OF_BUSINESS, "acme", 140),
        unit("wholesale", "Wholesale", Level.LINE_OF_BUSINESS, "acme", 60),
        unit("finance_department", "Finance", Level.DEPARTMENT, "acme", 35),
        unit("retail_marketing", "Retail marketing", Level.DEPARTMENT, "retail", 22),
        unit("retail_operations", "Retail operations", Level.DEPARTMENT, "retail", 80),
        unit("care_team", "Customer care", Level.TEAM, "retail_operations", 18),
    ]
    owners = [
        owner("board", "The board", "acme"),
        owner("finance", "Finance team", "finance_department"),
        owner("sales", "Sales team", "retail"),
        owner("marketing", "Marketing team", "retail_marketing"),
        owner("operations", "Operations team", "retail_operations"),
        owner("customer_care", "Customer care team", "care_team"),
    ]
    scorecards = [
        Scorecard(
            name="retail_monthly",
            title="Retail, monthly",
            description="",
            org_unit="retail",
            audiences=("retail", "acme"),
            grain=Grain.MONTH,
            sections=(
                Section(title="Money", kpis=("gross_margin", "net_sales", "operating_result")),
                Section(
                    title="Customers",
                    kpis=(
                        "customer_lifetime_value",
                        "acquisition_cost",
                        "orders",
                        "ad_impressions",
                        "net_promoter_score",
                    ),
                ),
                Section(
                    title="Promises", kpis=("refund_rate", "delivered_on_time", "stock_cover", "open_tickets")
                ),
            ),
            place=place("kpis/scorecards.yaml", 1),
        ),
        Scorecard(
            name="board",
            title="Board",
            description="",
            org_unit="acme",
            audiences=("acme",),
            grain=Grain.MONTH,
            sections=(Section(title="Money", kpis=("net_sales", "gross_margin", "orders")),),
            place=place("kpis/scorecards.yaml", 20),
        ),
    ]
    project = Project(
        settings=Settings(
            name="acme",
            calendar=CALENDAR,
            dialects=("duckdb", "postgres"),
            data_roots=("data",),
            engines={},
            default_engine=None,
        ),
        datasets={},
        kpis={one.name: one for one in sorted(kpis, key=lambda one: one.name)},
        goals={one.name: one for one in sorted(goals, key=lambda one: one.name)},
        owners={one.name: one for one in sorted(owners, key=lambda one: one.name)},
        org_units={one.name: one for one in sorted(units, key=lambda one: one.name)},
        scorecards={one.name: one for one in sorted(scorecards, key=lambda one: one.name)},
    )
    return Assessment(
        project=project,
        as_of=AS_OF,
        kpis={name: watched(one, project) for name, one in by_kpi.items()},
        goals=by_goal,
        evidence=Evidence(
            compiled=dict.fromkeys(kpi, ("duckdb", "postgres")),
            refused={("net_promoter_score", "postgres"): "no percentile over a window in this dialect"},
            sql={(name, dialect): SQL for name in kpi for dialect in ("duckdb", "postgres")},
            datasets=dict.fromkeys(kpi, ("order_lines",)),
            commit="4f2c1d9",
        ),
        freshness={
            "order_lines": Freshness(dataset="order_lines", latest=datetime(2026, 11, 5, 23, 40), rows=184223)
        },
    )


HOSTILE = "<script>alert(1)</script>{{ 7*7 }}{% raw %} \"'><img src=x onerror=alert(1)> &amp; مرحبا =cmd|' /C calc'!A0"
ENDLESS = "Donaudampfschifffahrtsgesellschaftskapitänswitwenversicherung" * 4


def with_texts(text: str) -> Assessment:
    """Return the same assessment with `text` wherever people write freely."""
    made = assessment()
    project = made.project
    kpis = {
        name: replace(
            kpi,
            title=f"{text} {kpi.title}",
            description=(text + " ") * (10_000 // len(text)),
            text=text,
            where_text=text,
            act=text,
            communication=Communication(audiences=("retail",), channels=(text,), lag=None),
        )
        for name, kpi in project.kpis.items()
    }
    slice_of = (("channel", text),)
    by_kpi = {
        name: replace(
            one,
            breakdown={text: tuple(replace(o, slice=slice_of) for o in one.series[-3:-1])},
            criteria=tuple(
                replace(
                    answer,
                    reason=text,
                    first_fix=text,
                    findings=tuple(replace(finding, reason=text, fix=text) for finding in answer.findings),
                )
                for answer in one.criteria
            ),
            data=replace(one.data, late=(text,)),
        )
        for name, one in made.kpis.items()
    }
    return replace(
        made,
        project=replace(
            project,
            settings=replace(project.settings, name=text),
            kpis=kpis,
            goals={
                n: replace(g, title=f"{text} {g.title}", description=text) for n, g in project.goals.items()
            },
            owners={n: replace(o, title=text, contact=text) for n, o in project.owners.items()},
            org_units={n: replace(u, title=text, description=text) for n, u in project.org_units.items()},
            scorecards={
                n: replace(
                    card,
                    title=text,
                    description=text,
                    sections=tuple(replace(section, title=text) for section in card.sections),
                )
                for n, card in project.scorecards.items()
            },
        ),
        kpis=by_kpi,
        evidence=replace(
            made.evidence,
            sql=dict.fromkeys(made.evidence.sql, text),
            refused=dict.fromkeys(made.evidence.refused, text),
            commit=text,
        ),
    )
