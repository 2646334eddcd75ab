"""A made company with every kind, some of it for some units only; each text says whose it is (`canary`)."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from kpiascode.model.ledger import (
    DefinitionChange,
    History,
    Mention,
    People,
    Publication,
    PublishedValue,
    Told,
)

Doc = dict[str, Any]
AS_OF: Final = datetime(2026, 1, 1)
YEAR: Final = {"from": "2025-01-01", "to": "2026-01-01"}
MONTHS: Final = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]

ONLY_PERSONNEL: Final = frozenset(
    {
        *("k_pay", "k_pay_share", "g_fair_pay", "g_pay_less", "s_board", "c_fair_pay", "t_secret", "y_pay"),
        *("p_cut_pay", "p_quiet", "r_of_sales", "d_payroll"),
    }
)
"""What only the people of `personnel` may see, with what hangs on it."""

NOBODY: Final = frozenset({"m_boss_and_hr", "f_about_it"})
"""What stands on no page."""

OF_ALL: Final = frozenset(
    {
        *("acme", "sales", "north", "south", "personnel", "it"),
        *("o_boss", "o_seller", "o_norther", "o_admin", "o_hr", "d_orders", "d_tickets"),
        *("k_revenue", "k_orders", "k_average", "k_tickets", "k_uptime"),
        *("g_growth", "g_sell_more", "g_north_sells", "g_always_up"),
        *("s_company", "s_sales", "s_it", "c_sell_more", "c_uptime", "c_revenue"),
        *("t_quarterly", "y_quarter", "p_lift", "p_it", "w_thanks", "r_seller", "r_admin"),
    }
)

SHOWN: Final[Mapping[str, frozenset[str]]] = {
    "acme": OF_ALL,
    "sales": frozenset(
        {
            *("acme", "sales", "north", "south", "it"),  # it: the unit of who answers for the tickets
            *("o_boss", "o_seller", "o_norther", "o_admin", "d_orders", "d_tickets"),
            *("k_revenue", "k_orders", "k_average", "k_tickets"),  # tickets must not get worse in return
            *("g_growth", "g_sell_more", "g_north_sells", "s_company", "s_sales"),
            *("c_sell_more", "c_revenue", "t_quarterly", "y_quarter", "p_lift", "w_thanks", "r_seller"),
        }
    ),
    "north": frozenset(
        {
            *("acme", "sales", "north", "it", "o_boss", "o_seller", "o_norther", "o_admin"),
            *("d_orders", "d_tickets"),
            *("k_revenue", "k_orders", "k_average", "k_tickets", "k_calls"),
            *("g_growth", "g_sell_more", "g_north_sells", "s_company", "s_sales"),
            *("c_sell_more", "c_revenue", "t_quarterly", "y_quarter", "p_lift", "w_thanks", "r_seller"),
        }
    ),
    "south": frozenset(
        {
            *("acme", "sales", "south", "it", "o_boss", "o_seller", "o_admin", "d_orders", "d_tickets"),
            *("k_revenue", "k_orders", "k_average", "k_tickets"),
            *("g_growth", "g_sell_more", "s_company", "s_sales"),
            *("c_sell_more", "c_revenue", "t_quarterly", "y_quarter", "p_lift", "w_thanks", "r_seller"),
        }
    ),
    "it": frozenset(
        {
            *("acme", "it", "sales", "personnel", "o_boss", "o_admin", "o_seller", "o_hr"),
            *("d_orders", "d_tickets", "k_revenue", "k_tickets", "k_uptime"),
            *("g_growth", "g_always_up", "s_company", "s_it", "c_uptime", "c_revenue"),
            *("t_quarterly", "y_quarter", "p_lift", "p_it", "w_thanks", "r_admin", "r_seller"),
        }
    ),
    "personnel": frozenset(
        {
            *("acme", "personnel", "sales", "it", "o_boss", "o_hr", "o_seller", "o_admin"),
            *("d_orders", "d_tickets", "d_payroll", "k_revenue", "k_tickets", "k_pay", "k_pay_share"),
            *("g_growth", "g_fair_pay", "g_pay_less", "s_company", "s_board", "c_fair_pay", "c_revenue"),
            *("t_secret", "y_pay", "p_lift", "p_cut_pay", "p_quiet", "w_thanks", "r_admin", "r_of_sales"),
            "r_seller",
        }
    ),
}
"""What the people of each unit are shown, by hand. `r_seller` is about revenue, which all look at."""

PARTED: Final = {
    "acme": set[str](),
    "sales": {"g_growth"},
    "north": {"g_growth"},
    "south": {"g_growth", "g_sell_more"},
    "it": {"g_growth"},
    "personnel": {"g_growth", "g_fair_pay"},
}


def canary(name: str, field: str = "") -> str:
    return f"canary{field} {name} yranac"


def _doc(kind: str, name: str, /, *texts: str, **keys: Any) -> Doc:
    return {"kind": kind, "name": name} | {text: canary(name, text) for text in texts} | keys


def _kpi(
    name: str, expression: str, home: str, owner: str, dataset: str | None = "d_orders", /, **keys: Any
) -> Doc:
    given = {"dataset": dataset} if dataset else {}
    plain = {
        "grain": "month",
        "applies_to": [home],
        "owner": owner,
        "unit": "count",
        "direction": "higher",
        "expression": expression,
        "communication": {"audiences": [home], "channels": [canary(name, "channel")], "lag": "5 days"},
    }
    return _doc("kpi", name, "title", "description", "act", **given, **plain | keys)


def _goal(name: str, unit: str, owner: str, kpi: str, target: float, **keys: Any) -> Doc:
    results = [{"kpi": kpi, "baseline": 1, "target": target, "path": "linear", "weight": 2}]
    return _doc(
        *("goal", name, "title", "description"),
        **{"org_unit": unit, "owner": owner, "period": YEAR, "commitment": "committed", "results": results}
        | keys,
    )


def _plan(name: str, owner: str, kpi: str, **keys: Any) -> Doc:
    plain = {
        "owner": owner,
        "subject": {"kpi": kpi},
        "opened_on": "2025-09-01",
        "ends_on": "2026-03-01",
        "actions": [{"what": canary(name, "action"), "who": owner, "due": "2026-02-01"}],
        "success": {"kpi": kpi, "at_least": 40, "periods": 3},
    }
    texts = ("title", "trigger", "current", "required", "support")
    return _doc("improvement_plan", name, *texts, **plain | keys)


def _thanks(name: str, by: str, to: dict[str, str], **keys: Any) -> Doc:
    plain = {"program": "w_thanks", "to": to, "by": by, "day": "2025-11-05", "value": "care"}
    return _doc("recognition", name, "reason", **plain | keys)


def company() -> list[Doc]:
    """Return the definitions; what is hidden stands first, where it moves the lines of the others."""
    only = {"visibility": ["personnel"]}
    return [
        _kpi("k_pay", "sum(paid)", "acme", "o_hr", "d_payroll", **only, dimensions=["band"]),
        _kpi("k_pay_share", "k_pay / k_revenue", "acme", "o_hr", None, unit="ratio", **only),
        _kpi("k_calls", "sum(calls)", "north", "o_norther", visibility=["north"]),
        _goal("g_fair_pay", "personnel", "o_hr", "k_pay", 17, **only),
        _goal("g_pay_less", "acme", "o_boss", "k_pay", 13, parent="g_fair_pay", **only),
        _doc(
            *("scorecard", "s_board", "title", "description"),
            org_unit="acme",
            audiences=["acme"],
            sections=[{"title": canary("s_board", "section"), "kpis": ["k_revenue", "k_pay_share"]}],
            **only,
        ),
        _doc(
            "check_in",
            "c_fair_pay",
            "note",
            "decision",
            goal="g_fair_pay",
            as_of="2025-06-01",
            by="o_hr",
            confidence=4,
        ),
        _doc(
            *("review_template", "t_secret", "title", "description"),
            sections=[
                {"title": canary("t_secret", "section"), "questions": [canary("t_secret", "question")]}
            ],
        ),
        _doc(
            "review_cycle",
            "y_pay",
            "title",
            owner="o_hr",
            period=YEAR,
            template="t_secret",
            org_units=["personnel"],
            **only,
        ),
        _plan("p_cut_pay", "o_hr", "k_pay", **only),
        _plan("p_quiet", "o_hr", "k_revenue", **only),
        _thanks("r_of_sales", "o_hr", {"org_unit": "sales"}, **only),
        _doc("dataset", "d_payroll", "title", "description", source="data/payroll.csv", time="paid_on"),
        _doc(
            *("one_on_one_series", "m_boss_and_hr", "title"),
            **{"manager": "o_boss", "report": "o_hr", "every": "2 weeks", "from": "2025-01-06"},
        ),
        _doc(
            *("feedback_round", "f_about_it", "title"),
            owner="o_hr",
            about={"org_unit": "it"},
            window=YEAR,
            groups=["peers"],
            questions=[
                {"name": "help", "title": canary("f_about_it", "question"), "scale": {"from": 1, "to": 5}}
            ],
        ),
        # --- what everybody may see
        _doc("org_unit", "acme", "title", "description", level="organisation", headcount=90),
        _doc("org_unit", "sales", "title", "description", level="department", parent="acme", headcount=40),
        _doc("org_unit", "north", "title", "description", level="team", parent="sales", headcount=15),
        _doc("org_unit", "south", "title", "description", level="team", parent="sales", headcount=25),
        _doc("org_unit", "personnel", "title", "description", level="department", parent="acme", headcount=8),
        _doc("org_unit", "it", "title", "description", level="department", parent="acme", headcount=12),
        *(
            _doc(
                "owner",
                name,
                "title",
                org_unit=unit,
                contact=f"{name}@acme.example",
                approvers=[f"@acme/{name}"],
            )
            for name, unit in (
                *(("o_boss", "acme"), ("o_seller", "sales"), ("o_norther", "north")),
                *(("o_hr", "personnel"), ("o_admin", "it")),
            )
        ),
        _doc(
            "dataset",
            "d_orders",
            "title",
            "description",
            source="data/orders.csv",
            time="ordered_on",
            freshness="2 days",
        ),
        _doc("dataset", "d_tickets", "title", "description", source="data/tickets.csv", time="opened_on"),
        _kpi(
            "k_revenue",
            "sum(amount)",
            "acme",
            "o_seller",
            counter_kpis=["k_tickets", "k_pay"],
            dimensions=["channel"],
        ),
        _kpi("k_orders", "count(*)", "sales", "o_seller", derived_from="k_revenue", examples=[]),
        _kpi(
            "k_average",
            "k_revenue / k_orders",
            "sales",
            "o_seller",
            None,
            unit="ratio",
            leads=[{"kpi": "k_uptime", "lag": "1 month", "sign": "positive"}],
        ),
        _kpi(
            *("k_tickets", "count(*)", "it", "o_admin", "d_tickets"),
            direction="lower",
            applies_to=["it", "personnel"],
            communication={"audiences": ["it", "personnel"]},
        ),
        _kpi("k_uptime", "sum(up)", "it", "o_admin", "d_tickets"),
        _goal("g_growth", "acme", "o_boss", "k_revenue", 60),
        _goal(
            *("g_sell_more", "sales", "o_seller", "k_orders", 5),
            parent=[{"goal": "g_growth", "weight": 3}, "g_fair_pay"],
            milestones=[
                {"title": canary("g_sell_more", "milestone"), "due": "2025-06-30", "done_on": "2025-06-01"}
            ],
        ),
        _goal("g_north_sells", "north", "o_norther", "k_average", 30, parent="g_sell_more"),
        _goal("g_always_up", "it", "o_admin", "k_uptime", 9, parent="g_growth"),
        *(
            _doc(
                "scorecard",
                name,
                "title",
                "description",
                org_unit=unit,
                audiences=[unit],
                sections=[
                    {"title": canary(name, f"section{n}"), "kpis": kpis} for n, kpis in enumerate(parts)
                ],
            )
            for name, unit, parts in (
                ("s_company", "acme", [["k_revenue"], ["k_pay"]]),
                ("s_sales", "sales", [["k_revenue", "k_orders", "k_average"]]),
                ("s_it", "it", [["k_uptime", "k_tickets"]]),
            )
        ),
        _doc(
            "check_in",
            "c_sell_more",
            "note",
            "decision",
            goal="g_sell_more",
            as_of="2025-10-01",
            by="o_seller",
            confidence=7,
        ),
        _doc("check_in", "c_uptime", "note", "decision", kpi="k_uptime", as_of="2025-10-01", by="o_admin"),
        _doc(
            "check_in",
            "c_revenue",
            "note",
            kpi="k_revenue",
            as_of="2025-11-01",
            by="o_seller",
            blockers=[canary("c_revenue", "blocker")],
        ),
        _doc(
            *("review_template", "t_quarterly", "title"),
            sections=[
                {"title": canary("t_quarterly", "section"), "questions": [canary("t_quarterly", "question")]}
            ],
        ),
        _doc(
            *("review_cycle", "y_quarter", "title"),
            owner="o_boss",
            period=YEAR,
            template="t_quarterly",
            org_units=["sales", "it"],
            deadlines=[{"title": canary("y_quarter", "deadline"), "due": "2026-01-20"}],
        ),
        _plan("p_lift", "o_seller", "k_revenue", standard={"goal": "g_growth", "kpi": "k_revenue"}),
        _plan("p_it", "o_admin", "k_uptime"),
        _doc(
            *("recognition_program", "w_thanks", "title", "description", "budget_note"),
            owner="o_boss",
            values=[{"name": "care", "title": canary("w_thanks", "value")}],
            kpis=["k_revenue", "k_pay"],
        ),
        _thanks(
            "r_seller",
            "o_boss",
            {"owner": "o_seller"},
            kpis=["k_revenue", "k_pay"],
            goals=["g_growth", "g_fair_pay"],
        ),
        _thanks("r_admin", "o_hr", {"owner": "o_admin"}, check_ins=["c_uptime"]),
    ]


# --- what it is made of


def tables(*, pay: int = 7, calls: int = 3, up: int = 1) -> dict[str, list[str]]:
    """Return the data files. Only what few may see reads the payroll, and the calls."""
    orders, payroll, tickets = ["ordered_on,amount,calls,channel"], ["paid_on,paid,band"], ["opened_on,up"]
    for n, month in enumerate(MONTHS):
        for m in range(3 + n % 2):
            channel = ("web", "shop")[m % 2]
            orders.append(f"{month}-{m + 2:02},{10 + n + m * 3 % 7},{(n + m) * calls},{channel}")
        payroll.append(f"{month}-28,{pay * (n + 1)},canaryband{pay} yranac")
        tickets.append(f"{month}-{1 + n % 27:02},{(n % 5) * up}")
    return {"orders": orders, "payroll": payroll, "tickets": tickets}


def write(folder: Path, docs: Iterable[Doc], data: Mapping[str, list[str]] | None = None) -> Path:
    """Write a project."""
    for name, lines in (tables() if data is None else data).items():
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / "data" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "kpis").mkdir(exist_ok=True)
    settings = "version: 1\nname: acme\npaths: [kpis]\ncalendar: {timezone: Europe/Berlin}\n"
    (folder / "kpiascode.yaml").write_text(settings, encoding="utf-8")
    text = "\n---\n".join(json.dumps(doc, indent=1, ensure_ascii=False) for doc in docs)
    (folder / "kpis" / "all.yaml").write_text(text + "\n", encoding="utf-8")
    return folder


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a document with names in the place of others, also in expressions."""
    match value:
        case dict():
            return {key: renamed(item, names) for key, item in value.items()}
        case list():
            return [renamed(item, names) for item in value]
        case str():
            for old, new in names.items():
                value = value.replace(old, new)
            return value
        case _:
            return value


def mapped(value: Any, change: Callable[[str, Any], Any], key: str = "") -> Any:
    """Return a document with every text and number changed as told of its key."""
    match value:
        case dict():
            return {name: mapped(item, change, name) for name, item in value.items()}
        case list():
            return [mapped(item, change, key) for item in value]
        case _:
            return change(key, value)


# --- what is remembered


def published(kpi: str, number: str, **keys: Any) -> PublishedValue:
    plain: dict[str, Any] = {
        "kpi": kpi,
        "grain": "month",
        "period": "2025-11",
        "start": date(2025, 11, 1),
        "end": date(2025, 12, 1),
        "slice": (),
        "value": Decimal(number),
        "unit": "count",
        "definition": "d" * 64,
        "watermark": None,
        "status": "met",
        "hash": f"hash of {kpi} {number}",
    }
    return PublishedValue(**plain | keys)


def publication(day: int, kpis: tuple[str, ...], word: str, **keys: Any) -> Publication:
    plain: dict[str, Any] = {
        "hash": f"segment {day}",
        "at": datetime(2025, 12, day, 9, tzinfo=UTC),
        "as_of": datetime(2025, 12, 1),
        "commit": word,
        "scorecard": None,
        "channel": "site",
        "audiences": (),
        "recipients": None,
        "delivered": None,
        "acknowledged": None,
        "artefact": word,
        "note": "",
        "parents": (),
        "kpis": tuple(Told(kpi=one, formula="f", targets=word, owner=word) for one in kpis),
        "values": tuple(published(one, "12.5") for one in kpis),
    }
    return Publication(**plain | keys)


def ledger(word: str, number: str, names: Mapping[str, str] | None = None) -> tuple[Publication, ...]:
    """Return what was published; `word` and `number` stand in all that few may see."""
    pay = (names or {}).get("k_pay", "k_pay")
    board = (names or {}).get("s_board", "s_board")
    again = published(
        "k_revenue", "13.5", restates="hash of k_revenue 12.5", reason=word, author=word, hash="x"
    )
    return (
        publication(
            2,
            ("k_revenue", "k_orders"),
            word,
            scorecard="s_sales",
            audiences=("sales",),
            note=canary("c_sell_more"),
            recipients=People(number=30),
        ),
        publication(
            *(3, ("k_revenue", pay), word),
            note=word,
            values=(again, published(pay, number, restates="before", reason=word)),
        ),
        publication(
            4,
            ("k_revenue",),
            word,
            scorecard=board,
            audiences=("acme",),
            note=word,
            recipients=People(number=77),
        ),
        publication(5, ("k_revenue",), word, scorecard="s_company", audiences=("personnel",), note=word),
        publication(
            6,
            ("k_revenue",),
            word,
            scorecard="s_company",
            audiences=("acme", "personnel"),
            note=canary("s_company"),
            recipients=People(number=41),
        ),
    )


def remembered(word: str, names: Mapping[str, str] | None = None) -> History:
    """Return what the repository remembers; `word` stands in every message and commit."""
    pay = (names or {}).get("k_pay", "k_pay")

    def change(kpi: str, day: int, *what: str) -> DefinitionChange:
        return DefinitionChange(kpi=kpi, on=date(2025, 12, day), commit=word, what=what, subject=word)

    return History(
        since=None,
        released={"k_revenue": date(2024, 1, 1), pay: date(2025, 11, len(word) % 28 + 1)},
        changes=(
            change(pay, 20, "formula"),
            *((change("k_revenue", 19, "target"),) if "other" in word else ()),  # of a goal that few may see
            change("k_revenue", 18, "formula", "owner"),
        ),
        mentions=(
            Mention(kpi="k_revenue", on=date(2025, 12, 5), commit=word, decision=word),
            Mention(kpi=pay, on=date(2025, 12, 6), commit=word, decision=word),
        ),
    )
