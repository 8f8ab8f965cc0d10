"""The pass `push_lookups_into_groups`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from passes.facts.keys import UniqueKeys
from passes.facts.masks import conjunction, conjuncts
from passes.facts.sizes import Longer, base_ranges
from passes.ir.node import Node, carry_origin
from passes.ir.operations import BOOL, INT64
from passes.ir.rows import Filter, Group, Rows
from passes.ir.values import Aggregate, Gather, Key, Literal, Lookup, Map, Take, Value
from passes.ir.walk import children, rebuild, topological


def push_lookups_into_groups(
    results: Sequence[Value], known: UniqueKeys = frozenset(), longer: Longer | None = None
) -> tuple[Value, ...]:
    """``lookup(group(t, k), r.k)`` -> ``lookup(group(filter(t, lookup(group(r, k), t.k) >= 0), k), r.k)``.

    Pays: groups that no row of ``r`` looks for are not made.  Of all sales, few products' are summed.

    Safe: a group has all of its rows or none, in their order, and nobody looks for those that have none.

    Declines where anything but that lookup sees the groups, where ``r`` is not filtered or is made of the
    rows that are grouped, where what ``t`` is made of is not known to be more (``longer``; None: it is), and
    where all that is asked is which values one key has: marking these costs no more than a probe.
    """
    now = tuple(results)
    while True:
        order = topological(now)
        found = _pushable(order, now, longer)
        if found is None:
            return now
        now = _pushed(order, now, *found)


def _pushable(
    order: Sequence[Node], results: Sequence[Value], longer: Longer | None
) -> tuple[Lookup, Rows] | None:
    """A lookup among groups that nothing else sees, and those of its rows that matter."""
    lookups = [node for node in order if isinstance(node, Lookup) and _is_by_keys(node)]
    if not lookups:
        return None
    users = _users(order)
    pushed = {lookup: _pushed_already(lookup) for lookup in lookups}
    for lookup in lookups:
        group = lookup.of
        assert isinstance(group, Group)
        below = set(topological([lookup.rows, *lookup.keys]))
        if group in below or _rows_behind(group.parent) & below:
            continue
        if pushed[lookup] is not None or lookup in pushed.values():
            continue
        rows = _rows_that_matter(lookup, users, results)
        if rows is None or not _are_fewer(rows, group.parent, longer):
            continue
        costs = len(group.keys) > 1 or any(isinstance(user, Aggregate) for user in users[group])
        if costs and _sees_alone(lookup, group, users, results):
            return lookup, rows
    return None


def _is_by_keys(lookup: Lookup) -> bool:
    """Whether rows are looked up by keys of the groups, as they are or wider."""
    own = isinstance(lookup.of, Group)
    return own and all(_key_behind(key) is not None for key in lookup.of_keys)


def _key_behind(value: Value) -> Key | None:
    """The key of a group that a column of them is, perhaps at a wider dtype."""
    match value:
        case Key():
            return value
        case Map("cast", (Key(_, narrow) as key,), wide) if narrow.kind in "biu" and wide.kind in "iu":
            return key if np.can_cast(narrow, wide) else None
    return None


def _rows_behind(rows: Rows) -> set[Node]:
    """Rows, and those that they are what filters left of."""
    found: set[Node] = {rows}
    while isinstance(rows, Filter):
        rows = rows.parent
        found.add(rows)
    return found


def _pushed_already(lookup: Lookup) -> Lookup | None:
    """The lookup that leaves the rows that are grouped, if it is in what the rows of this one look for."""
    match lookup.of:
        case Group(Filter(_, Map("greater_equal", (Lookup(_, Group(rows)) as pushed, _)))):
            return pushed if lookup.rows in _rows_behind(rows) else None
    return None


def _rows_that_matter(lookup: Lookup, users: dict[Node, list[Node]], results: Sequence[Value]) -> Rows | None:
    """The rows that are looked up, if they are filtered, or will be by the mask that asks what was found."""
    if isinstance(lookup.rows, Filter):
        return lookup.rows
    rows = _only_filter(lookup, users, results)
    if rows is None:
        return None
    parts = conjuncts(rows.mask)
    rest = [part for part in parts if lookup not in topological([part], _within)]
    if not rest or not any(_is_found(part, lookup) for part in parts):
        return None
    return Filter(lookup.rows, conjunction(rest))


def _only_filter(lookup: Lookup, users: dict[Node, list[Node]], results: Sequence[Value]) -> Filter | None:
    """The one filter that what was found is part of the mask of, and seen through."""
    filters: set[Filter] = set()
    waiting: list[Node] = [lookup]
    met: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node in results:
            return None
        for user in users.get(node, ()):
            if isinstance(user, Filter):
                filters.add(user)
            elif isinstance(user, Take) and isinstance(user.rows, Filter):
                filters.add(user.rows)
            elif not (isinstance(user, Map) and user.rows is lookup.rows):
                return None
            elif user not in met:
                met.add(user)
                waiting.append(user)
    return filters.pop() if len(filters) == 1 else None


def _within(node: Node) -> tuple[Node, ...]:
    return node.arguments if isinstance(node, Map) else ()


def _is_found(part: Value, lookup: Lookup) -> bool:
    match part:
        case Map("greater_equal", (Lookup() as asked, Literal() as least)):
            return asked is lookup and bool(least.value == 0)
    return False


def _are_fewer(rows: Rows, grouped: Rows, longer: Longer | None) -> bool:
    """Whether what the rows that look are derived from is known to be less than what is grouped."""
    if longer is None:
        return True
    many = base_ranges(grouped)
    return all(any((one, few) in longer for one in many) for few in base_ranges(rows))


def _users(order: Sequence[Node]) -> dict[Node, list[Node]]:
    found: dict[Node, list[Node]] = {}
    for node in order:
        for child in children(node):
            found.setdefault(child, []).append(node)
    return found


def _sees_alone(
    lookup: Lookup, group: Group, users: dict[Node, list[Node]], results: Sequence[Value]
) -> bool:
    """Whether columns of the groups are seen by what was looked up only."""
    if any(result.rows is group for result in results):
        return False
    waiting: list[Node] = [group]
    met: set[Node] = set(waiting)
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user is lookup or user in met:
                continue
            if isinstance(user, Gather) and user.rows is not group:
                if not _is_found_by(user.positions, lookup):
                    return False
                continue
            if not (isinstance(user, (Key, Aggregate, Map)) and user.rows is group):
                return False
            met.add(user)
            waiting.append(user)
    return True


def _is_found_by(positions: Value, lookup: Lookup) -> bool:
    while True:
        match positions:
            case Take(below):
                positions = below
            case Map("maximum", (below, Literal())):
                positions = below
            case _:
                return positions is lookup


def _of_rows(group: Group, value: Value) -> Value:
    """What a key of the groups, perhaps wider, is of the rows that are grouped."""
    key = _key_behind(value)
    assert key is not None
    of_rows = group.keys[key.position]
    return of_rows if value is key else Map("cast", (of_rows,), value.dtype)


def _pushed(
    order: Sequence[Node], results: Sequence[Value], lookup: Lookup, looking: Rows
) -> tuple[Value, ...]:
    group = lookup.of
    assert isinstance(group, Group)
    own = looking is lookup.rows
    keys = lookup.keys if own else tuple([Take(key, looking) for key in lookup.keys])  # type: ignore[arg-type]
    wanted = Group(looking, keys, sort=True)
    wanted_keys = tuple([Key(wanted, k) for k, _ in enumerate(keys)])
    sought = tuple([_of_rows(group, key) for key in lookup.of_keys])
    is_sought = Map("greater_equal", (Lookup(sought, wanted, wanted_keys), Literal(0, INT64)), BOOL)
    rows = Filter(group.parent, is_sought)
    fewer = Group(rows, tuple([Take(key, rows) for key in group.keys]), group.sort)
    became: dict[Node, Node] = {}
    for node in order:
        match node:
            case Group() if node is group:
                became[node] = fewer
            case Key(position, _, of) if of is group:
                became[node] = Key(fewer, position)
            case Aggregate(operation, column, dtype, of) if of is group:
                seen = column if column.rows is None else Take(column, rows)
                became[node] = Aggregate(operation, seen, fewer, dtype)
            case _:
                became[node] = rebuild(node, became.__getitem__)
        carry_origin(node, became[node])
    return tuple([became[result] for result in results])  # type: ignore[misc]  # values stay values
