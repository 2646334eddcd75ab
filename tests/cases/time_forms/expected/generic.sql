-- growth: net_sales / previous(net_sales, 1 year)
-- window: rolling(net_sales, 28 days)
-- year_so_far: to_date(net_sales, year)
-- ever: cumulative(count(*))
-- per_day: net_sales / days()
WITH periods AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-02', CAST('2025-02-01' AS DATE), CAST('2025-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), previous_1_year AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-02', CAST('2024-02-01' AS DATE), CAST('2024-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), year_to_date AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-02', CAST('2025-01-01' AS DATE), CAST('2025-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), cumulative AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-02', CAST(NULL AS DATE), CAST('2025-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), orders_segments AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('1', CAST(NULL AS DATE), CAST('2024-02-01' AS DATE)),
    ('2', CAST('2024-02-01' AS DATE), CAST('2024-03-01' AS DATE)),
    ('3', CAST('2024-03-01' AS DATE), CAST('2025-01-01' AS DATE)),
    ('4', CAST('2025-01-01' AS DATE), CAST('2025-02-01' AS DATE)),
    ('5', CAST('2025-02-01' AS DATE), CAST('2025-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), orders_calendar_orders_segments AS (
  SELECT
    moments.moment,
    orders_segments.period_name
  FROM (
    SELECT DISTINCT
      orders.ordered_on AS moment
    FROM orders
    WHERE
      orders.ordered_on < CAST('2025-03-01' AS DATE)
  ) AS moments
  JOIN orders_segments
    ON (
      orders_segments.starts_at IS NULL OR moments.moment >= orders_segments.starts_at
    )
    AND moments.moment < orders_segments.ends_at
), orders_once AS (
  SELECT
    orders_calendar_orders_segments.period_name,
    SUM(orders.quantity * orders.price) AS part__1,
    COUNT(*) AS part__2
  FROM orders
  JOIN orders_calendar_orders_segments
    ON orders.ordered_on = orders_calendar_orders_segments.moment
  WHERE
    orders.ordered_on < CAST('2025-03-01' AS DATE)
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
), previous_1_year_made_of AS (
  SELECT
    previous_1_year.period_name,
    orders_segments.period_name AS segment_name
  FROM previous_1_year
  JOIN orders_segments
    ON orders_segments.ends_at > previous_1_year.starts_at
    AND orders_segments.ends_at <= previous_1_year.ends_at
), orders_by_period_previous_1_year AS (
  SELECT
    previous_1_year_made_of.period_name,
    SUM(orders_once.part__1) AS net_sales__1
  FROM orders_once
  JOIN previous_1_year_made_of
    ON orders_once.period_name = previous_1_year_made_of.segment_name
  GROUP BY
    previous_1_year_made_of.period_name
), year_to_date_made_of AS (
  SELECT
    year_to_date.period_name,
    orders_segments.period_name AS segment_name
  FROM year_to_date
  JOIN orders_segments
    ON orders_segments.ends_at > year_to_date.starts_at AND orders_segments.ends_at <= year_to_date.ends_at
), orders_by_period_year_to_date AS (
  SELECT
    year_to_date_made_of.period_name,
    SUM(orders_once.part__1) AS net_sales__1
  FROM orders_once
  JOIN year_to_date_made_of
    ON orders_once.period_name = year_to_date_made_of.segment_name
  GROUP BY
    year_to_date_made_of.period_name
), cumulative_made_of AS (
  SELECT
    cumulative.period_name,
    orders_segments.period_name AS segment_name
  FROM cumulative
  JOIN orders_segments
    ON (
      cumulative.starts_at IS NULL OR orders_segments.ends_at > cumulative.starts_at
    )
    AND orders_segments.ends_at <= cumulative.ends_at
), orders_by_period_cumulative AS (
  SELECT
    cumulative_made_of.period_name,
    CAST(SUM(orders_once.part__2) AS BIGINT) AS row_count
  FROM orders_once
  JOIN cumulative_made_of
    ON orders_once.period_name = cumulative_made_of.segment_name
  GROUP BY
    cumulative_made_of.period_name
)
SELECT
  periods.period_name,
  CAST(orders_by_period.net_sales__1 AS DOUBLE) / NULLIF(CAST(orders_by_period_previous_1_year.net_sales__1 AS DOUBLE), 0) AS growth,
  orders_by_period.net_sales__1 AS "window",
  orders_by_period_year_to_date.net_sales__1 AS year_so_far,
  COALESCE(orders_by_period_cumulative.row_count, 0) AS ever,
  CAST(orders_by_period.net_sales__1 AS DOUBLE) / NULLIF(CAST(28 AS DOUBLE), 0) AS per_day
FROM periods
LEFT JOIN orders_by_period
  ON orders_by_period.period_name = periods.period_name
LEFT JOIN orders_by_period_previous_1_year
  ON orders_by_period_previous_1_year.period_name = periods.period_name
LEFT JOIN orders_by_period_year_to_date
  ON orders_by_period_year_to_date.period_name = periods.period_name
LEFT JOIN orders_by_period_cumulative
  ON orders_by_period_cumulative.period_name = periods.period_name
ORDER BY
  periods.period_name;
