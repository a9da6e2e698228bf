"""What staff do to rows: in bulk, on one page, and from files."""
