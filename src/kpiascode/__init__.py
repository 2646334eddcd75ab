"""KPIs, goals and their owners as code."""

__version__ = "0.1.0"
