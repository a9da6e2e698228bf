"""What ends a backup or a restore."""


class BackupError(Exception):
    """It could not be done; the text tells the operator why, and what to do."""
