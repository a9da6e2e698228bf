"""Conversations as files: exported as JSON lines, and imported from those and from what others export."""
