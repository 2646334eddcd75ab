"""Make the data of Fernwood, the example company: `python kpis/data/generate.py [FOLDER]`.

Everything is invented. The same bytes come out on every platform and every Python from 3.11
on: all draws are whole numbers from seeded generators, money is counted in cents, and no
float takes part. What the numbers tell is written in `kpis/README.md`.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Cell: TypeAlias = str | int | date | datetime | None
Table: TypeAlias = tuple[Sequence[str], list[tuple[Cell, ...]]]

WARM_UP = date(2021, 7, 1)  # simulated, but not written: so that 2023 does not start from nothing
FIRST = date(2023, 1, 1)
END = date(2026, 1, 1)  # the extract is made at this midnight in Berlin
NEW_WAREHOUSE = date(2024, 9, 1)
NEW_PACKAGING = date(2025, 8, 1)  # too thin for glass: lamps arrive broken
SURVEY_STOPS = date(2025, 11, 1)
HAMBURG_CLOSED = (date(2025, 2, 3), date(2025, 3, 17))  # refurbished: no sales, no counts
COLOGNE_OPENS = date(2024, 3, 4)

# One number for each month, January first; 1000 is an average month.
SEASON = {
    "online": (760, 790, 970, 1090, 1100, 960, 870, 820, 910, 1010, 1200, 1450),
    "stores": (720, 780, 1020, 1190, 1200, 1010, 890, 820, 890, 950, 1080, 1480),
    "wholesale": (880, 1020, 1210, 1120, 960, 860, 830, 930, 1150, 1180, 1010, 850),
}
GROWTH = {2021: 900, 2022: 950, 2023: 1000, 2024: 1075, 2025: 1135}
ORDERS_PER_DAY = {"online": 2620, "stores": 2450, "wholesale": 740}  # thousandths, in 2023
WEEKDAY = {
    "online": (1150, 1000, 950, 950, 900, 900, 1150),
    "stores": (850, 850, 900, 1000, 1300, 1500, 0),
    "wholesale": (1100, 1200, 1200, 1000, 500, 0, 0),
}
NEW_BUYERS = {"online": 450, "stores": 400, "wholesale": 90}  # of 1000 orders

CHANNELS: dict[str, dict[str | None, int]] = {  # where new buyers come from, of 100; None: nobody knows
    "online": {"search": 35, "social": 24, "referral": 14, "partner": 15, "catalogue": 7, None: 5},
    "stores": {"referral": 17, "catalogue": 23, "social": 6, None: 54},
    "wholesale": {None: 1},
}
LOYALTY: dict[str | None, int] = {
    "search": 620, "social": 330, "referral": 1150, "partner": 560, "catalogue": 900, None: 640
}  # fmt: skip
COST_OF_A_BUYER = {  # cents, what the marketing team plans with
    "search": 3000, "social": 4100, "referral": 1550, "partner": 2450, "catalogue": 3500
}  # fmt: skip
PLANNED_BUYERS = {  # a month, in tenths
    "search": 130, "social": 104, "referral": 94, "partner": 56, "catalogue": 90
}  # fmt: skip

CATEGORIES = ("garden", "furniture", "lighting", "kitchen", "textiles")
TASTE = (  # what is bought, by month, in the order of CATEGORIES
    (8, 26, 24, 20, 22), (14, 24, 20, 20, 22), (34, 18, 13, 18, 17), (44, 16, 9, 16, 15),
    (44, 17, 9, 15, 15), (36, 19, 11, 18, 16), (28, 22, 13, 19, 18), (22, 23, 17, 19, 19),
    (18, 22, 21, 19, 20), (13, 21, 25, 20, 21), (8, 18, 28, 23, 23), (6, 15, 29, 25, 25),
)  # fmt: skip
PRICE_INDEX = {2023: 1000, 2024: 1025, 2025: 1060}
COST_INDEX = {2023: 985, 2024: 1012, 2025: 1032}
RETURNED = {  # of 1000 lines sold online
    "garden": 45, "furniture": 70, "lighting": 65, "kitchen": 45, "textiles": 95
}  # fmt: skip
RETURNED_WITH_NEW_PACKAGING = 340

PRODUCTS = (  # name, price and cost in cents; eight of each category
    ("Zinc watering can", 2490, 1240), ("Oak raised bed", 11900, 6420),
    ("Garden shears", 2990, 1530), ("Terracotta pot set", 3990, 1980),
    ("Acacia garden bench", 18900, 10400), ("Bird feeder", 1990, 890),
    ("Hose reel", 5990, 3240), ("Fire bowl", 9900, 5250),
    ("Ash side table", 8900, 4810), ("Pine bookshelf", 14900, 8200),
    ("Beech stool", 5900, 3010), ("Coat stand", 7900, 4190),
    ("Folding chair", 4900, 2600), ("Bedside table", 9900, 5350),
    ("Storage bench", 16900, 9400), ("Shoe rack", 4500, 2300),
    ("Glass table lamp", 6900, 3310), ("Floor lamp", 12900, 6710),
    ("Smoked glass pendant", 9900, 4950), ("Lantern", 2990, 1380),
    ("Fairy lights", 1990, 860), ("Wall lamp", 5900, 2950),
    ("Reading lamp", 4990, 2540), ("Glass candle holder", 1490, 620),
    ("Cast iron pan", 6490, 3380), ("Oak chopping board", 2990, 1460),
    ("Enamel pot", 4990, 2540), ("Set of glasses", 3490, 1680),
    ("Ceramic bowl", 2290, 1030), ("Kettle", 5490, 2960),
    ("Spice rack", 2790, 1340), ("Linen apron", 2490, 1150),
    ("Wool throw", 7900, 3950), ("Linen cushion", 2990, 1350),
    ("Bath towel set", 4490, 2200), ("Doormat", 2490, 1190),
    ("Cotton rug", 11900, 6310), ("Bed linen", 8900, 4450),
    ("Tablecloth", 3990, 1880), ("Pair of curtains", 6900, 3450),
)  # fmt: skip

PLACES = (  # id, city, region, country; and how many of 100 buyers live there
    ("BER", "Berlin", "Berlin", "DE", 19), ("HAM", "Hamburg", "Hamburg", "DE", 14),
    ("LEJ", "Leipzig", "Saxony", "DE", 9), ("CGN", "Cologne", "North Rhine-Westphalia", "DE", 9),
    ("MUC", "Munich", "Bavaria", "DE", 9), ("FRA", "Frankfurt", "Hesse", "DE", 7),
    ("STR", "Stuttgart", "Baden-Württemberg", "DE", 6), ("HAJ", "Hanover", "Lower Saxony", "DE", 6),
    ("MAG", "Magdeburg", "Saxony-Anhalt", "DE", 3), ("VIE", "Vienna", "Vienna", "AT", 6),
    ("GRZ", "Graz", "Styria", "AT", 3), ("AMS", "Amsterdam", "North Holland", "NL", 5),
    ("EIN", "Eindhoven", "North Brabant", "NL", 4),
)  # fmt: skip
STORES = (  # id, name, kind, place, opened, and its share of the sales in stores
    ("S1", "Berlin", "store", "BER", date(2014, 4, 1), 38),
    ("S2", "Hamburg", "store", "HAM", date(2017, 9, 4), 27),
    ("S3", "Leipzig", "store", "LEJ", date(2019, 3, 11), 20),
    ("S4", "Cologne", "store", "CGN", COLOGNE_OPENS, 15),
    ("W1", "Magdeburg warehouse", "warehouse", "MAG", NEW_WAREHOUSE, 0),
)
COSTS = {  # of one month in cents: fixed part, and the part of the sales in thousandths
    ("online", "payroll"): (47000, 60), ("online", "logistics"): (14000, 68),
    ("online", "premises"): (16000, 0), ("online", "administration"): (24000, 6),
    ("stores", "payroll"): (118000, 75), ("stores", "logistics"): (7000, 18),
    ("stores", "premises"): (72000, 0), ("stores", "administration"): (17000, 6),
    ("wholesale", "payroll"): (68000, 45), ("wholesale", "logistics"): (10000, 50),
    ("wholesale", "premises"): (12000, 0), ("wholesale", "administration"): (20000, 4),
}  # fmt: skip
BUDGET = {  # net sales of a year, in euros
    2023: {"online": 110_000, "stores": 80_000, "wholesale": 78_000},
    2024: {"online": 117_000, "stores": 101_000, "wholesale": 86_000},
    2025: {"online": 128_000, "stores": 113_000, "wholesale": 93_000},
    2026: {"online": 136_000, "stores": 120_000, "wholesale": 99_000},
}


@dataclass(slots=True, kw_only=True)
class Customer:
    number: int
    segment: str
    channel: str | None
    home: str
    loyalty: int
    acquired: date
    store: str | None
    last_order: date


@dataclass(slots=True, kw_only=True)
class Line:
    product: int
    quantity: int
    price: int
    discount: int  # in hundredths
    cost: int

    @property
    def net(self) -> int:
        """What is paid for the line, in hundredths of a cent."""
        return self.quantity * self.price * (100 - self.discount)


@dataclass(slots=True, kw_only=True)
class Order:
    customer: Customer
    sales_channel: str
    store: str | None
    placed: datetime  # in Berlin
    status: str
    ship_to: str
    number: int = 0
    promised: date | None = None
    delivered: datetime | None = None
    paid: date | None = None
    lines: list[Line] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.placed.date()

    @property
    def late(self) -> bool:
        return bool(self.promised and self.delivered and self.delivered.date() > self.promised)


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    order: Order
    line: int
    day: date
    units: int
    refund: int
    reason: str


def pick(rng: Random, weights: Mapping[T, int]) -> T:
    """Return one key, drawn by weight."""
    draw = rng.randrange(sum(weights.values()))
    for key, weight in weights.items():
        draw -= weight
        if draw < 0:
            return key
    raise AssertionError("the weights are all zero")


def chance(rng: Random, thousandths: int) -> bool:
    return rng.randrange(1000) < thousandths


def days(first: date, end: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((end - first).days))


def months(first: date, end: date) -> Iterable[date]:
    return (day for day in days(first, end) if day.day == 1)


def a_year_later(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def at(rng: Random, day: date, hours: Mapping[int, int]) -> datetime:
    """Return a moment of the day, in Berlin."""
    hour = pick(rng, hours)
    return datetime(day.year, day.month, day.day, hour, rng.randrange(60), rng.randrange(60))


def utc(local: datetime) -> datetime:
    """Return the same instant in UTC; summer time by rule, so that no zone data is needed."""

    def last_sunday(month: int) -> datetime:
        last = date(local.year, month, 31)
        return datetime(local.year, month, 31) - timedelta(days=(last.weekday() + 1) % 7)

    begins = last_sunday(3) + timedelta(hours=2)
    ends = last_sunday(10) + timedelta(hours=3)
    return local - timedelta(hours=2 if begins <= local < ends else 1)


def known(moment: datetime | None) -> datetime | None:
    """Return the moment, or None if it lies after the extract."""
    return moment if moment and moment.date() < END else None


# ---- What happens in the shops --------------------------------------------------------------


SHOP_HOURS = dict.fromkeys(range(10, 20), 10)
WEB_HOURS = {0: 2, 1: 1} | dict.fromkeys(range(7, 17), 3) | dict.fromkeys(range(17, 24), 8)
OFFICE_HOURS = dict.fromkeys(range(8, 17), 10)


class Shops:
    """The simulation: day by day, who buys what, and where."""

    def __init__(self) -> None:
        self.rng = Random(2023)
        self.buyers: dict[str, list[Customer]] = {"online": [], "stores": [], "wholesale": []}
        self.number = 0
        self.owed = dict.fromkeys(ORDERS_PER_DAY, 0)
        for _ in range(38):
            self.newcomer("wholesale", WARM_UP, None)

    def orders(self) -> Iterable[Order]:
        """Yield every order from the warm-up to the end, in time."""
        for day in days(WARM_UP, END):
            today = [
                self.order(day, sales_channel)
                for sales_channel in ORDERS_PER_DAY
                for _ in range(self.how_many(day, sales_channel))
            ]
            yield from sorted((order for order in today if order is not None), key=lambda order: order.placed)

    def how_many(self, day: date, sales_channel: str) -> int:
        """Draw the orders of a day; luck evens out over some weeks."""
        expected = self.expected(day, sales_channel)
        likely = max(0, expected + self.owed[sales_channel] // 12) if expected else 0
        drawn = sum(self.rng.randrange(24000) < likely for _ in range(24))
        self.owed[sales_channel] += expected - 1000 * drawn
        return drawn

    def expected(self, day: date, sales_channel: str) -> int:
        """Return the orders to expect, in thousandths."""
        black_week = sales_channel == "online" and day.month == 11 and 22 <= day.day <= 30
        return (
            ORDERS_PER_DAY[sales_channel]
            * SEASON[sales_channel][day.month - 1]
            * WEEKDAY[sales_channel][day.weekday()]
            * GROWTH[day.year]
            * (3 if black_week else 2)
            // 2_000_000_000
        )

    def order(self, day: date, sales_channel: str) -> Order | None:
        """Return an order, or None where the shop is closed."""
        store = self.store() if sales_channel == "stores" else None
        if store == "S2" and HAMBURG_CLOSED[0] <= day < HAMBURG_CLOSED[1]:
            return None
        if store == "S4" and day < COLOGNE_OPENS:
            return None
        is_new = chance(self.rng, NEW_BUYERS[sales_channel]) or not self.buyers[sales_channel]
        if is_new:
            customer = self.newcomer(sales_channel, day, store)
        else:
            customer = self.regular(sales_channel, day, store)
        customer.last_order = day
        return self.fill(customer, day, sales_channel, store, is_new=is_new)

    def store(self) -> str:
        return pick(self.rng, {store: share for store, _, _, _, _, share in STORES})

    def newcomer(self, sales_channel: str, day: date, store: str | None) -> Customer:
        self.number += 1
        channel = pick(self.rng, CHANNELS[sales_channel])
        home = pick(self.rng, {place: weight for place, _, _, _, weight in PLACES})
        if store and chance(self.rng, 850):
            home = next(place for number, _, _, place, _, _ in STORES if number == store)
        customer = Customer(
            number=self.number,
            segment="trade" if sales_channel == "wholesale" else "consumer",
            channel=channel if day >= FIRST else None,
            home=home,
            loyalty=LOYALTY[channel] * pick(self.rng, {300: 3, 1000: 4, 2600: 3}) // 1000,
            acquired=day,
            store=store,
            last_order=day,
        )
        self.buyers[sales_channel].append(customer)
        return customer

    def regular(self, sales_channel: str, day: date, store: str | None) -> Customer:
        """Draw until somebody comes back: the loyal and the recent ones do so sooner."""
        crossing = {"online": "stores", "stores": "online"}
        pool = self.buyers[sales_channel]
        if sales_channel in crossing and chance(self.rng, 120):
            pool = self.buyers[crossing[sales_channel]]
        while True:
            customer = pool[self.rng.randrange(len(pool))]
            away = (day - customer.last_order).days
            recency = 1000 if away < 240 else 450 if away < 500 else 120
            nearby = 1000 if store in (None, customer.store) else 250
            if self.rng.randrange(3000) < customer.loyalty * recency * nearby // 1_000_000:
                return customer

    def fill(
        self, customer: Customer, day: date, sales_channel: str, store: str | None, *, is_new: bool
    ) -> Order:
        rng = self.rng
        hours = {"online": WEB_HOURS, "stores": SHOP_HOURS, "wholesale": OFFICE_HOURS}
        gift = sales_channel == "online" and chance(rng, 70)
        ship_to = pick(rng, {p[0]: p[4] for p in PLACES}) if gift else customer.home
        order = Order(
            customer=customer,
            sales_channel=sales_channel,
            store=store,
            placed=at(rng, day, hours[sales_channel]),
            status="completed",
            ship_to=next(s[3] for s in STORES if s[0] == store) if store else ship_to,
            lines=self.basket(customer, day, sales_channel),
        )
        if sales_channel != "stores":
            self.deliver(order, cancelled=not is_new and chance(rng, 35))
        return order

    def basket(self, customer: Customer, day: date, sales_channel: str) -> list[Line]:
        rng = self.rng
        wholesale = sales_channel == "wholesale"
        sizes = {1: 12, 2: 44, 3: 44} if wholesale else {1: 52, 2: 29, 3: 13, 4: 6}
        if customer.channel == "social" and not wholesale:
            sizes = {1: 70, 2: 23, 3: 7}
        size = pick(rng, sizes)
        chosen: list[int] = []
        while len(chosen) < size:
            category = pick(rng, dict(zip(range(5), TASTE[day.month - 1], strict=True)))
            product = category * 8 + rng.randrange(8)
            if product not in chosen:
                chosen.append(product)
        year = max(day.year, FIRST.year)
        return [self.line(product, year, day.month, wholesale=wholesale) for product in chosen]

    def line(self, product: int, year: int, month: int, *, wholesale: bool) -> Line:
        rng = self.rng
        _, price, cost = PRODUCTS[product]
        price = price * PRICE_INDEX[year] * (780 if wholesale else 1000) // 1_000_000
        sale = month in (1, 7, 11)
        cheap = price < 4000
        if wholesale:
            quantity = max(2, (12000 + rng.randrange(14000)) // price)
            discount = pick(rng, {0: 70, 3: 20, 5: 10})
        else:
            quantity = pick(rng, {1: 74, 2: 20, 3: 6} if cheap else {1: 94, 2: 6})
            discount = pick(rng, {0: 46, 10: 25, 20: 20, 30: 9} if sale else {0: 66, 10: 23, 20: 11})
        return Line(
            product=product,
            quantity=quantity,
            price=price // 10 * 10,
            discount=discount,
            cost=cost * COST_INDEX[year] // 1000,
        )

    def deliver(self, order: Order, *, cancelled: bool) -> None:
        rng = self.rng
        trade = order.sales_channel == "wholesale"
        order.promised = order.day + timedelta(days=7 if trade else 4)
        if order.day < NEW_WAREHOUSE:
            took = pick(rng, {1: 4, 2: 21, 3: 37, 4: 25, 5: 7, 6: 4, 8: 2})
        else:
            took = pick(rng, {1: 20, 2: 44, 3: 23, 4: 9, 5: 2, 6: 1, 8: 1})
        rush = order.day.month == 12 and order.day.day < 24 and chance(rng, 160)
        took += (2 if trade else 0) + (2 if rush else 0)
        if cancelled:
            order.status = "cancelled"
            return
        order.delivered = known(at(rng, order.day + timedelta(days=took), OFFICE_HOURS))
        if order.delivered is None:
            order.status = "open"
        if trade:
            slower = 5 if order.day >= date(2025, 4, 1) else 0
            terms = order.day + timedelta(days=17 + slower + rng.randrange(12) + rng.randrange(14))
            order.paid = terms if terms < END else None


# ---- What happens afterwards ----------------------------------------------------------------


def returns(orders: Iterable[Order]) -> list[Return]:
    """Return what came back, in time."""
    rng = Random(2024)
    found = []
    for order in orders:
        handed_over = order.delivered or (order.placed if order.sales_channel == "stores" else None)
        for number, line in enumerate(order.lines, start=1):
            likely, reason = how_likely_returned(order, CATEGORIES[line.product // 8])
            is_returned = chance(rng, likely)
            day = (handed_over or order.placed).date() + timedelta(days=3 + rng.randrange(16))
            units = 1 + rng.randrange(line.quantity)
            if order.sales_channel == "wholesale":
                units = 1 + units // 4
            if is_returned and handed_over and day < END:
                refund = (units * line.price * (100 - line.discount) + 50) // 100
                why = reason or pick(rng, {"changed_mind": 5, "not_as_shown": 3, "damaged": 2})
                found.append(
                    Return(order=order, line=number, day=day, units=units, refund=refund, reason=why)
                )
    return sorted(found, key=lambda r: (r.day, r.order.number, r.line))


def how_likely_returned(order: Order, category: str) -> tuple[int, str | None]:
    """Return the chance in thousandths, and the reason where there is only one."""
    if order.sales_channel == "wholesale":
        return 22, None
    if order.sales_channel == "stores":
        return RETURNED[category] // 3, None
    if category == "lighting" and order.day >= NEW_PACKAGING:
        return RETURNED_WITH_NEW_PACKAGING, "damaged"
    return RETURNED[category], None


def contacts(orders: Iterable[Order], returned: Iterable[Return]) -> Table:
    """Messages to customer care: complaints and questions."""
    rng = Random(2025)
    damaged = {r.order.number for r in returned if r.reason == "damaged"}
    rows: list[tuple[datetime, int, str, datetime | None]] = []
    for order in orders:
        topic = what_about(rng, order, is_damaged=order.number in damaged)
        start = order.delivered or order.placed
        opened = at(rng, start.date() + timedelta(days=1 + rng.randrange(6)), WEB_HOURS)
        wait = pick(rng, {3: 30, 8: 28, 16: 24, 24: 13, 32: 5})
        if opened.date() < date(2025, 3, 1):  # since then a second shift answers in the evening
            wait = wait * 3 // 2
        reply = opened + timedelta(minutes=wait * 60 - rng.randrange(wait * 24))
        never = chance(rng, 15)
        if topic and order.status == "completed" and opened.date() < END:
            rows.append((opened, order.number, topic, None if never else known(reply)))
    return (
        ("contact_id", "order_id", "topic", "opened_at", "first_reply_at"),
        [
            (number, order, topic, utc(opened), utc(reply) if reply else None)
            for number, (opened, order, topic, reply) in enumerate(sorted(rows, key=first_two), 1)
        ],
    )


def first_two(row: tuple[datetime, int, str, datetime | None]) -> tuple[datetime, int]:
    return row[:2]


def what_about(rng: Random, order: Order, *, is_damaged: bool) -> str | None:
    late = {"late": 180 if order.late else 4}
    wrong = {"wrong_item": 9 if order.sales_channel != "stores" else 2}
    fault = {"damaged": 520 if is_damaged else 6}
    question = {"question": 130 if order.sales_channel != "stores" else 25}
    weights = late | wrong | fault | question
    return pick(rng, {**weights, "": max(0, 1000 - sum(weights.values()))}) or None


def surveys(orders: Iterable[Order], returned: Iterable[Return]) -> Table:
    """Answers to "would you recommend us?", 0 to 10. The export broke on 1 November 2025."""
    rng = Random(2026)
    damaged = {r.order.number for r in returned if r.reason == "damaged"}
    rows = []
    for order in orders:
        answers = chance(rng, 440)
        start = (order.delivered or order.placed).date()
        day = start + timedelta(days=2 + rng.randrange(9))
        if order.number in damaged or order.late:
            score = pick(rng, {0: 4, 2: 8, 4: 14, 5: 14, 6: 22, 7: 18, 8: 12, 9: 5, 10: 3})
        else:
            score = pick(rng, {3: 2, 5: 4, 6: 6, 7: 14, 8: 20, 9: 27, 10: 27})
        consumer = order.sales_channel != "wholesale"
        if answers and consumer and order.status == "completed" and day < SURVEY_STOPS:
            rows.append((day, order.number, score))
    return (
        ("survey_id", "order_id", "answered_on", "score"),
        [(number, order, day, score) for number, (day, order, score) in enumerate(sorted(rows), start=1)],
    )


def stock_counts() -> Table:
    """Every Monday each store and the warehouse count the products that have run out."""
    rng = Random(2027)
    rows: list[tuple[Cell, ...]] = []
    for day in days(FIRST, END):
        for store, _, kind, _, opened, _ in STORES:
            closed = store == "S2" and HAMBURG_CLOSED[0] <= day < HAMBURG_CLOSED[1]
            if day.weekday() != 0 or day < opened or closed:
                continue
            listed = 400 if kind == "warehouse" else 260 if store == "S1" else 180
            rate = 47 if day < date(2025, 4, 1) else 33  # orders follow the forecast since then
            rate += 14 if day.month in (5, 12) else 0
            rate -= 12 if kind == "warehouse" else 0
            out = sum(chance(rng, rate) for _ in range(listed))
            rows.append((day, store, listed, out))
    return ("counted_on", "store_id", "products_listed", "products_out"), rows


# ---- The books ------------------------------------------------------------------------------


def marketing_spend() -> Table:
    rng = Random(2028)
    rows: list[tuple[Cell, ...]] = []
    for month in months(FIRST, END):
        for channel, buyers in PLANNED_BUYERS.items():
            season = (SEASON["online"][month.month - 1] + 1000) // 2
            cents = buyers * COST_OF_A_BUYER[channel] * season * GROWTH[month.year] // 10_000_000
            cents = cents * (930 + rng.randrange(141)) // 1000
            if channel == "social":  # clicks get dearer from one auction to the next
                cents = cents * (880 + 8 * months_since_start(month)) // 1000
            if channel == "referral" and month >= date(2025, 4, 1):  # a better reward for friends
                cents = cents * 118 // 100
            rows.append((month, channel, euros(cents // 100 * 100)))
    return ("spent_on", "channel", "amount"), rows


def months_since_start(month: date) -> int:
    return (month.year - FIRST.year) * 12 + month.month - 1


def expenses(sales: Mapping[tuple[date, str], int], spend: Table) -> Table:
    """The ledger, booked on the last day of each month; all of marketing lies with the consumer
    business, three quarters of it online.
    """
    rng = Random(2029)
    marketing: dict[Cell, int] = defaultdict(int)
    for month, _, amount in spend[1]:
        marketing[month] += cents_of(str(amount))
    rows: list[tuple[Cell, ...]] = []
    for month in months(FIRST, END):
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        online = marketing[month] * 3 // 4
        rows.append((last, "online", "marketing", euros(online)))
        rows.append((last, "stores", "marketing", euros(marketing[month] - online)))
        for (line_of_business, category), (fixed, variable) in COSTS.items():
            wages = (1000, 1035, 1070)[month.year - FIRST.year]
            cents = fixed * wages // 1000 + sales[month, line_of_business] * variable // 1000
            cents = cents * (970 + rng.randrange(61)) // 1000
            rows.append((last, line_of_business, category, euros(cents)))
    return ("booked_on", "sales_channel", "cost_type", "amount"), rows


def budget() -> Table:
    """The plan: made each autumn for the year to come, spread over its months by their season."""
    rows: list[tuple[Cell, ...]] = []
    for month in months(FIRST, date(2027, 1, 1)):
        for name, year in BUDGET[month.year].items():
            hundreds = year * SEASON[name][month.month - 1] // sum(SEASON[name]) // 100
            rows.append((month, name, euros(hundreds * 10_000)))
    return ("month", "sales_channel", "amount"), rows


# ---- The files ------------------------------------------------------------------------------


def tables() -> dict[str, Table]:
    """Return every table by the name of its file."""
    orders = [order for order in Shops().orders() if order.day >= FIRST]
    for number, order in enumerate(orders, start=10001):
        order.number = number
    returned = returns(orders)
    spend = marketing_spend()
    return {
        "products": products(),
        "places": (("place_id", "city", "region", "country"), [p[:4] for p in PLACES]),
        "stores": (("store_id", "name", "kind", "place_id", "opened_on"), [s[:5] for s in STORES]),
        "customers": customers(orders),
        "orders": order_table(orders),
        "order_lines": line_table(orders),
        "returns": return_table(returned),
        "contacts": contacts(orders, returned),
        "surveys": surveys(orders, returned),
        "stock_counts": stock_counts(),
        "marketing_spend": spend,
        "expenses": expenses(monthly_sales(orders), spend),
        "budget": budget(),
    }


def monthly_sales(orders: Iterable[Order]) -> Mapping[tuple[date, str], int]:
    """Return net sales in cents, by the first day of the month and the line of business."""
    total: dict[tuple[date, str], int] = defaultdict(int)
    for order in orders:
        if order.status != "cancelled":
            month = order.day.replace(day=1)
            total[month, order.sales_channel] += sum(line.net for line in order.lines) // 100
    return total


def products() -> Table:
    return (
        ("product_id", "name", "category"),
        [(product_id(n), name, CATEGORIES[n // 8]) for n, (name, _, _) in enumerate(PRODUCTS)],
    )


def product_id(number: int) -> str:
    return f"P{number + 1:02}"


def customers(orders: Iterable[Order]) -> Table:
    """Those who have bought since 2023. Earlier ones came over from the old shop."""
    buyers = {order.customer.number: order.customer for order in orders}
    return (
        ("customer_id", "segment", "channel", "registered_in", "home_place_id",
         "acquired_on", "first_year_ends_on"),
        [
            (c.number, c.segment, c.channel, "new_shop" if c.acquired >= FIRST else "old_shop",
             c.home, c.acquired, a_year_later(c.acquired))
            for _, c in sorted(buyers.items())
        ],
    )  # fmt: skip


def order_table(orders: Iterable[Order]) -> Table:
    return (
        ("order_id", "customer_id", "sales_channel", "store_id", "status", "ship_place_id",
         "bill_place_id", "ordered_at", "promised_on", "delivered_at", "paid_on"),
        [
            (o.number, o.customer.number, o.sales_channel, o.store, o.status, o.ship_to,
             o.customer.home, utc(o.placed), o.promised,
             utc(o.delivered) if o.delivered else None, o.paid)
            for o in orders
        ],
    )  # fmt: skip


def line_table(orders: Iterable[Order]) -> Table:
    return (
        ("order_id", "line", "product_id", "quantity", "unit_price", "discount", "unit_cost"),
        [
            (order.number, number, product_id(line.product), line.quantity, euros(line.price),
             euros(line.discount), euros(line.cost))
            for order in orders
            for number, line in enumerate(order.lines, start=1)
        ],
    )  # fmt: skip


def return_table(returned: Iterable[Return]) -> Table:
    return (
        ("return_id", "order_id", "line", "returned_on", "units", "refund", "reason"),
        [
            (number, r.order.number, r.line, r.day, r.units, euros(r.refund), r.reason)
            for number, r in enumerate(returned, start=1)
        ],
    )


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def cents_of(amount: str) -> int:
    return int(amount.replace(".", ""))


def text(cell: Cell) -> str:
    """Return a cell as it is written: nothing for null, ISO for dates and moments."""
    match cell:
        case None:
            return ""
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S")
        case _:
            return str(cell)


def write(folder: Path) -> None:
    """Write every table into the folder, one CSV file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (header, rows) in tables().items():
        out = StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([text(cell) for cell in row] for row in rows)
        (folder / f"{name}.csv").write_bytes(out.getvalue().encode("utf-8"))


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
