"""Queries of TPC-H as published, with the parameters of its validation, and the KPIs that say the same.

The SQL is that of the specification, clause for clause; `order by` is left out, since answers are compared as
sets. What the queries put into a condition on one value of a column (a region, a ship mode, a pair of nations) is
asked with `--where`; their span of days with `--from` and `--to`; their group by a year with `--grain year`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """A published query and the question that is the same in our language.

    Args:
        kpis: By column of the query, the KPI that restates it.
        by: By column of the query, the dimension.
        year: The column that holds the year; None where the query takes all its days as one.
        percent: The columns that the query multiplies by a hundred.
    """

    sql: str
    kpis: Mapping[str, str]
    start: str
    end: str
    by: Mapping[str, str] = field(default_factory=dict)
    year: str | None = None
    where: str | None = None
    percent: tuple[str, ...] = ()

    @property
    def grain(self) -> str:
        return "all" if self.year is None else "year"

    @property
    def words(self) -> list[str]:
        """Return what stands after `kpi run`, the project left out."""
        by = [word for dimension in self.by.values() for word in ("--by", dimension)]
        where = [] if self.where is None else ["--where", self.where]
        span = ["--grain", self.grain, "--from", self.start, "--to", self.end]
        return [*self.kpis.values(), *span, *by, *where, "--as-of", "2000-01-01", "--format", "json"]


BEGINNING: Final = "1992-01-01"
END: Final = "1999-01-01"
"""The days of TPC-H: no order before the first, no line shipped or received on the second or later."""

Q1: Final = Restated(
    sql="""
        select
            l_returnflag, l_linestatus,
            sum(l_quantity) as sum_qty,
            sum(l_extendedprice) as sum_base_price,
            sum(l_extendedprice * (1 - l_discount)) as sum_disc_price,
            sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as sum_charge,
            avg(l_quantity) as avg_qty,
            avg(l_extendedprice) as avg_price,
            avg(l_discount) as avg_disc,
            count(*) as count_order
        from lineitem
        where l_shipdate <= date '1998-12-01' - interval '90' day
        group by l_returnflag, l_linestatus
    """,
    kpis={
        "sum_qty": "quantity",
        "sum_base_price": "base_price",
        "sum_disc_price": "discounted_price",
        "sum_charge": "charge",
        "avg_qty": "mean_quantity",
        "avg_price": "mean_price",
        "avg_disc": "mean_discount",
        "count_order": "shipped_lines",
    },
    by={"l_returnflag": "return_flag", "l_linestatus": "line_status"},
    start=BEGINNING,
    end="1998-09-03",
)

Q4: Final = Restated(
    sql="""
        select o_orderpriority, count(*) as order_count
        from orders
        where o_orderdate >= date '1993-07-01'
            and o_orderdate < date '1993-07-01' + interval '3' month
            and exists (
                select * from lineitem where l_orderkey = o_orderkey and l_commitdate < l_receiptdate
            )
        group by o_orderpriority
    """,
    kpis={"order_count": "late_orders"},
    by={"o_orderpriority": "priority"},
    start="1993-07-01",
    end="1993-10-01",
)

Q5: Final = Restated(
    sql="""
        select n_name, sum(l_extendedprice * (1 - l_discount)) as revenue
        from customer, orders, lineitem, supplier, nation, region
        where c_custkey = o_custkey
            and l_orderkey = o_orderkey
            and l_suppkey = s_suppkey
            and c_nationkey = s_nationkey
            and s_nationkey = n_nationkey
            and n_regionkey = r_regionkey
            and r_name = 'ASIA'
            and o_orderdate >= date '1994-01-01'
            and o_orderdate < date '1994-01-01' + interval '1' year
        group by n_name
    """,
    kpis={"revenue": "local_supplier_revenue"},
    by={"n_name": "nation"},
    start="1994-01-01",
    end="1995-01-01",
    where="region = 'ASIA'",
)

Q6: Final = Restated(
    sql="""
        select sum(l_extendedprice * l_discount) as revenue
        from lineitem
        where l_shipdate >= date '1994-01-01'
            and l_shipdate < date '1994-01-01' + interval '1' year
            and l_discount between 0.06 - 0.01 and 0.06 + 0.01
            and l_quantity < 24
    """,
    kpis={"revenue": "revenue_from_discounts"},
    start="1994-01-01",
    end="1995-01-01",
)

Q7: Final = Restated(
    sql="""
        select supp_nation, cust_nation, l_year, sum(volume) as revenue
        from (
            select
                n1.n_name as supp_nation,
                n2.n_name as cust_nation,
                extract(year from l_shipdate) as l_year,
                l_extendedprice * (1 - l_discount) as volume
            from supplier, lineitem, orders, customer, nation n1, nation n2
            where s_suppkey = l_suppkey
                and o_orderkey = l_orderkey
                and c_custkey = o_custkey
                and s_nationkey = n1.n_nationkey
                and c_nationkey = n2.n_nationkey
                and (
                    (n1.n_name = 'FRANCE' and n2.n_name = 'GERMANY')
                    or (n1.n_name = 'GERMANY' and n2.n_name = 'FRANCE')
                )
                and l_shipdate between date '1995-01-01' and date '1996-12-31'
        ) as shipping
        group by supp_nation, cust_nation, l_year
    """,
    kpis={"revenue": "trade_volume"},
    by={"supp_nation": "supplier_nation", "cust_nation": "customer_nation"},
    year="l_year",
    start="1995-01-01",
    end="1997-01-01",
    where="(supplier_nation = 'FRANCE' and customer_nation = 'GERMANY')"
    " or (supplier_nation = 'GERMANY' and customer_nation = 'FRANCE')",
)

Q8: Final = Restated(
    sql="""
        select o_year, sum(case when nation = 'BRAZIL' then volume else 0 end) / sum(volume) as mkt_share
        from (
            select
                extract(year from o_orderdate) as o_year,
                l_extendedprice * (1 - l_discount) as volume,
                n2.n_name as nation
            from part, supplier, lineitem, orders, customer, nation n1, nation n2, region
            where p_partkey = l_partkey
                and s_suppkey = l_suppkey
                and l_orderkey = o_orderkey
                and o_custkey = c_custkey
                and c_nationkey = n1.n_nationkey
                and n1.n_regionkey = r_regionkey
                and r_name = 'AMERICA'
                and s_nationkey = n2.n_nationkey
                and o_orderdate between date '1995-01-01' and date '1996-12-31'
                and p_type = 'ECONOMY ANODIZED STEEL'
        ) as all_nations
        group by o_year
    """,
    kpis={"mkt_share": "share_of_brazil"},
    year="o_year",
    start="1995-01-01",
    end="1997-01-01",
    where="customer_region = 'AMERICA'",
)

Q9: Final = Restated(
    sql="""
        select nation, o_year, sum(amount) as sum_profit
        from (
            select
                n_name as nation,
                extract(year from o_orderdate) as o_year,
                l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity as amount
            from part, supplier, lineitem, partsupp, orders, nation
            where s_suppkey = l_suppkey
                and ps_suppkey = l_suppkey
                and ps_partkey = l_partkey
                and p_partkey = l_partkey
                and o_orderkey = l_orderkey
                and s_nationkey = n_nationkey
                and p_name like '%green%'
        ) as profit
        group by nation, o_year
    """,
    kpis={"sum_profit": "profit_on_green_parts"},
    by={"nation": "nation"},
    year="o_year",
    start=BEGINNING,
    end=END,
)

Q12: Final = Restated(
    sql="""
        select
            l_shipmode,
            sum(case when o_orderpriority = '1-URGENT' or o_orderpriority = '2-HIGH' then 1 else 0 end)
                as high_line_count,
            sum(case when o_orderpriority <> '1-URGENT' and o_orderpriority <> '2-HIGH' then 1 else 0 end)
                as low_line_count
        from orders, lineitem
        where o_orderkey = l_orderkey
            and l_shipmode in ('MAIL', 'SHIP')
            and l_commitdate < l_receiptdate
            and l_shipdate < l_commitdate
            and l_receiptdate >= date '1994-01-01'
            and l_receiptdate < date '1994-01-01' + interval '1' year
        group by l_shipmode
    """,
    kpis={"high_line_count": "urgent_late_lines", "low_line_count": "other_late_lines"},
    by={"l_shipmode": "ship_mode"},
    start="1994-01-01",
    end="1995-01-01",
    where="ship_mode in ('MAIL', 'SHIP')",
)

Q14: Final = Restated(
    sql="""
        select
            100.00 * sum(case when p_type like 'PROMO%' then l_extendedprice * (1 - l_discount) else 0 end)
                / sum(l_extendedprice * (1 - l_discount)) as promo_revenue
        from lineitem, part
        where l_partkey = p_partkey
            and l_shipdate >= date '1995-09-01'
            and l_shipdate < date '1995-09-01' + interval '1' month
    """,
    kpis={"promo_revenue": "promotion_share"},
    start="1995-09-01",
    end="1995-10-01",
    percent=("promo_revenue",),
)

Q19: Final = Restated(
    sql="""
        select sum(l_extendedprice * (1 - l_discount)) as revenue
        from lineitem, part
        where (
                p_partkey = l_partkey
                and p_brand = 'Brand#12'
                and p_container in ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG')
                and l_quantity >= 1 and l_quantity <= 1 + 10
                and p_size between 1 and 5
                and l_shipmode in ('AIR', 'AIR REG')
                and l_shipinstruct = 'DELIVER IN PERSON'
            ) or (
                p_partkey = l_partkey
                and p_brand = 'Brand#23'
                and p_container in ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK')
                and l_quantity >= 10 and l_quantity <= 10 + 10
                and p_size between 1 and 10
                and l_shipmode in ('AIR', 'AIR REG')
                and l_shipinstruct = 'DELIVER IN PERSON'
            ) or (
                p_partkey = l_partkey
                and p_brand = 'Brand#34'
                and p_container in ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')
                and l_quantity >= 20 and l_quantity <= 20 + 10
                and p_size between 1 and 15
                and l_shipmode in ('AIR', 'AIR REG')
                and l_shipinstruct = 'DELIVER IN PERSON'
            )
    """,
    kpis={"revenue": "revenue_of_small_parcels"},
    start=BEGINNING,
    end=END,
)

SHARE_OF_EACH_NATION: Final = Restated(
    sql="""
        select o_year, nation, sum(volume) / sum(sum(volume)) over (partition by o_year) as mkt_share
        from (
            select
                extract(year from o_orderdate) as o_year,
                l_extendedprice * (1 - l_discount) as volume,
                n2.n_name as nation
            from part, supplier, lineitem, orders, customer, nation n1, nation n2, region
            where p_partkey = l_partkey
                and s_suppkey = l_suppkey
                and l_orderkey = o_orderkey
                and o_custkey = c_custkey
                and c_nationkey = n1.n_nationkey
                and n1.n_regionkey = r_regionkey
                and r_name = 'AMERICA'
                and s_nationkey = n2.n_nationkey
                and o_orderdate between date '1995-01-01' and date '1996-12-31'
                and p_type = 'ECONOMY ANODIZED STEEL'
        ) as all_nations
        group by o_year, nation
    """,
    kpis={"mkt_share": "market_share"},
    by={"nation": "supplier_nation"},
    year="o_year",
    start="1995-01-01",
    end="1997-01-01",
    where="customer_region = 'AMERICA' and part_type = 'ECONOMY ANODIZED STEEL'",
)
"""Query 8 for every nation: no query of TPC-H, since that one asks for Brazil alone."""

QUERIES: Final = {
    "q01": Q1,
    "q04": Q4,
    "q05": Q5,
    "q06": Q6,
    "q07": Q7,
    "q08": Q8,
    "q08 of each nation": SHARE_OF_EACH_NATION,
    "q09": Q9,
    "q12": Q12,
    "q14": Q14,
    "q19": Q19,
}
