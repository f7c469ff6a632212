"""How a source's `select` may be cut: SQLGlot reads it, DuckDB runs it, so that its values stay what they are.

A `select` can be given a table piece by piece when the rows it makes of two pieces together are the rows
it makes of each: then it only picks, changes and joins. One that groups, counts or numbers rows can be
given a table by the value of a column in which all its groups lie. Anything else sees the table whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

ALONE = ("distinct", "group", "having", "qualify", "limit", "offset", "sample", "windows", "pivots", "laterals")
"""Parts of a `select` that look at more rows than one."""


@dataclass(frozen=True)
class Cut:
    """The table that is given in parts, and the column by whose values it is parted, if it must be by one."""

    table: str
    column: str | None = None


def cut_of(select: str, tables: Mapping[str, Collection[str]], *, aggregates: Collection[str]) -> Cut | None:
    """How `select` may be cut, None where it must see everything.

    `tables` are the columns by table, the largest table first; `aggregates` the names of DuckDB's
    functions over many rows.

    >>> cut_of("select a from t where b > 1", {"t": ["a", "b"]}, aggregates=[])
    Cut(table='t', column=None)
    >>> cut_of("select a, max(b) as c from t group by 1", {"t": ["a", "b"]}, aggregates=["max"])
    Cut(table='t', column='a')
    >>> cut_of("select max(b) as c from t", {"t": ["a", "b"]}, aggregates=["max"])
    """
    try:
        tree = parse_one(select, read="duckdb")
    except SqlglotError:
        return None  # DuckDB has understood it; whole is always right
    if _is_strange(tree):
        return None
    for table in tables:
        if _Rows(table, frozenset(a.lower() for a in aggregates), None).keeps(tree, {}):
            return Cut(table)
    table, columns = next(iter(tables.items()))
    elsewhere = {c.lower() for name, held in tables.items() if name != table for c in held}
    for column in columns:
        if column.lower() in elsewhere or _is_renamed(tree, column):
            continue
        if _Rows(table, frozenset(a.lower() for a in aggregates), column.lower()).keeps(tree, {}):
            return Cut(table, column)
    return None


@dataclass(frozen=True)
class _Rows:
    """Whether a query makes its rows of `table` one by one, or one by one for each value of `column`."""

    table: str
    aggregates: frozenset[str]
    column: str | None

    def keeps(self, query: exp.Expression, held: Mapping[str, bool]) -> bool:
        """`held` says of every common table expression seen so far whether it keeps the rows of the table."""
        held = dict(held)
        with_ = query.args.get("with_")
        for cte in with_.expressions if with_ else ():
            if self._speaks(cte.this, held):
                if not self.keeps(cte.this, held):
                    return False
                held[cte.alias.lower()] = True
        if isinstance(query, exp.Subquery) and not query.args.get("pivots"):
            return self.keeps(query.this, held)
        if isinstance(query, exp.Union):
            plain = not query.args.get("distinct") and not query.args.get("limit")
            return plain and self.keeps(query.left, held) and self.keeps(query.right, held)
        if isinstance(query, exp.Pivot):
            return bool(query.args.get("unpivot")) and self._drives(query.this, held)
        return isinstance(query, exp.Select) and self._select(query, held)

    def _select(self, query: exp.Select, held: Mapping[str, bool]) -> bool:
        source = query.args.get("from_")
        if source is None or not self._drives(source.this, held):
            return False
        for join in query.args.get("joins") or ():
            if join.side not in ("", "LEFT") or join.method not in ("", "ASOF") or self._speaks(join, held):
                return False
        clauses = {name: part for name, part in query.args.items() if part and name not in ("from_", "joins", "with_")}
        if any(self._speaks(part, held) for found in clauses.values() for part in _parts(found)):
            return False
        return all(self._alone(name, part, query) for name, part in clauses.items())

    def _drives(self, source: exp.Expression, held: Mapping[str, bool]) -> bool:
        if isinstance(source, exp.Table):
            plain = not any(source.args.get(name) for name in ("pivots", "sample", "joins", "db"))
            return plain and isinstance(source.this, exp.Identifier) and self._means(source, held)
        return isinstance(source, exp.Subquery | exp.Select | exp.Union) and self.keeps(source, held)

    def _alone(self, name: str, part: object, query: exp.Select) -> bool:
        if name == "expressions":
            return not self._looks_around(part, query)
        if name in ("where", "order", "kind", "operation_modifiers"):
            return not self._looks_around(part, query)
        if name == "distinct" and isinstance(part, exp.Distinct):
            return self._shown(query) and not part.args.get("on")
        if name == "group" and isinstance(part, exp.Group):
            if any(value for key, value in part.args.items() if key not in ("expressions", "all")):
                return False
            groups = query.expressions if part.args.get("all") else part.expressions
            return any(self._is_column(_resolved(e, query)) for e in groups)
        return name in ("having", "qualify") and self.column is not None and not self._looks_around(part, query)

    def _looks_around(self, part: object, query: exp.Select) -> bool:
        """Whether an expression is made of more rows than its own (or its group's)."""
        for node in _own(part):
            if isinstance(node, exp.Window) and not any(map(self._is_column, node.args.get("partition_by") or ())):
                return True
            if self._is_aggregate(node) and not isinstance(node.parent, exp.Window | exp.Filter) and not query.args.get("group"):
                return True
            if isinstance(node, exp.Filter) and not isinstance(node.parent, exp.Window) and not query.args.get("group"):
                return True
        return False

    def _is_aggregate(self, node: exp.Expression) -> bool:
        if isinstance(node, exp.AggFunc):
            return True
        names = {node.name, node.sql(dialect="duckdb").split("(")[0]} if isinstance(node, exp.Func) else set()
        return any(name.lower() in self.aggregates for name in names)

    def _shown(self, query: exp.Select) -> bool:
        stars = any(isinstance(e, exp.Star) and not e.args.get("except_") for e in query.expressions)
        return self.column is not None and (stars or any(map(self._is_column, query.expressions)))

    def _is_column(self, node: object) -> bool:
        node = node.this if isinstance(node, exp.Alias) else node
        return isinstance(node, exp.Column) and self.column is not None and node.name.lower() == self.column

    def _speaks(self, part: exp.Expression, held: Mapping[str, bool]) -> bool:
        return any(self._means(table, held) for table in part.find_all(exp.Table))

    def _means(self, table: exp.Table, held: Mapping[str, bool]) -> bool:
        return table.name.lower() == self.table.lower() or held.get(table.name.lower(), False)


def _parts(found: object) -> list[exp.Expression]:
    every = found if isinstance(found, list) else [found]
    return [part for part in every if isinstance(part, exp.Expression)]


def _own(part: object) -> list[exp.Expression]:
    """The nodes of an expression, without those of queries inside it."""
    return [
        node
        for one in _parts(part)
        for node in one.walk(prune=lambda n: isinstance(n, exp.Query))
        if not isinstance(node, exp.Query)
    ]


def _resolved(node: exp.Expression, query: exp.Select) -> exp.Expression:
    """What a group is made of: `group by 1` and `group by alias` mean a column of the result."""
    if isinstance(node, exp.Literal) and not node.is_string:
        place = int(node.name) - 1
        return query.expressions[place] if place < len(query.expressions) else node
    return node


def _is_strange(tree: exp.Expression) -> bool:
    """Whether names mean other things than they seem to, or rows come from beside the tables."""
    renaming = any(alias.args.get("columns") for alias in tree.find_all(exp.TableAlias))
    return renaming or any(True for _ in tree.find_all(exp.Lateral)) or any(w.recursive for w in tree.find_all(exp.With))


def _is_renamed(tree: exp.Expression, column: str) -> bool:
    """Whether the query gives the column's name to something else."""
    for alias in tree.find_all(exp.Alias):
        same = isinstance(alias.this, exp.Column) and alias.this.name.lower() == column.lower()
        if alias.alias.lower() == column.lower() and not same:
            return True
    return False
