-- euros: sum(eur)
-- of_all: share(sum(eur), of channel)
WITH periods_euros_1 AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-12', CAST('2025-12-01' AS DATE), CAST('2026-01-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), periods_euros_2 AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2026-01', CAST('2026-01-01' AS DATE), CAST('2026-02-01' AS DATE)),
    ('2026-02', CAST('2026-02-01' AS DATE), CAST('2026-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), periods AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-12', CAST('2025-12-01' AS DATE), CAST('2026-01-01' AS DATE)),
    ('2026-01', CAST('2026-01-01' AS DATE), CAST('2026-02-01' AS DATE)),
    ('2026-02', CAST('2026-02-01' AS DATE), CAST('2026-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), payments_segments AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('1', CAST('2025-12-01' AS DATE), CAST('2026-01-01' AS DATE)),
    ('2', CAST('2026-01-01' AS DATE), CAST('2026-02-01' AS DATE)),
    ('3', CAST('2026-02-01' AS DATE), CAST('2026-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), payments_calendar_payments_segments AS (
  SELECT
    moments.moment,
    payments_segments.period_name
  FROM (
    SELECT DISTINCT
      CAST(payments.paid_at AS DATE) AS moment
    FROM payments
    WHERE
      payments.paid_at >= CAST('2025-12-01 00:00:00' AS TIMESTAMP)
      AND payments.paid_at < CAST('2026-03-01 00:00:00' AS TIMESTAMP)
  ) AS moments
  JOIN payments_segments
    ON moments.moment >= payments_segments.starts_at AND moments.moment < payments_segments.ends_at
), payments_once AS (
  SELECT
    payments_calendar_payments_segments.period_name,
    payments.channel,
    SUM(payments.amount * payments__rate.rate) AS part__1,
    COUNT(*) AS part__2
  FROM payments
  LEFT JOIN (
    SELECT
      rates.*,
      LEAD(CAST(rates."day" AS TIMESTAMP)) OVER (PARTITION BY rates.currency ORDER BY CAST(rates."day" AS TIMESTAMP)) AS kpi__held_until
    FROM rates
    WHERE
      NOT CAST(rates."day" AS TIMESTAMP) IS NULL
  ) AS payments__rate
    ON payments.currency = payments__rate.currency
    AND CAST(payments.paid_at AS TIMESTAMP) >= CAST(payments__rate."day" AS TIMESTAMP)
    AND (
      payments__rate.kpi__held_until IS NULL
      OR CAST(payments.paid_at AS TIMESTAMP) < payments__rate.kpi__held_until
    )
  JOIN payments_calendar_payments_segments
    ON CAST(payments.paid_at AS DATE) = payments_calendar_payments_segments.moment
  WHERE
    payments.paid_at >= CAST('2025-12-01 00:00:00' AS TIMESTAMP)
    AND payments.paid_at < CAST('2026-03-01 00:00:00' AS TIMESTAMP)
  GROUP BY
    payments_calendar_payments_segments.period_name,
    payments.channel
), periods_euros_1_made_of AS (
  SELECT
    periods_euros_1.period_name,
    payments_segments.period_name AS segment_name
  FROM periods_euros_1
  JOIN payments_segments
    ON payments_segments.ends_at > periods_euros_1.starts_at
    AND payments_segments.ends_at <= periods_euros_1.ends_at
), payments_by_period_periods_euros_1 AS (
  SELECT
    periods_euros_1_made_of.period_name,
    payments_once.channel,
    SUM(payments_once.part__1) AS euros__1,
    CAST(SUM(payments_once.part__2) AS BIGINT) AS row_count
  FROM payments_once
  JOIN periods_euros_1_made_of
    ON payments_once.period_name = periods_euros_1_made_of.segment_name
  GROUP BY
    periods_euros_1_made_of.period_name,
    payments_once.channel
), periods_euros_2_made_of AS (
  SELECT
    periods_euros_2.period_name,
    payments_segments.period_name AS segment_name
  FROM periods_euros_2
  JOIN payments_segments
    ON payments_segments.ends_at > periods_euros_2.starts_at
    AND payments_segments.ends_at <= periods_euros_2.ends_at
), payments_by_period_periods_euros_2 AS (
  SELECT
    periods_euros_2_made_of.period_name,
    payments_once.channel,
    SUM(payments_once.part__1) AS euros__1,
    CAST(SUM(payments_once.part__2) AS BIGINT) AS row_count
  FROM payments_once
  JOIN periods_euros_2_made_of
    ON payments_once.period_name = periods_euros_2_made_of.segment_name
  GROUP BY
    periods_euros_2_made_of.period_name,
    payments_once.channel
), periods_made_of AS (
  SELECT
    periods.period_name,
    payments_segments.period_name AS segment_name
  FROM periods
  JOIN payments_segments
    ON payments_segments.ends_at > periods.starts_at AND payments_segments.ends_at <= periods.ends_at
), payments_by_period AS (
  SELECT
    periods_made_of.period_name,
    payments_once.channel,
    SUM(payments_once.part__1) AS of_all__1,
    CAST(SUM(payments_once.part__2) AS BIGINT) AS row_count
  FROM payments_once
  JOIN periods_made_of
    ON payments_once.period_name = periods_made_of.segment_name
  GROUP BY
    periods_made_of.period_name,
    payments_once.channel
), payments_by_period_2 AS (
  SELECT
    periods_made_of.period_name,
    SUM(payments_once.part__1) AS of_all__1
  FROM payments_once
  JOIN periods_made_of
    ON payments_once.period_name = periods_made_of.segment_name
  GROUP BY
    periods_made_of.period_name
), proofs AS (
  SELECT
    (
      SELECT
        COUNT(*)
      FROM (
        SELECT
          COUNT(*) AS row_count
        FROM rates
        WHERE
          NOT rates.currency IS NULL AND NOT CAST(rates."day" AS TIMESTAMP) IS NULL
        GROUP BY
          rates.currency,
          CAST(rates."day" AS TIMESTAMP)
        HAVING
          COUNT(*) > 1
      ) AS twice
    ) AS broken_1
), seen_slices AS (
  SELECT
    payments_by_period_periods_euros_1.channel,
    MAX(CASE WHEN payments_by_period_periods_euros_1.row_count > 0 THEN 1 ELSE 0 END) AS euros__seen,
    MAX(0) AS of_all__seen
  FROM payments_by_period_periods_euros_1
  GROUP BY
    payments_by_period_periods_euros_1.channel
  UNION ALL
  SELECT
    payments_by_period_periods_euros_2.channel,
    MAX(CASE WHEN payments_by_period_periods_euros_2.row_count > 0 THEN 1 ELSE 0 END) AS euros__seen,
    MAX(0) AS of_all__seen
  FROM payments_by_period_periods_euros_2
  GROUP BY
    payments_by_period_periods_euros_2.channel
  UNION ALL
  SELECT
    payments_by_period.channel,
    MAX(0) AS euros__seen,
    MAX(CASE WHEN payments_by_period.row_count > 0 THEN 1 ELSE 0 END) AS of_all__seen
  FROM payments_by_period
  GROUP BY
    payments_by_period.channel
), asked_slices AS (
  SELECT
    seen_slices.channel,
    MAX(seen_slices.euros__seen) AS euros__seen,
    MAX(seen_slices.of_all__seen) AS of_all__seen
  FROM seen_slices
  GROUP BY
    seen_slices.channel
)
SELECT
  periods.period_name,
  asked_slices.channel,
  CASE
    WHEN periods.period_name IN ('2025-12')
    THEN CAST(payments_by_period_periods_euros_1.euros__1 AS DOUBLE) / NULLIF(CAST(2 AS DOUBLE), 0)
    WHEN periods.period_name IN ('2026-01', '2026-02')
    THEN CAST(payments_by_period_periods_euros_2.euros__1 AS DECIMAL(38, 9))
  END AS euros,
  CAST(payments_by_period.of_all__1 AS DOUBLE) / NULLIF(CAST(payments_by_period_2.of_all__1 AS DOUBLE), 0) AS of_all,
  asked_slices.euros__seen,
  asked_slices.of_all__seen,
  proofs.broken_1
FROM periods
LEFT JOIN asked_slices
  ON 1 = 1
LEFT JOIN payments_by_period_periods_euros_1
  ON payments_by_period_periods_euros_1.period_name = periods.period_name
  AND (
    payments_by_period_periods_euros_1.channel IS NOT DISTINCT FROM asked_slices.channel
  )
LEFT JOIN payments_by_period_periods_euros_2
  ON payments_by_period_periods_euros_2.period_name = periods.period_name
  AND (
    payments_by_period_periods_euros_2.channel IS NOT DISTINCT FROM asked_slices.channel
  )
LEFT JOIN payments_by_period
  ON payments_by_period.period_name = periods.period_name
  AND (
    payments_by_period.channel IS NOT DISTINCT FROM asked_slices.channel
  )
LEFT JOIN payments_by_period_2
  ON payments_by_period_2.period_name = periods.period_name
CROSS JOIN proofs
ORDER BY
  periods.period_name,
  asked_slices.channel;
