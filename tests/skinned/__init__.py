"""A host whose admin wears a skin: a package that replaces Django's templates of the admin."""
