-- cost_per_buyer: cost / buyers
WITH periods AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-01', CAST('2025-01-01' AS DATE), CAST('2025-02-01' AS DATE)),
    ('2025-02', CAST('2025-02-01' AS DATE), CAST('2025-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), spend_calendar AS (
  SELECT
    moments.moment,
    periods.period_name
  FROM (
    SELECT DISTINCT
      spend."day" AS moment
    FROM spend
    WHERE
      spend."day" >= CAST('2025-01-01' AS DATE) AND spend."day" < CAST('2025-03-01' AS DATE)
  ) AS moments
  JOIN periods
    ON moments.moment >= periods.starts_at AND moments.moment < periods.ends_at
), spend_by_period AS (
  SELECT
    spend_calendar.period_name,
    spend.channel,
    SUM(spend.spent) AS cost__1,
    COUNT(*) AS row_count
  FROM spend
  JOIN spend_calendar
    ON spend."day" = spend_calendar.moment
  WHERE
    spend."day" >= CAST('2025-01-01' AS DATE) AND spend."day" < CAST('2025-03-01' AS DATE)
  GROUP BY
    spend_calendar.period_name,
    spend.channel
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
    COUNT(DISTINCT orders.customer_id) AS buyers__1,
    COUNT(*) AS row_count
  FROM orders
  JOIN orders_calendar
    ON orders.ordered_on = orders_calendar.moment
  WHERE
    orders.ordered_on >= CAST('2025-01-01' AS DATE) AND orders.ordered_on < CAST('2025-03-01' AS DATE)
  GROUP BY
    orders_calendar.period_name,
    orders.channel
), seen_slices AS (
  SELECT
    spend_by_period.channel,
    MAX(CASE WHEN spend_by_period.row_count > 0 THEN 1 ELSE 0 END) AS cost_per_buyer__seen
  FROM spend_by_period
  GROUP BY
    spend_by_period.channel
  UNION ALL
  SELECT
    orders_by_period.channel,
    MAX(CASE WHEN orders_by_period.row_count > 0 THEN 1 ELSE 0 END) AS cost_per_buyer__seen
  FROM orders_by_period
  GROUP BY
    orders_by_period.channel
), asked_slices AS (
  SELECT
    seen_slices.channel,
    MAX(seen_slices.cost_per_buyer__seen) AS cost_per_buyer__seen
  FROM seen_slices
  GROUP BY
    seen_slices.channel
)
SELECT
  periods.period_name,
  asked_slices.channel,
  CAST(spend_by_period.cost__1 AS DOUBLE) / NULLIF(CAST(COALESCE(orders_by_period.buyers__1, 0) AS DOUBLE), 0) AS cost_per_buyer,
  asked_slices.cost_per_buyer__seen
FROM periods
LEFT JOIN asked_slices
  ON 1 = 1
LEFT JOIN spend_by_period
  ON spend_by_period.period_name = periods.period_name
  AND (
    spend_by_period.channel IS NOT DISTINCT FROM asked_slices.channel
  )
LEFT JOIN orders_by_period
  ON orders_by_period.period_name = periods.period_name
  AND (
    orders_by_period.channel IS NOT DISTINCT FROM asked_slices.channel
  )
ORDER BY
  periods.period_name,
  asked_slices.channel;
