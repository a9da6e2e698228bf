"""How we speak HTTP, knowing no vendor: what every wire shares."""
