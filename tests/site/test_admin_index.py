"""The first page of the admin."""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.cast import Tenant

pytestmark = pytest.mark.django_db


def test_it_shows_the_figures_above_the_models(admin_client: Client, acme: Tenant):
    text = admin_client.get("/admin/").content.decode()
    assert 0 < text.index("parley-dashboard") < text.index("/admin/parley/conversation/")


def test_it_has_the_search_where_there_is_one(admin_client: Client):
    try:
        find = reverse("admin:parley_find")
    except NoReverseMatch:
        find = ""
    text = admin_client.get("/admin/").content.decode()
    assert ('role="search"' in text) is bool(find)
    assert find in text


def test_it_leads_to_the_page_of_the_figures(admin_client: Client, acme: Tenant):
    own = reverse("admin:parley_dashboard")
    assert f'href="{own}">On a page of its own' in admin_client.get("/admin/").content.decode()
    workspace = f"/admin/parley/workspace/{acme.workspace.pk}/change/"
    for path in (own, workspace):
        assert "On a page of its own" not in admin_client.get(path).content.decode()
