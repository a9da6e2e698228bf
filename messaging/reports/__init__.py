"""What is going on in the store, in figures: for the dashboard of the admin, and for a host's own pages."""

from .activity import ROLES, ActivityReport, SenderActivity, Step, activity_report
from .period import Bucket, Period, Unit

__all__ = [
    "ROLES",
    "ActivityReport",
    "Bucket",
    "Period",
    "SenderActivity",
    "Step",
    "Unit",
    "activity_report",
]
