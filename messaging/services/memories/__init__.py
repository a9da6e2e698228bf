"""Every write of memories: by clients and staff, by extractors, by imports, and as their messages go."""
