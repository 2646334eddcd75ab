"""An assessment in, a static site out: pages that work offline, without script, on paper and in the dark."""

from kpiascode.render.site import render

__all__ = ["render"]
