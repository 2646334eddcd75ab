-- net_sales: sum(net)
-- order_count: count(*)
WITH periods AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-01', CAST('2025-01-01' AS DATE), CAST('2025-02-01' AS DATE)),
    ('2025-02', CAST('2025-02-01' AS DATE), CAST('2025-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), orders_calendar AS (
  SELECT
    moments.moment,
    periods.period_name
  FROM (
    SELECT DISTINCT
      orders.ordered_on AS moment
    FROM orders
    WHERE
      orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-03-01' AS DATE)
  ) AS moments
  JOIN periods
    ON moments.moment >= periods.starts_at AND moments.moment < periods.ends_at
), orders_by_period AS (
  SELECT
    orders_calendar.period_name,
    orders.channel,
    SUM(orders.quantity * orders.price) AS net_sales__1,
    COUNT(*) AS row_count,
    COUNT(CASE WHEN orders.status = 'paid' THEN 1 END) AS order_count__1
  FROM orders
  JOIN orders_calendar
    ON orders.ordered_on = orders_calendar.moment
  WHERE
    orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-03-01' AS DATE)
  GROUP BY
    orders_calendar.period_name,
    orders.channel
), asked_slices AS (
  SELECT
    orders_by_period.channel,
    MAX(CASE WHEN orders_by_period.row_count > 0 THEN 1 ELSE 0 END) AS net_sales__seen,
    MAX(CASE WHEN orders_by_period.order_count__1 > 0 THEN 1 ELSE 0 END) AS order_count__seen
  FROM orders_by_period
  GROUP BY
    orders_by_period.channel
)
SELECT
  periods.period_name,
  asked_slices.channel,
  orders_by_period.net_sales__1 AS net_sales,
  COALESCE(orders_by_period.order_count__1, 0) AS order_count,
  asked_slices.net_sales__seen,
  asked_slices.order_count__seen
FROM periods
LEFT JOIN asked_slices
  ON 1 = 1
LEFT JOIN orders_by_period
  ON orders_by_period.period_name = periods.period_name
  AND (
    orders_by_period.channel IS NOT DISTINCT FROM asked_slices.channel
  )
ORDER BY
  periods.period_name,
  asked_slices.channel;
