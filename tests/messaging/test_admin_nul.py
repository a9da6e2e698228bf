"""NUL, which PostgreSQL refuses in every text, is the id of nothing and part of no search."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Tenant

pytestmark = pytest.mark.django_db
MODELS = ("workspace", "apikey", "conversation", "message", "part", "run", "storedobject", "webhook", "job")
ROWS = ("%00", "_00", "msg_%00", "_00_00")
PAGES = ("change", "delete", "history")
QUERIES = (
    "q=a%00b",
    "workspace=%00",
    "%00=1",
    "user=%00",
    "role=%00",
    "state=%00",
    "o=%00",
    "p=%00",
    "id=%00",
)


@pytest.mark.parametrize("model", MODELS)
def test_no_row_has_such_an_id(admin_client: Client, model: str):
    for row in ROWS:
        for page in PAGES:
            response = admin_client.get(f"/admin/parley/{model}/{row}/{page}/")
            assert response.status_code in (302, 403, 404), (row, page)


@pytest.mark.parametrize("page", ["transcript", "open", "redact", "export"])
@pytest.mark.parametrize("model", ["conversation", "message"])
def test_no_page_of_a_row_fails(admin_client: Client, model: str, page: str):
    for row in ROWS:
        assert admin_client.get(f"/admin/parley/{model}/{row}/{page}/").status_code in (302, 403, 404)


@pytest.mark.parametrize("model", MODELS)
def test_no_list_fails(admin_client: Client, acme: Tenant, model: str):
    for query in QUERIES:
        response = admin_client.get(f"/admin/parley/{model}/?{query}")
        # Django refuses to filter by a column that no filter of the page names.
        assert response.status_code in (200, 302, 400), query


def test_it_is_no_part_of_a_search(admin_client: Client, acme: Tenant):
    url = reverse("admin:parley_message_changelist")
    assert acme.question.pk in admin_client.get(f"{url}?q=acme:%00 are").content.decode()


def test_no_action_takes_it(admin_client: Client, acme: Tenant):
    url = reverse("admin:parley_message_changelist")
    for name in ("redact", "delete_selected", "export_as_jsonl"):
        response = admin_client.post(url, {"action": name, "_selected_action": "\0"})
        assert response.status_code == 400


def test_no_choice_of_a_form_fails(admin_client: Client, acme: Tenant):
    query = "app_label=parley&model_name=apikey&field_name=workspace&term=%00acme"
    response = admin_client.get(f"{reverse('admin:autocomplete')}?{query}")
    assert response.status_code == 200
