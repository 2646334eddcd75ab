"""What pages for some people say of being that: for whom they are, and what they do not tell."""

from kpiascode.model.place import Place
from kpiascode.model.project import Project
from kpiascode.render.links import unit_link


def audience(project: Project) -> str:
    """Return the title of the unit whose people the pages are for; empty where they are for everybody."""
    return "" if project.audience is None else unit_link(project, project.audience.unit).text


def made_for(project: Project) -> str:
    """Return the sentences that say so; empty where the pages are for everybody."""
    unit = audience(project)
    if not unit:
        return ""
    return (
        f"Made for the people of {unit}: it speaks only of what they may see and what concerns them, and "
        "judges from that alone."
    )


def told_place(place: Place, project: Project) -> str:
    """Return where something is defined; empty on pages for some: other lines of the file may be hidden."""
    return "" if project.audience is not None else f"{place.path}, line {place.span.line}"


def used_elsewhere(kpi: str, project: Project) -> str:
    """Return that other units look at a KPI as well, where that is left out; else empty."""
    narrowed = project.audience
    is_used = narrowed is not None and kpi in narrowed.elsewhere
    return "What other units want of it is not shown here." if is_used else ""
