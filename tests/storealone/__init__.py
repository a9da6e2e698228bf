"""A host that takes the store and its admin, and no wire that speaks of threads."""
