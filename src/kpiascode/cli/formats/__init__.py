"""Findings for people and for machines: a format is a function from a report to text."""
