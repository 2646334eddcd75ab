-- growth: net_sales / previous(net_sales, 1 year)
-- window: rolling(net_sales, 28 days)
-- year_so_far: to_date(net_sales, year)
-- ever: cumulative(count(*))
-- per_day: net_sales / days()
WITH periods AS (
  SELECT '2025-02' AS period_name, CAST('2025-02-01' AS DATE) AS starts_at, CAST('2025-03-01' AS DATE) AS ends_at
), previous_1_year AS (
  SELECT '2025-02' AS period_name, CAST('2024-02-01' AS DATE) AS starts_at, CAST('2024-03-01' AS DATE) AS ends_at
), year_to_date AS (
  SELECT '2025-02' AS period_name, CAST('2025-01-01' AS DATE) AS starts_at, CAST('2025-03-01' AS DATE) AS ends_at
), cumulative AS (
  SELECT '2025-02' AS period_name, CAST(NULL AS DATE) AS starts_at, CAST('2025-03-01' AS DATE) AS ends_at
), orders_calendar AS (
  SELECT
    moments.moment,
    periods.period_name
  FROM (
    SELECT DISTINCT
      CAST(orders.ordered_on AS DATE) AS moment
    FROM orders
    WHERE
      orders.ordered_on >= CAST('2025-02-01' AS DATE) AND orders.ordered_on < CAST('2025-03-01' AS DATE)
  ) AS moments
  JOIN periods
    ON moments.moment >= periods.starts_at AND moments.moment < periods.ends_at
), orders_by_period AS (
  SELECT
    orders_calendar.period_name,
    SUM(orders.quantity * orders.price) AS net_sales__1
  FROM orders
  JOIN orders_calendar
    ON CAST(orders.ordered_on AS DATE) = orders_calendar.moment
  WHERE
    orders.ordered_on >= CAST('2025-02-01' AS DATE) AND orders.ordered_on < CAST('2025-03-01' AS DATE)
  GROUP BY
    orders_calendar.period_name
), orders_calendar_previous_1_year AS (
  SELECT
    moments.moment,
    previous_1_year.period_name
  FROM (
    SELECT DISTINCT
      CAST(orders.ordered_on AS DATE) AS moment
    FROM orders
    WHERE
      orders.ordered_on >= CAST('2024-02-01' AS DATE) AND orders.ordered_on < CAST('2024-03-01' AS DATE)
  ) AS moments
  JOIN previous_1_year
    ON moments.moment >= previous_1_year.starts_at AND moments.moment < previous_1_year.ends_at
), orders_by_period_previous_1_year AS (
  SELECT
    orders_calendar_previous_1_year.period_name,
    SUM(orders.quantity * orders.price) AS net_sales__1
  FROM orders
  JOIN orders_calendar_previous_1_year
    ON CAST(orders.ordered_on AS DATE) = orders_calendar_previous_1_year.moment
  WHERE
    orders.ordered_on >= CAST('2024-02-01' AS DATE) AND orders.ordered_on < CAST('2024-03-01' AS DATE)
  GROUP BY
    orders_calendar_previous_1_year.period_name
), orders_calendar_year_to_date AS (
  SELECT
    moments.moment,
    year_to_date.period_name
  FROM (
    SELECT DISTINCT
      CAST(orders.ordered_on AS DATE) AS moment
    FROM orders
    WHERE
      orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-03-01' AS DATE)
  ) AS moments
  JOIN year_to_date
    ON moments.moment >= year_to_date.starts_at AND moments.moment < year_to_date.ends_at
), orders_by_period_year_to_date AS (
  SELECT
    orders_calendar_year_to_date.period_name,
    SUM(orders.quantity * orders.price) AS net_sales__1
  FROM orders
  JOIN orders_calendar_year_to_date
    ON CAST(orders.ordered_on AS DATE) = orders_calendar_year_to_date.moment
  WHERE
    orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-03-01' AS DATE)
  GROUP BY
    orders_calendar_year_to_date.period_name
), orders_calendar_cumulative AS (
  SELECT
    moments.moment,
    cumulative.period_name
  FROM (
    SELECT DISTINCT
      CAST(orders.ordered_on AS DATE) AS moment
    FROM orders
    WHERE
      orders.ordered_on < CAST('2025-03-01' AS DATE)
  ) AS moments
  JOIN cumulative
    ON (
      cumulative.starts_at IS NULL OR moments.moment >= cumulative.starts_at
    )
    AND moments.moment < cumulative.ends_at
), orders_by_period_cumulative AS (
  SELECT
    orders_calendar_cumulative.period_name,
    COUNT(*) AS row_count
  FROM orders
  JOIN orders_calendar_cumulative
    ON CAST(orders.ordered_on AS DATE) = orders_calendar_cumulative.moment
  WHERE
    orders.ordered_on < CAST('2025-03-01' AS DATE)
  GROUP BY
    orders_calendar_cumulative.period_name
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
