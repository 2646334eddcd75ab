-- net_sales: sum(net)
-- all_orders: count(*)
-- price_per_piece: sum(net) / sum(quantity)
WITH periods AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-01', CAST('2025-01-01' AS DATE), CAST('2025-02-01' AS DATE)),
    ('2025-02', CAST('2025-02-01' AS DATE), CAST('2025-03-01' AS DATE)),
    ('2025-03', CAST('2025-03-01' AS DATE), CAST('2025-04-01' AS DATE)),
    ('2025-04', CAST('2025-04-01' AS DATE), CAST('2025-05-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), orders_calendar AS (
  SELECT
    moments.moment,
    periods.period_name
  FROM (
    SELECT DISTINCT
      orders.ordered_on AS moment
    FROM orders
    WHERE
      orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-05-01' AS DATE)
  ) AS moments
  JOIN periods
    ON moments.moment >= periods.starts_at AND moments.moment < periods.ends_at
), orders_by_period AS (
  SELECT
    orders_calendar.period_name,
    SUM(CASE WHEN orders.status <> 'cancelled' THEN orders.quantity * orders.price END) AS net_sales__1,
    COUNT(*) AS row_count,
    SUM(CASE WHEN orders.status <> 'cancelled' THEN orders.quantity END) AS price_per_piece__1
  FROM orders
  JOIN orders_calendar
    ON orders.ordered_on = orders_calendar.moment
  WHERE
    orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-05-01' AS DATE)
  GROUP BY
    orders_calendar.period_name
)
SELECT
  periods.period_name,
  orders_by_period.net_sales__1 AS net_sales,
  COALESCE(orders_by_period.row_count, 0) AS all_orders,
  CAST(orders_by_period.net_sales__1 AS DOUBLE) / NULLIF(CAST(orders_by_period.price_per_piece__1 AS DOUBLE), 0) AS price_per_piece
FROM periods
LEFT JOIN orders_by_period
  ON orders_by_period.period_name = periods.period_name
ORDER BY
  periods.period_name;
