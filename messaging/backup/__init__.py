"""A copy of the whole store in a folder, proven to be whole, and the way back from it."""
