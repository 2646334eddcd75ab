"""A `Query` and an engine to `Observation`s. The only stage that talks to a database.

Its modules are imported one by one, so that a command that needs no engine loads no driver.
"""
