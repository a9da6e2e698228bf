"""Threads, messages with typed parts, and runs: the SeekrFlow wire over the store of `messaging`."""
