"""Athena: the SQL of Trino, which its engine version 3 is made of."""

from dataclasses import replace

from kpiascode.compile.dialects import trino

DIALECT = replace(trino.DIALECT, name="athena")
