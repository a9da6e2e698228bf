"""What a statement did, read from EXPLAIN ANALYZE."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

TABLES = ("parley_message", "parley_conversation", "parley_part", "parley_run")
# What may be read beyond ten times what is returned: the ends of index scans, and single rows looked up.
SLACK = 50


@dataclass(frozen=True)
class Plan:
    sql: str
    root: dict[str, Any]

    def nodes(self) -> Iterator[dict[str, Any]]:
        pending = [self.root]
        while pending:
            node = pending.pop()
            pending += node.get("Plans", [])
            yield node

    @property
    def indexes(self) -> set[str]:
        """The indexes that are read."""
        return {node["Index Name"] for node in self.nodes() if "Index Name" in node}

    @property
    def counts(self) -> bool:
        return bool(self.root["Node Type"] == "Aggregate")

    @property
    def returned(self) -> int:
        """Rows of the answer; of a count, and of a page with its total, the rows that were counted."""
        counted = [node for node in self.nodes() if node.get("Subplan Name") == "CTE matched"]
        if counted:
            return rows_of(counted[0])
        node = self.root
        while node["Node Type"] == "Aggregate":
            node = node["Plans"][0]
        return rows_of(node)

    def faults(self, times: int = 10) -> list[str]:
        """Why this is no index scan of the length of its answer; nothing where it is one."""
        allowed = times * self.returned + SLACK
        read = sum(rows_read(node) for node in self.nodes() if "Relation Name" in node)
        faults = [f"reads {read} rows for {self.returned}"] if read > allowed else []
        for node in self.nodes():
            kind = node["Node Type"]
            if kind == "Seq Scan" and node["Relation Name"] in TABLES and not self.counts:
                faults.append(f"scans all of {node['Relation Name']}")
            if kind == "Sort" and (rows := rows_of(node["Plans"][0])) > allowed:
                faults.append(f"sorts {rows} rows for {self.returned}")
        return faults


def rows_of(node: dict[str, Any]) -> int:
    return int(node["Actual Rows"] * node["Actual Loops"])


def rows_read(node: dict[str, Any]) -> int:
    removed = (node.get(f"Rows Removed by {reason}", 0) for reason in ("Filter", "Index Recheck"))
    return rows_of(node) + int(sum(removed) * node["Actual Loops"])


def plan_of(sql: str) -> Plan:
    """Runs the statement, which must only read."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")
        [[found]] = cursor.fetchall()
    explained = json.loads(found) if isinstance(found, str) else found
    return Plan(sql, explained[0]["Plan"])
