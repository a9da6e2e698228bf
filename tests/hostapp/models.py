import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class MemberManager(BaseUserManager["Member"]):
    def create_superuser(self, handle: str, email: str, password: str, **fields: Any) -> "Member":
        member = self.model(handle=handle, email=email, is_staff=True, is_superuser=True, **fields)
        member.set_password(password)
        member.save()
        return member


class Member(AbstractBaseUser, PermissionsMixin):
    """An account that shares little with Django's own: no name for `id`, no `username` column."""

    number = models.UUIDField(primary_key=True, default=uuid.uuid4)
    handle = models.CharField(max_length=40, unique=True)
    email = models.EmailField()
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    objects = MemberManager()

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS = ["email"]

    def __str__(self) -> str:
        return self.handle


class Bookmark(models.Model):
    """What a member keeps of a message; it goes with the message."""

    message = models.ForeignKey("parley.Message", on_delete=models.CASCADE, related_name="bookmarks")
    member = models.ForeignKey(Member, null=True, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"bookmark {self.pk}"


class Ticket(models.Model):
    """A case that outlives the message it began with."""

    message = models.ForeignKey("parley.Message", null=True, on_delete=models.SET_NULL)

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class Evidence(models.Model):
    """A conversation that somebody must be able to see again."""

    conversation = models.ForeignKey("parley.Conversation", on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"evidence {self.pk}"


class Contract(models.Model):
    """What a tenant signed; with RESTRICT a workspace stays as long as it."""

    workspace = models.ForeignKey("parley.Workspace", on_delete=models.RESTRICT)

    def __str__(self) -> str:
        return f"contract {self.pk}"


class Remark(models.Model):
    """What the host says of a memory or of feedback; it goes with that."""

    memory = models.ForeignKey("parley.Memory", null=True, on_delete=models.CASCADE)
    feedback = models.ForeignKey("parley.Feedback", null=True, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"remark {self.pk}"


class Decision(models.Model):
    """What was decided for a memory or for feedback, which stays as long as it."""

    memory = models.ForeignKey("parley.Memory", null=True, on_delete=models.PROTECT)
    feedback = models.ForeignKey("parley.Feedback", null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"decision {self.pk}"
