"""The database's own part of the schema, as SQL: triggers, indexes and tables that Django has no words for.

A migration runs what stands here, so a module never changes once it was released: what comes later is a module
of its own.
"""
