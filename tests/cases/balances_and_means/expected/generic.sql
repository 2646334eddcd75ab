-- pieces: closing(sum(pieces))
-- before: opening(sum(pieces))
-- last_known: closing(sum(pieces), per place)
-- mean: average_over(sum(pieces), day)
WITH periods AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2026-01', CAST('2026-01-01' AS DATE), CAST('2026-02-01' AS DATE)),
    ('2026-02', CAST('2026-02-01' AS DATE), CAST('2026-03-01' AS DATE)),
    ('2026-03', CAST('2026-03-01' AS DATE), CAST('2026-04-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), "before" AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2026-01', CAST('2025-12-01' AS DATE), CAST('2026-01-01' AS DATE)),
    ('2026-02', CAST('2026-01-01' AS DATE), CAST('2026-02-01' AS DATE)),
    ('2026-03', CAST('2026-02-01' AS DATE), CAST('2026-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), periods_days AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2026-01 2026-01-01', CAST('2026-01-01' AS DATE), CAST('2026-01-02' AS DATE)),
    ('2026-01 2026-01-02', CAST('2026-01-02' AS DATE), CAST('2026-01-03' AS DATE)),
    ('2026-01 2026-01-03', CAST('2026-01-03' AS DATE), CAST('2026-01-04' AS DATE)),
    ('2026-01 2026-01-04', CAST('2026-01-04' AS DATE), CAST('2026-01-05' AS DATE)),
    ('2026-01 2026-01-05', CAST('2026-01-05' AS DATE), CAST('2026-01-06' AS DATE)),
    ('2026-01 2026-01-06', CAST('2026-01-06' AS DATE), CAST('2026-01-07' AS DATE)),
    ('2026-01 2026-01-07', CAST('2026-01-07' AS DATE), CAST('2026-01-08' AS DATE)),
    ('2026-01 2026-01-08', CAST('2026-01-08' AS DATE), CAST('2026-01-09' AS DATE)),
    ('2026-01 2026-01-09', CAST('2026-01-09' AS DATE), CAST('2026-01-10' AS DATE)),
    ('2026-01 2026-01-10', CAST('2026-01-10' AS DATE), CAST('2026-01-11' AS DATE)),
    ('2026-01 2026-01-11', CAST('2026-01-11' AS DATE), CAST('2026-01-12' AS DATE)),
    ('2026-01 2026-01-12', CAST('2026-01-12' AS DATE), CAST('2026-01-13' AS DATE)),
    ('2026-01 2026-01-13', CAST('2026-01-13' AS DATE), CAST('2026-01-14' AS DATE)),
    ('2026-01 2026-01-14', CAST('2026-01-14' AS DATE), CAST('2026-01-15' AS DATE)),
    ('2026-01 2026-01-15', CAST('2026-01-15' AS DATE), CAST('2026-01-16' AS DATE)),
    ('2026-01 2026-01-16', CAST('2026-01-16' AS DATE), CAST('2026-01-17' AS DATE)),
    ('2026-01 2026-01-17', CAST('2026-01-17' AS DATE), CAST('2026-01-18' AS DATE)),
    ('2026-01 2026-01-18', CAST('2026-01-18' AS DATE), CAST('2026-01-19' AS DATE)),
    ('2026-01 2026-01-19', CAST('2026-01-19' AS DATE), CAST('2026-01-20' AS DATE)),
    ('2026-01 2026-01-20', CAST('2026-01-20' AS DATE), CAST('2026-01-21' AS DATE)),
    ('2026-01 2026-01-21', CAST('2026-01-21' AS DATE), CAST('2026-01-22' AS DATE)),
    ('2026-01 2026-01-22', CAST('2026-01-22' AS DATE), CAST('2026-01-23' AS DATE)),
    ('2026-01 2026-01-23', CAST('2026-01-23' AS DATE), CAST('2026-01-24' AS DATE)),
    ('2026-01 2026-01-24', CAST('2026-01-24' AS DATE), CAST('2026-01-25' AS DATE)),
    ('2026-01 2026-01-25', CAST('2026-01-25' AS DATE), CAST('2026-01-26' AS DATE)),
    ('2026-01 2026-01-26', CAST('2026-01-26' AS DATE), CAST('2026-01-27' AS DATE)),
    ('2026-01 2026-01-27', CAST('2026-01-27' AS DATE), CAST('2026-01-28' AS DATE)),
    ('2026-01 2026-01-28', CAST('2026-01-28' AS DATE), CAST('2026-01-29' AS DATE)),
    ('2026-01 2026-01-29', CAST('2026-01-29' AS DATE), CAST('2026-01-30' AS DATE)),
    ('2026-01 2026-01-30', CAST('2026-01-30' AS DATE), CAST('2026-01-31' AS DATE)),
    ('2026-01 2026-01-31', CAST('2026-01-31' AS DATE), CAST('2026-02-01' AS DATE)),
    ('2026-02 2026-02-01', CAST('2026-02-01' AS DATE), CAST('2026-02-02' AS DATE)),
    ('2026-02 2026-02-02', CAST('2026-02-02' AS DATE), CAST('2026-02-03' AS DATE)),
    ('2026-02 2026-02-03', CAST('2026-02-03' AS DATE), CAST('2026-02-04' AS DATE)),
    ('2026-02 2026-02-04', CAST('2026-02-04' AS DATE), CAST('2026-02-05' AS DATE)),
    ('2026-02 2026-02-05', CAST('2026-02-05' AS DATE), CAST('2026-02-06' AS DATE)),
    ('2026-02 2026-02-06', CAST('2026-02-06' AS DATE), CAST('2026-02-07' AS DATE)),
    ('2026-02 2026-02-07', CAST('2026-02-07' AS DATE), CAST('2026-02-08' AS DATE)),
    ('2026-02 2026-02-08', CAST('2026-02-08' AS DATE), CAST('2026-02-09' AS DATE)),
    ('2026-02 2026-02-09', CAST('2026-02-09' AS DATE), CAST('2026-02-10' AS DATE)),
    ('2026-02 2026-02-10', CAST('2026-02-10' AS DATE), CAST('2026-02-11' AS DATE)),
    ('2026-02 2026-02-11', CAST('2026-02-11' AS DATE), CAST('2026-02-12' AS DATE)),
    ('2026-02 2026-02-12', CAST('2026-02-12' AS DATE), CAST('2026-02-13' AS DATE)),
    ('2026-02 2026-02-13', CAST('2026-02-13' AS DATE), CAST('2026-02-14' AS DATE)),
    ('2026-02 2026-02-14', CAST('2026-02-14' AS DATE), CAST('2026-02-15' AS DATE)),
    ('2026-02 2026-02-15', CAST('2026-02-15' AS DATE), CAST('2026-02-16' AS DATE)),
    ('2026-02 2026-02-16', CAST('2026-02-16' AS DATE), CAST('2026-02-17' AS DATE)),
    ('2026-02 2026-02-17', CAST('2026-02-17' AS DATE), CAST('2026-02-18' AS DATE)),
    ('2026-02 2026-02-18', CAST('2026-02-18' AS DATE), CAST('2026-02-19' AS DATE)),
    ('2026-02 2026-02-19', CAST('2026-02-19' AS DATE), CAST('2026-02-20' AS DATE)),
    ('2026-02 2026-02-20', CAST('2026-02-20' AS DATE), CAST('2026-02-21' AS DATE)),
    ('2026-02 2026-02-21', CAST('2026-02-21' AS DATE), CAST('2026-02-22' AS DATE)),
    ('2026-02 2026-02-22', CAST('2026-02-22' AS DATE), CAST('2026-02-23' AS DATE)),
    ('2026-02 2026-02-23', CAST('2026-02-23' AS DATE), CAST('2026-02-24' AS DATE)),
    ('2026-02 2026-02-24', CAST('2026-02-24' AS DATE), CAST('2026-02-25' AS DATE)),
    ('2026-02 2026-02-25', CAST('2026-02-25' AS DATE), CAST('2026-02-26' AS DATE)),
    ('2026-02 2026-02-26', CAST('2026-02-26' AS DATE), CAST('2026-02-27' AS DATE)),
    ('2026-02 2026-02-27', CAST('2026-02-27' AS DATE), CAST('2026-02-28' AS DATE)),
    ('2026-02 2026-02-28', CAST('2026-02-28' AS DATE), CAST('2026-03-01' AS DATE)),
    ('2026-03 2026-03-01', CAST('2026-03-01' AS DATE), CAST('2026-03-02' AS DATE)),
    ('2026-03 2026-03-02', CAST('2026-03-02' AS DATE), CAST('2026-03-03' AS DATE)),
    ('2026-03 2026-03-03', CAST('2026-03-03' AS DATE), CAST('2026-03-04' AS DATE)),
    ('2026-03 2026-03-04', CAST('2026-03-04' AS DATE), CAST('2026-03-05' AS DATE)),
    ('2026-03 2026-03-05', CAST('2026-03-05' AS DATE), CAST('2026-03-06' AS DATE)),
    ('2026-03 2026-03-06', CAST('2026-03-06' AS DATE), CAST('2026-03-07' AS DATE)),
    ('2026-03 2026-03-07', CAST('2026-03-07' AS DATE), CAST('2026-03-08' AS DATE)),
    ('2026-03 2026-03-08', CAST('2026-03-08' AS DATE), CAST('2026-03-09' AS DATE)),
    ('2026-03 2026-03-09', CAST('2026-03-09' AS DATE), CAST('2026-03-10' AS DATE)),
    ('2026-03 2026-03-10', CAST('2026-03-10' AS DATE), CAST('2026-03-11' AS DATE)),
    ('2026-03 2026-03-11', CAST('2026-03-11' AS DATE), CAST('2026-03-12' AS DATE)),
    ('2026-03 2026-03-12', CAST('2026-03-12' AS DATE), CAST('2026-03-13' AS DATE)),
    ('2026-03 2026-03-13', CAST('2026-03-13' AS DATE), CAST('2026-03-14' AS DATE)),
    ('2026-03 2026-03-14', CAST('2026-03-14' AS DATE), CAST('2026-03-15' AS DATE)),
    ('2026-03 2026-03-15', CAST('2026-03-15' AS DATE), CAST('2026-03-16' AS DATE)),
    ('2026-03 2026-03-16', CAST('2026-03-16' AS DATE), CAST('2026-03-17' AS DATE)),
    ('2026-03 2026-03-17', CAST('2026-03-17' AS DATE), CAST('2026-03-18' AS DATE)),
    ('2026-03 2026-03-18', CAST('2026-03-18' AS DATE), CAST('2026-03-19' AS DATE)),
    ('2026-03 2026-03-19', CAST('2026-03-19' AS DATE), CAST('2026-03-20' AS DATE)),
    ('2026-03 2026-03-20', CAST('2026-03-20' AS DATE), CAST('2026-03-21' AS DATE)),
    ('2026-03 2026-03-21', CAST('2026-03-21' AS DATE), CAST('2026-03-22' AS DATE)),
    ('2026-03 2026-03-22', CAST('2026-03-22' AS DATE), CAST('2026-03-23' AS DATE)),
    ('2026-03 2026-03-23', CAST('2026-03-23' AS DATE), CAST('2026-03-24' AS DATE)),
    ('2026-03 2026-03-24', CAST('2026-03-24' AS DATE), CAST('2026-03-25' AS DATE)),
    ('2026-03 2026-03-25', CAST('2026-03-25' AS DATE), CAST('2026-03-26' AS DATE)),
    ('2026-03 2026-03-26', CAST('2026-03-26' AS DATE), CAST('2026-03-27' AS DATE)),
    ('2026-03 2026-03-27', CAST('2026-03-27' AS DATE), CAST('2026-03-28' AS DATE)),
    ('2026-03 2026-03-28', CAST('2026-03-28' AS DATE), CAST('2026-03-29' AS DATE)),
    ('2026-03 2026-03-29', CAST('2026-03-29' AS DATE), CAST('2026-03-30' AS DATE)),
    ('2026-03 2026-03-30', CAST('2026-03-30' AS DATE), CAST('2026-03-31' AS DATE)),
    ('2026-03 2026-03-31', CAST('2026-03-31' AS DATE), CAST('2026-04-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), stock_closing AS (
  SELECT
    MAX(moments.moment) AS moment,
    periods.period_name
  FROM (
    SELECT DISTINCT
      stock."day" AS moment
    FROM stock
    WHERE
      stock."day" >= CAST('2026-01-01' AS DATE) AND stock."day" < CAST('2026-04-01' AS DATE)
  ) AS moments
  JOIN periods
    ON moments.moment >= periods.starts_at AND moments.moment < periods.ends_at
  GROUP BY
    periods.period_name
), stock_by_period AS (
  SELECT
    stock_closing.period_name,
    SUM(stock.pieces) AS pieces__1
  FROM stock
  JOIN stock_closing
    ON stock."day" = stock_closing.moment
  WHERE
    stock."day" >= CAST('2026-01-01' AS DATE) AND stock."day" < CAST('2026-04-01' AS DATE)
  GROUP BY
    stock_closing.period_name
), stock_closing_before AS (
  SELECT
    MAX(moments.moment) AS moment,
    "before".period_name
  FROM (
    SELECT DISTINCT
      stock."day" AS moment
    FROM stock
    WHERE
      stock."day" >= CAST('2025-12-01' AS DATE) AND stock."day" < CAST('2026-03-01' AS DATE)
  ) AS moments
  JOIN "before"
    ON moments.moment >= "before".starts_at AND moments.moment < "before".ends_at
  GROUP BY
    "before".period_name
), stock_by_period_before AS (
  SELECT
    stock_closing_before.period_name,
    SUM(stock.pieces) AS before__1
  FROM stock
  JOIN stock_closing_before
    ON stock."day" = stock_closing_before.moment
  WHERE
    stock."day" >= CAST('2025-12-01' AS DATE) AND stock."day" < CAST('2026-03-01' AS DATE)
  GROUP BY
    stock_closing_before.period_name
), stock_moments AS (
  SELECT
    CASE WHEN stock.item = 'mug' THEN 'mugs' ELSE stock.shop END AS last_key,
    stock."day" AS moment,
    COUNT(*) AS copies
  FROM stock
  WHERE
    NOT CASE WHEN stock.item = 'mug' THEN 'mugs' ELSE stock.shop END IS NULL
    AND stock."day" < CAST('2026-04-01' AS DATE)
  GROUP BY
    CASE WHEN stock.item = 'mug' THEN 'mugs' ELSE stock.shop END,
    stock."day"
), stock_last AS (
  SELECT
    periods.period_name,
    stock_moments.last_key,
    MAX(stock_moments.moment) AS moment
  FROM stock_moments
  JOIN periods
    ON stock_moments.moment < periods.ends_at
  GROUP BY
    periods.period_name,
    stock_moments.last_key
), stock_by_period_2 AS (
  SELECT
    stock_last.period_name,
    SUM(stock.pieces) AS last_known__1
  FROM stock
  JOIN stock_last
    ON stock."day" = stock_last.moment
    AND CASE WHEN stock.item = 'mug' THEN 'mugs' ELSE stock.shop END = stock_last.last_key
  WHERE
    stock."day" < CAST('2026-04-01' AS DATE)
  GROUP BY
    stock_last.period_name
), stock_calendar_periods_days AS (
  SELECT
    moments.moment,
    periods_days.period_name
  FROM (
    SELECT DISTINCT
      stock."day" AS moment
    FROM stock
    WHERE
      stock."day" >= CAST('2026-01-01' AS DATE) AND stock."day" < CAST('2026-04-01' AS DATE)
  ) AS moments
  JOIN periods_days
    ON moments.moment >= periods_days.starts_at AND moments.moment < periods_days.ends_at
), stock_by_period_periods_days AS (
  SELECT
    stock_calendar_periods_days.period_name,
    SUM(stock.pieces) AS mean__1
  FROM stock
  JOIN stock_calendar_periods_days
    ON stock."day" = stock_calendar_periods_days.moment
  WHERE
    stock."day" >= CAST('2026-01-01' AS DATE) AND stock."day" < CAST('2026-04-01' AS DATE)
  GROUP BY
    stock_calendar_periods_days.period_name
), proofs AS (
  SELECT
    (
      SELECT
        COUNT(DISTINCT stock_last.last_key)
      FROM stock_last
      JOIN stock_moments
        ON stock_moments.last_key = stock_last.last_key AND stock_moments.moment = stock_last.moment
      WHERE
        stock_moments.copies > 1
    ) AS broken_1
), units_of_periods_days AS (
  SELECT
    given.period_name,
    given.parent_name
  FROM (VALUES
    ('2026-01 2026-01-01', '2026-01'),
    ('2026-01 2026-01-02', '2026-01'),
    ('2026-01 2026-01-03', '2026-01'),
    ('2026-01 2026-01-04', '2026-01'),
    ('2026-01 2026-01-05', '2026-01'),
    ('2026-01 2026-01-06', '2026-01'),
    ('2026-01 2026-01-07', '2026-01'),
    ('2026-01 2026-01-08', '2026-01'),
    ('2026-01 2026-01-09', '2026-01'),
    ('2026-01 2026-01-10', '2026-01'),
    ('2026-01 2026-01-11', '2026-01'),
    ('2026-01 2026-01-12', '2026-01'),
    ('2026-01 2026-01-13', '2026-01'),
    ('2026-01 2026-01-14', '2026-01'),
    ('2026-01 2026-01-15', '2026-01'),
    ('2026-01 2026-01-16', '2026-01'),
    ('2026-01 2026-01-17', '2026-01'),
    ('2026-01 2026-01-18', '2026-01'),
    ('2026-01 2026-01-19', '2026-01'),
    ('2026-01 2026-01-20', '2026-01'),
    ('2026-01 2026-01-21', '2026-01'),
    ('2026-01 2026-01-22', '2026-01'),
    ('2026-01 2026-01-23', '2026-01'),
    ('2026-01 2026-01-24', '2026-01'),
    ('2026-01 2026-01-25', '2026-01'),
    ('2026-01 2026-01-26', '2026-01'),
    ('2026-01 2026-01-27', '2026-01'),
    ('2026-01 2026-01-28', '2026-01'),
    ('2026-01 2026-01-29', '2026-01'),
    ('2026-01 2026-01-30', '2026-01'),
    ('2026-01 2026-01-31', '2026-01'),
    ('2026-02 2026-02-01', '2026-02'),
    ('2026-02 2026-02-02', '2026-02'),
    ('2026-02 2026-02-03', '2026-02'),
    ('2026-02 2026-02-04', '2026-02'),
    ('2026-02 2026-02-05', '2026-02'),
    ('2026-02 2026-02-06', '2026-02'),
    ('2026-02 2026-02-07', '2026-02'),
    ('2026-02 2026-02-08', '2026-02'),
    ('2026-02 2026-02-09', '2026-02'),
    ('2026-02 2026-02-10', '2026-02'),
    ('2026-02 2026-02-11', '2026-02'),
    ('2026-02 2026-02-12', '2026-02'),
    ('2026-02 2026-02-13', '2026-02'),
    ('2026-02 2026-02-14', '2026-02'),
    ('2026-02 2026-02-15', '2026-02'),
    ('2026-02 2026-02-16', '2026-02'),
    ('2026-02 2026-02-17', '2026-02'),
    ('2026-02 2026-02-18', '2026-02'),
    ('2026-02 2026-02-19', '2026-02'),
    ('2026-02 2026-02-20', '2026-02'),
    ('2026-02 2026-02-21', '2026-02'),
    ('2026-02 2026-02-22', '2026-02'),
    ('2026-02 2026-02-23', '2026-02'),
    ('2026-02 2026-02-24', '2026-02'),
    ('2026-02 2026-02-25', '2026-02'),
    ('2026-02 2026-02-26', '2026-02'),
    ('2026-02 2026-02-27', '2026-02'),
    ('2026-02 2026-02-28', '2026-02'),
    ('2026-03 2026-03-01', '2026-03'),
    ('2026-03 2026-03-02', '2026-03'),
    ('2026-03 2026-03-03', '2026-03'),
    ('2026-03 2026-03-04', '2026-03'),
    ('2026-03 2026-03-05', '2026-03'),
    ('2026-03 2026-03-06', '2026-03'),
    ('2026-03 2026-03-07', '2026-03'),
    ('2026-03 2026-03-08', '2026-03'),
    ('2026-03 2026-03-09', '2026-03'),
    ('2026-03 2026-03-10', '2026-03'),
    ('2026-03 2026-03-11', '2026-03'),
    ('2026-03 2026-03-12', '2026-03'),
    ('2026-03 2026-03-13', '2026-03'),
    ('2026-03 2026-03-14', '2026-03'),
    ('2026-03 2026-03-15', '2026-03'),
    ('2026-03 2026-03-16', '2026-03'),
    ('2026-03 2026-03-17', '2026-03'),
    ('2026-03 2026-03-18', '2026-03'),
    ('2026-03 2026-03-19', '2026-03'),
    ('2026-03 2026-03-20', '2026-03'),
    ('2026-03 2026-03-21', '2026-03'),
    ('2026-03 2026-03-22', '2026-03'),
    ('2026-03 2026-03-23', '2026-03'),
    ('2026-03 2026-03-24', '2026-03'),
    ('2026-03 2026-03-25', '2026-03'),
    ('2026-03 2026-03-26', '2026-03'),
    ('2026-03 2026-03-27', '2026-03'),
    ('2026-03 2026-03-28', '2026-03'),
    ('2026-03 2026-03-29', '2026-03'),
    ('2026-03 2026-03-30', '2026-03'),
    ('2026-03 2026-03-31', '2026-03')) AS given(period_name, parent_name)
), mean_over_days AS (
  SELECT
    units.period_name,
    CAST(SUM(units.unit_value) AS DOUBLE) / NULLIF(CAST(COUNT(units.unit_value) AS DOUBLE), 0) AS mean
  FROM (
    SELECT
      units_of_periods_days.parent_name AS period_name,
      stock_by_period_periods_days.mean__1 AS unit_value
    FROM units_of_periods_days
    LEFT JOIN stock_by_period_periods_days
      ON stock_by_period_periods_days.period_name = units_of_periods_days.period_name
  ) AS units
  GROUP BY
    units.period_name
)
SELECT
  periods.period_name,
  stock_by_period.pieces__1 AS pieces,
  stock_by_period_before.before__1 AS "before",
  stock_by_period_2.last_known__1 AS last_known,
  mean_over_days.mean AS mean,
  proofs.broken_1
FROM periods
LEFT JOIN stock_by_period
  ON stock_by_period.period_name = periods.period_name
LEFT JOIN stock_by_period_before
  ON stock_by_period_before.period_name = periods.period_name
LEFT JOIN stock_by_period_2
  ON stock_by_period_2.period_name = periods.period_name
LEFT JOIN mean_over_days
  ON mean_over_days.period_name = periods.period_name
CROSS JOIN proofs
ORDER BY
  periods.period_name;
