"""A project of somebody else's that Parley is added to: as unlike our own settings as it can be."""
