"""Checks whether documents have the shape of their kind: the same JSON Schemas that editors use."""

from kpiascode.model.document import KINDS
from kpiascode.validate.documents import validate
from kpiascode.validate.schemas import schema_folder

__all__ = ["KINDS", "schema_folder", "validate"]
