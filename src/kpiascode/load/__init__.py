"""Reads a folder of definitions as plain data, with the place of every key and what could not be read."""

from kpiascode.load.project import PROJECT_FILE, definition_files, find_project, load
from kpiascode.load.text import load_text

__all__ = ["PROJECT_FILE", "definition_files", "find_project", "load", "load_text"]
