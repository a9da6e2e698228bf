"""Importing conversations, with their messages, runs and objects, and following what was revised since."""
