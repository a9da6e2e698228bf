"""Runs, parts and stored objects in exports and imports: what `messaging.companion` asks for."""
