-- visits: count(*)
WITH periods AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2025-03-29', CAST('2025-03-28 23:00:00' AS TIMESTAMP), CAST('2025-03-29 23:00:00' AS TIMESTAMP)),
    ('2025-03-30', CAST('2025-03-29 23:00:00' AS TIMESTAMP), CAST('2025-03-30 22:00:00' AS TIMESTAMP)),
    ('2025-03-31', CAST('2025-03-30 22:00:00' AS TIMESTAMP), CAST('2025-03-31 22:00:00' AS TIMESTAMP))) AS given(period_name, starts_at, ends_at)
), hits_calendar AS (
  SELECT
    moments.moment,
    periods.period_name
  FROM (
    SELECT DISTINCT
      DATE_TRUNC('HOUR', hits."at") AS moment
    FROM hits
    WHERE
      hits."at" >= CAST('2025-03-28 23:00:00' AS TIMESTAMP)
      AND hits."at" < CAST('2025-03-31 22:00:00' AS TIMESTAMP)
  ) AS moments
  JOIN periods
    ON moments.moment >= periods.starts_at AND moments.moment < periods.ends_at
), hits_by_period AS (
  SELECT
    hits_calendar.period_name,
    COUNT(*) AS row_count
  FROM hits
  JOIN hits_calendar
    ON DATE_TRUNC('HOUR', hits."at") = hits_calendar.moment
  WHERE
    hits."at" >= CAST('2025-03-28 23:00:00' AS TIMESTAMP)
    AND hits."at" < CAST('2025-03-31 22:00:00' AS TIMESTAMP)
  GROUP BY
    hits_calendar.period_name
)
SELECT
  periods.period_name,
  COALESCE(hits_by_period.row_count, 0) AS visits
FROM periods
LEFT JOIN hits_by_period
  ON hits_by_period.period_name = periods.period_name
ORDER BY
  periods.period_name;
