-- net_sales: sum(net)
-- against_last_month: net_sales / previous(net_sales, 1 month)
WITH periods AS (
  SELECT '2025-01' AS period_name, CAST('2025-01-01' AS DATE) AS starts_at, CAST('2025-02-01' AS DATE) AS ends_at
  UNION ALL
  SELECT '2025-02', CAST('2025-02-01' AS DATE), CAST('2025-02-16' AS DATE)
), previous_1_month AS (
  SELECT '2025-01' AS period_name, CAST('2024-12-01' AS DATE) AS starts_at, CAST('2025-01-01' AS DATE) AS ends_at
  UNION ALL
  SELECT '2025-02', CAST('2025-01-01' AS DATE), CAST('2025-01-16' AS DATE)
), orders_calendar AS (
  SELECT
    moments.moment,
    periods.period_name
  FROM (
    SELECT DISTINCT
      CAST(orders.ordered_on AS DATE) AS moment
    FROM orders
    WHERE
      orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-02-16' AS DATE)
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
    orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-02-16' AS DATE)
  GROUP BY
    orders_calendar.period_name
), orders_calendar_previous_1_month AS (
  SELECT
    moments.moment,
    previous_1_month.period_name
  FROM (
    SELECT DISTINCT
      CAST(orders.ordered_on AS DATE) AS moment
    FROM orders
    WHERE
      orders.ordered_on >= CAST('2024-12-01' AS DATE) AND orders.ordered_on < CAST('2025-01-16' AS DATE)
  ) AS moments
  JOIN previous_1_month
    ON moments.moment >= previous_1_month.starts_at AND moments.moment < previous_1_month.ends_at
), orders_by_period_previous_1_month AS (
  SELECT
    orders_calendar_previous_1_month.period_name,
    SUM(orders.quantity * orders.price) AS net_sales__1
  FROM orders
  JOIN orders_calendar_previous_1_month
    ON CAST(orders.ordered_on AS DATE) = orders_calendar_previous_1_month.moment
  WHERE
    orders.ordered_on >= CAST('2024-12-01' AS DATE) AND orders.ordered_on < CAST('2025-01-16' AS DATE)
  GROUP BY
    orders_calendar_previous_1_month.period_name
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
