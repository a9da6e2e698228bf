"""A host whose tenants have a whole Parley each, in databases of their own."""
