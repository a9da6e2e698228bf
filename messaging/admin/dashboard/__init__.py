"""The figures of the store as staff see them."""
