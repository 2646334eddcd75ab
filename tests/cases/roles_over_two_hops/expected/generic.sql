-- quantity_sold: sum(quantity)
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
), orders_by_period AS (
  SELECT
    orders_calendar.period_name,
    orders__buyer__home.country AS home,
    orders__buyer__work.country AS work,
    SUM(orders.quantity) AS quantity_sold__1,
    COUNT(*) AS row_count
  FROM orders
  LEFT JOIN customers AS orders__buyer
    ON orders.customer_id = orders__buyer.id
  LEFT JOIN places AS orders__buyer__home
    ON orders__buyer.home_id = orders__buyer__home.id
  LEFT JOIN places AS orders__buyer__work
    ON orders__buyer.work_id = orders__buyer__work.id
  JOIN orders_calendar
    ON orders.ordered_on = orders_calendar.moment
  WHERE
    orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-04-01' AS DATE)
  GROUP BY
    orders_calendar.period_name,
    orders__buyer__home.country,
    orders__buyer__work.country
), proofs AS (
  SELECT
    (
      SELECT
        COUNT(*)
      FROM (
        SELECT
          COUNT(*) AS row_count
        FROM customers
        WHERE
          NOT customers.id IS NULL
        GROUP BY
          customers.id
        HAVING
          COUNT(*) > 1
      ) AS twice
    ) AS broken_1,
    (
      SELECT
        COUNT(*)
      FROM (
        SELECT
          COUNT(*) AS row_count
        FROM places
        WHERE
          NOT places.id IS NULL
        GROUP BY
          places.id
        HAVING
          COUNT(*) > 1
      ) AS twice
    ) AS broken_2
), asked_slices AS (
  SELECT
    orders_by_period.home,
    orders_by_period.work,
    MAX(CASE WHEN orders_by_period.row_count > 0 THEN 1 ELSE 0 END) AS quantity_sold__seen
  FROM orders_by_period
  GROUP BY
    orders_by_period.home,
    orders_by_period.work
)
SELECT
  periods.period_name,
  asked_slices.home,
  asked_slices.work,
  orders_by_period.quantity_sold__1 AS quantity_sold,
  asked_slices.quantity_sold__seen,
  proofs.broken_1,
  proofs.broken_2
FROM periods
LEFT JOIN asked_slices
  ON 1 = 1
LEFT JOIN orders_by_period
  ON orders_by_period.period_name = periods.period_name
  AND (
    orders_by_period.home IS NOT DISTINCT FROM asked_slices.home
  )
  AND (
    orders_by_period.work IS NOT DISTINCT FROM asked_slices.work
  )
CROSS JOIN proofs
ORDER BY
  periods.period_name,
  asked_slices.home,
  asked_slices.work;
