"""A slice as definitions name it: dimension to value."""

from collections.abc import Iterator

from kpiascode.model.document import Where
from kpiascode.model.project import Kpi
from kpiascode.resolve.reader import Reader


def resolve_slice(reader: Reader, where: Where, kpi: Kpi) -> Iterator[tuple[str, str | None]]:
    """Yield the dimensions and values of the `slice` at `where`, by name; report those that there are not."""
    names = {dimension.name for dimension in kpi.dimensions}
    for name in sorted(reader.names(*where, "slice")):
        if name not in names:
            reader.report(
                "unknown-dimension",
                f"`{kpi.name}` has no dimension `{name}`.",
                (*where, "slice", name),
                f"It has {', '.join(f'`{n}`' for n in sorted(names))}." if names else "It has none.",
                at_key=True,
            )
            continue
        value = reader.get(*where, "slice", name)
        if isinstance(value, bool):
            yield name, str(value).lower()
        else:
            yield name, None if value is None else str(value)
