-- net_per_customer: avg(sum(net) per customer_id)
-- frequent_customers: sum(case when count(*) > 1 then 1 else 0 end per customer_id)
-- median_net: median(net)
WITH periods AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-Q1', CAST('2025-01-01' AS DATE), CAST('2025-04-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), orders_calendar AS (
  SELECT
    moments.moment,
    periods.period_name
  FROM (
    SELECT DISTINCT
      orders.ordered_on AS moment
    FROM orders
    WHERE
      orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-04-01' AS DATE)
  ) AS moments
  JOIN periods
    ON moments.moment >= periods.starts_at AND moments.moment < periods.ends_at
), orders_by_customer_id_each AS (
  SELECT
    orders_calendar.period_name,
    orders.customer_id AS entity_key,
    SUM(orders.quantity * orders.price) AS part_1,
    COUNT(*) AS part_2
  FROM orders
  JOIN orders_calendar
    ON orders.ordered_on = orders_calendar.moment
  WHERE
    orders.ordered_on >= CAST('2025-01-01' AS DATE)
    AND orders.ordered_on < CAST('2025-04-01' AS DATE)
    AND NOT orders.customer_id IS NULL
  GROUP BY
    orders_calendar.period_name,
    orders.customer_id
), orders_by_customer_id AS (
  SELECT
    orders_by_customer_id_each.period_name,
    CAST(SUM(orders_by_customer_id_each.part_1) AS DOUBLE) / NULLIF(CAST(COUNT(orders_by_customer_id_each.part_1) AS DOUBLE), 0) AS net_per_customer__1,
    SUM(CASE WHEN orders_by_customer_id_each.part_2 > 1 THEN 1 ELSE 0 END) AS frequent_customers__1
  FROM orders_by_customer_id_each
  GROUP BY
    orders_by_customer_id_each.period_name
), orders_by_period AS (
  SELECT
    orders_calendar.period_name,
    QUANTILE_CONT(CAST(orders.quantity * orders.price AS DOUBLE), 0.5
    ORDER BY
      CAST(orders.quantity * orders.price AS DOUBLE)) AS median_net__1
  FROM orders
  JOIN orders_calendar
    ON orders.ordered_on = orders_calendar.moment
  WHERE
    orders.ordered_on >= CAST('2025-01-01' AS DATE)
    AND orders.ordered_on < CAST('2025-04-01' AS DATE)
    AND orders.status = 'paid'
  GROUP BY
    orders_calendar.period_name
)
SELECT
  periods.period_name,
  orders_by_customer_id.net_per_customer__1 AS net_per_customer,
  orders_by_customer_id.frequent_customers__1 AS frequent_customers,
  orders_by_period.median_net__1 AS median_net
FROM periods
LEFT JOIN orders_by_customer_id
  ON orders_by_customer_id.period_name = periods.period_name
LEFT JOIN orders_by_period
  ON orders_by_period.period_name = periods.period_name
ORDER BY
  periods.period_name;
