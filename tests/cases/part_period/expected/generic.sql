-- net_sales: sum(net)
-- against_last_month: net_sales / previous(net_sales, 1 month)
WITH periods AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-01', CAST('2025-01-01' AS DATE), CAST('2025-02-01' AS DATE)),
    ('2025-02', CAST('2025-02-01' AS DATE), CAST('2025-02-16' AS DATE))) AS given(period_name, starts_at, ends_at)
), previous_1_month AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-01', CAST('2024-12-01' AS DATE), CAST('2025-01-01' AS DATE)),
    ('2025-02', CAST('2025-01-01' AS DATE), CAST('2025-01-16' AS DATE))) AS given(period_name, starts_at, ends_at)
), orders_segments AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('1', CAST('2024-12-01' AS DATE), CAST('2025-01-01' AS DATE)),
    ('2', CAST('2025-01-01' AS DATE), CAST('2025-01-16' AS DATE)),
    ('3', CAST('2025-01-16' AS DATE), CAST('2025-02-01' AS DATE)),
    ('4', CAST('2025-02-01' AS DATE), CAST('2025-02-16' AS DATE))) AS given(period_name, starts_at, ends_at)
), orders_calendar_orders_segments AS (
  SELECT
    moments.moment,
    orders_segments.period_name
  FROM (
    SELECT DISTINCT
      orders.ordered_on AS moment
    FROM orders
    WHERE
      orders.ordered_on >= CAST('2024-12-01' AS DATE) AND orders.ordered_on < CAST('2025-02-16' AS DATE)
  ) AS moments
  JOIN orders_segments
    ON moments.moment >= orders_segments.starts_at AND moments.moment < orders_segments.ends_at
), orders_once AS (
  SELECT
    orders_calendar_orders_segments.period_name,
    SUM(orders.quantity * orders.price) AS part__1
  FROM orders
  JOIN orders_calendar_orders_segments
    ON orders.ordered_on = orders_calendar_orders_segments.moment
  WHERE
    orders.ordered_on >= CAST('2024-12-01' AS DATE) AND orders.ordered_on < CAST('2025-02-16' AS DATE)
  GROUP BY
    orders_calendar_orders_segments.period_name
), periods_made_of AS (
  SELECT
    periods.period_name,
    orders_segments.period_name AS segment_name
  FROM periods
  JOIN orders_segments
    ON orders_segments.ends_at > periods.starts_at AND orders_segments.ends_at <= periods.ends_at
), orders_by_period AS (
  SELECT
    periods_made_of.period_name,
    SUM(orders_once.part__1) AS net_sales__1
  FROM orders_once
  JOIN periods_made_of
    ON orders_once.period_name = periods_made_of.segment_name
  GROUP BY
    periods_made_of.period_name
), previous_1_month_made_of AS (
  SELECT
    previous_1_month.period_name,
    orders_segments.period_name AS segment_name
  FROM previous_1_month
  JOIN orders_segments
    ON orders_segments.ends_at > previous_1_month.starts_at
    AND orders_segments.ends_at <= previous_1_month.ends_at
), orders_by_period_previous_1_month AS (
  SELECT
    previous_1_month_made_of.period_name,
    SUM(orders_once.part__1) AS net_sales__1
  FROM orders_once
  JOIN previous_1_month_made_of
    ON orders_once.period_name = previous_1_month_made_of.segment_name
  GROUP BY
    previous_1_month_made_of.period_name
)
SELECT
  periods.period_name,
  orders_by_period.net_sales__1 AS net_sales,
  CAST(orders_by_period.net_sales__1 AS DOUBLE) / NULLIF(CAST(orders_by_period_previous_1_month.net_sales__1 AS DOUBLE), 0) AS against_last_month
FROM periods
LEFT JOIN orders_by_period
  ON orders_by_period.period_name = periods.period_name
LEFT JOIN orders_by_period_previous_1_month
  ON orders_by_period_previous_1_month.period_name = periods.period_name
ORDER BY
  periods.period_name;
