"""Circles among names that lead to others, found in time linear in their number and without recursion."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence


def circles(parents: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Yield a circle of each group of names that lead to one another, from its first member in order.

    >>> list(circles({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["d"]}))
    [('b', 'c'), ('d',)]
    """
    group = _groups(parents)
    told: set[int] = set()
    for start in parents:
        way = () if group[start] in told else _way_back(start, parents, group)
        if way:
            told.add(group[start])
            yield way


def beyond(parents: Mapping[str, Sequence[str]], levels: int) -> Iterator[str]:
    """Yield the names that stand just more than so many levels below a top; those in circles have no level.

    >>> list(beyond({"a": [], "b": ["a"], "c": ["b"], "d": ["c"]}, 2))
    ['c']
    """
    children: dict[str, list[str]] = {name: [] for name in parents}
    waiting = dict.fromkeys(parents, 0)
    for name, above in parents.items():
        for parent in {one for one in above if one in parents}:
            children[parent].append(name)
            waiting[name] += 1
    level = {name: 1 for name, number in waiting.items() if not number}
    ready = list(level)
    while ready:
        name = ready.pop()
        if level[name] == levels + 1:
            yield name
        for child in children[name]:
            level[child] = max(level.get(child, 0), level[name] + 1)
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)


def _way_back(start: str, parents: Mapping[str, Sequence[str]], group: Mapping[str, int]) -> tuple[str, ...]:
    """Return the shortest way from a name to itself; empty where there is none."""
    came_from: dict[str, str | None] = {start: None}
    waiting = deque([start])
    while waiting:
        name = waiting.popleft()
        for parent in parents[name]:
            if parent == start:
                return _trail(name, came_from)
            if parent not in came_from and group.get(parent) == group[start]:
                came_from[parent] = name
                waiting.append(parent)
    return ()


def _trail(last: str, came_from: Mapping[str, str | None]) -> tuple[str, ...]:
    trail: list[str] = []
    at: str | None = last
    while at is not None:
        trail.append(at)
        at = came_from[at]
    return tuple(reversed(trail))


def _groups(parents: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
    """Return for each name a number that it shares with those that it leads to and that lead back."""
    found: dict[str, int] = {}
    reached: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_names: list[str] = []
    for start in parents:
        if start in reached:
            continue
        stack = [(start, iter(parents[start]))]
        while stack:
            name, rest = stack[-1]
            if name not in reached:
                reached[name] = lowest[name] = len(reached)
                open_names.append(name)
            for parent in rest:
                if parent not in parents or parent in found:
                    continue
                if parent not in reached:
                    stack.append((parent, iter(parents[parent])))
                    break
                lowest[name] = min(lowest[name], reached[parent])
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    lowest[above] = min(lowest[above], lowest[name])
                if lowest[name] == reached[name]:
                    while True:
                        member = open_names.pop()
                        found[member] = reached[name]
                        if member == name:
                            break
    return found
