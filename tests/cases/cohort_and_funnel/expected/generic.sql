-- value: sum(spent) / cohort_size()
-- size: cohort_size()
-- conversion: step(3) / step(1)
WITH periods_ripe AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2026-01', CAST('2026-01-01' AS DATE), CAST('2026-02-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), periods AS (
  SELECT
    given.period_name,
    given.starts_at,
    given.ends_at
  FROM (VALUES
    ('2026-01', CAST('2026-01-01' AS DATE), CAST('2026-02-01' AS DATE)),
    ('2026-02', CAST('2026-02-01' AS DATE), CAST('2026-03-01' AS DATE))) AS given(period_name, starts_at, ends_at)
), purchases_calendar_periods_ripe AS (
  SELECT
    moments.moment,
    periods_ripe.period_name
  FROM (
    SELECT DISTINCT
      purchases__person.joined AS moment
    FROM purchases
    LEFT JOIN people AS purchases__person
      ON purchases.person_id = purchases__person.id
    WHERE
      purchases__person.joined >= CAST('2026-01-01' AS DATE)
      AND purchases__person.joined < CAST('2026-02-01' AS DATE)
  ) AS moments
  JOIN periods_ripe
    ON moments.moment >= periods_ripe.starts_at AND moments.moment < periods_ripe.ends_at
), purchases_by_period_periods_ripe AS (
  SELECT
    purchases_calendar_periods_ripe.period_name,
    SUM(purchases.spent) AS value__1
  FROM purchases
  LEFT JOIN people AS purchases__person
    ON purchases.person_id = purchases__person.id
  JOIN purchases_calendar_periods_ripe
    ON purchases__person.joined = purchases_calendar_periods_ripe.moment
  WHERE
    purchases__person.joined >= CAST('2026-01-01' AS DATE)
    AND purchases__person.joined < CAST('2026-02-01' AS DATE)
    AND NOT (
      purchases.person_id IS NULL
    )
    AND purchases."at" >= CAST(purchases__person.joined AS TIMESTAMP)
    AND purchases."at" < (
      CAST(purchases__person.joined AS TIMESTAMP) + INTERVAL '1' MONTH
    )
  GROUP BY
    purchases_calendar_periods_ripe.period_name
), people_calendar_periods_ripe AS (
  SELECT
    moments.moment,
    periods_ripe.period_name
  FROM (
    SELECT DISTINCT
      people.joined AS moment
    FROM people
    WHERE
      people.joined >= CAST('2026-01-01' AS DATE) AND people.joined < CAST('2026-02-01' AS DATE)
  ) AS moments
  JOIN periods_ripe
    ON moments.moment >= periods_ripe.starts_at AND moments.moment < periods_ripe.ends_at
), people_by_period_periods_ripe AS (
  SELECT
    people_calendar_periods_ripe.period_name,
    COUNT(DISTINCT people.id) AS value__1
  FROM people
  JOIN people_calendar_periods_ripe
    ON people.joined = people_calendar_periods_ripe.moment
  WHERE
    people.joined >= CAST('2026-01-01' AS DATE)
    AND people.joined < CAST('2026-02-01' AS DATE)
    AND NOT (
      people.id IS NULL
    )
  GROUP BY
    people_calendar_periods_ripe.period_name
), events_calendar AS (
  SELECT
    moments.moment,
    periods.period_name
  FROM (
    SELECT DISTINCT
      CAST(events."at" AS DATE) AS moment
    FROM events
    WHERE
      events."at" >= CAST('2026-01-01 00:00:00' AS TIMESTAMP)
      AND events."at" < CAST('2026-03-01 00:00:00' AS TIMESTAMP)
  ) AS moments
  JOIN periods
    ON moments.moment >= periods.starts_at AND moments.moment < periods.ends_at
), conversion_funnel_step_1 AS (
  SELECT
    ranked.period_name,
    ranked.entity_key,
    ranked.reached_1
  FROM (
    SELECT
      events_calendar.period_name,
      events.visitor AS entity_key,
      events."at" AS reached_1,
      ROW_NUMBER() OVER (PARTITION BY events_calendar.period_name, events.visitor ORDER BY events."at") AS place_in_period
    FROM events
    JOIN events_calendar
      ON CAST(events."at" AS DATE) = events_calendar.moment
    WHERE
      events."at" >= CAST('2026-01-01 00:00:00' AS TIMESTAMP)
      AND events."at" < CAST('2026-03-01 00:00:00' AS TIMESTAMP)
      AND events.event = 'visit'
      AND NOT events.visitor IS NULL
  ) AS ranked
  WHERE
    ranked.place_in_period = 1
), conversion_funnel_step_2 AS (
  SELECT
    conversion_funnel_step_1.period_name,
    conversion_funnel_step_1.entity_key,
    conversion_funnel_step_1.reached_1,
    MIN(next_rows.moment) AS reached_2
  FROM conversion_funnel_step_1
  LEFT JOIN (
    SELECT
      events.visitor AS entity_key,
      events."at" AS moment
    FROM events
    WHERE
      NOT events.visitor IS NULL AND events.event = 'basket'
  ) AS next_rows
    ON next_rows.entity_key = conversion_funnel_step_1.entity_key
    AND next_rows.moment >= conversion_funnel_step_1.reached_1
    AND next_rows.moment < (
      conversion_funnel_step_1.reached_1 + INTERVAL '7' DAY
    )
  GROUP BY
    conversion_funnel_step_1.period_name,
    conversion_funnel_step_1.entity_key,
    conversion_funnel_step_1.reached_1
), conversion_funnel_step_3 AS (
  SELECT
    conversion_funnel_step_2.period_name,
    conversion_funnel_step_2.entity_key,
    conversion_funnel_step_2.reached_1,
    conversion_funnel_step_2.reached_2,
    MIN(next_rows.moment) AS reached_3
  FROM conversion_funnel_step_2
  LEFT JOIN (
    SELECT
      orders.buyer AS entity_key,
      CAST(orders."day" AS TIMESTAMP) AS moment
    FROM orders
    WHERE
      NOT orders.buyer IS NULL
  ) AS next_rows
    ON next_rows.entity_key = conversion_funnel_step_2.entity_key
    AND next_rows.moment >= conversion_funnel_step_2.reached_2
    AND next_rows.moment < (
      conversion_funnel_step_2.reached_1 + INTERVAL '7' DAY
    )
  GROUP BY
    conversion_funnel_step_2.period_name,
    conversion_funnel_step_2.entity_key,
    conversion_funnel_step_2.reached_1,
    conversion_funnel_step_2.reached_2
), conversion_funnel AS (
  SELECT
    conversion_funnel_step_3.period_name,
    COUNT(conversion_funnel_step_3.reached_1) AS step_1,
    COUNT(conversion_funnel_step_3.reached_2) AS step_2,
    COUNT(conversion_funnel_step_3.reached_3) AS step_3
  FROM conversion_funnel_step_3
  GROUP BY
    conversion_funnel_step_3.period_name
), proofs AS (
  SELECT
    (
      SELECT
        COUNT(*)
      FROM (
        SELECT
          COUNT(*) AS row_count
        FROM people
        WHERE
          NOT people.id IS NULL
        GROUP BY
          people.id
        HAVING
          COUNT(*) > 1
      ) AS twice
    ) AS broken_1
)
SELECT
  periods.period_name,
  CASE
    WHEN periods.period_name IN ('2026-01')
    THEN CAST(purchases_by_period_periods_ripe.value__1 AS DOUBLE) / NULLIF(CAST(COALESCE(people_by_period_periods_ripe.value__1, 0) AS DOUBLE), 0)
  END AS "value",
  CASE
    WHEN periods.period_name IN ('2026-01')
    THEN COALESCE(people_by_period_periods_ripe.value__1, 0)
  END AS size,
  CAST(COALESCE(conversion_funnel.step_3, 0) AS DOUBLE) / NULLIF(CAST(COALESCE(conversion_funnel.step_1, 0) AS DOUBLE), 0) AS conversion,
  proofs.broken_1
FROM periods
LEFT JOIN purchases_by_period_periods_ripe
  ON purchases_by_period_periods_ripe.period_name = periods.period_name
LEFT JOIN people_by_period_periods_ripe
  ON people_by_period_periods_ripe.period_name = periods.period_name
LEFT JOIN conversion_funnel
  ON conversion_funnel.period_name = periods.period_name
CROSS JOIN proofs
ORDER BY
  periods.period_name;
