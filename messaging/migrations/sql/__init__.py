"""The database's own part of the schema, as SQL: triggers, indexes and tables that Django has no words for.

A migration runs these statements, so a released module never changes; a later change is a module of its own.
What is derived from rows is also filled here, so that going back and forth leaves it true to them.
"""

ADD_UP = (
    "INSERT INTO parley_workspace_total (workspace_id, conversations, messages, superseded)"
    " SELECT workspace_id, COUNT(*), SUM(message_count), SUM(superseded_count) FROM parley_conversation"
    " GROUP BY workspace_id"
)
"""The totals of workspaces, from the counters of their conversations."""
