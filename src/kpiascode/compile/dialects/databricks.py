"""Databricks: what Spark prints; its clocks are moments of the session's zone, which must be UTC."""

from dataclasses import replace

from kpiascode.compile.dialects import spark

DIALECT = replace(spark.DIALECT, name="databricks")
