"""How rows are found."""
