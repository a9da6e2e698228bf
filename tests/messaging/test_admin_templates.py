"""Templates of the admin name only rights and pages that exist: a wrong name hides a link in silence."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission

import messaging

TEMPLATES = sorted((Path(messaging.__file__).parent / "templates").rglob("*.html"))
NAMED = re.compile(r"perms\.(\w+)\.(\w+)")


@pytest.mark.django_db
def test_every_permission_that_a_template_asks_for_exists():
    asked = {right for template in TEMPLATES for right in NAMED.findall(template.read_text())}
    known = set(Permission.objects.values_list("content_type__app_label", "codename"))
    assert asked
    assert asked <= known


def test_every_template_uses_the_label_of_the_app_in_its_classes():
    assert not [path.name for path in TEMPLATES if "app-messaging" in path.read_text()]
