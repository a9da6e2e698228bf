"""Django's own pages of the admin, with every widget of theirs, under our policy."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, log_in
from tests.e2e.tenant import Tenant


def test_logging_in_and_out(open_page: OpenPage):
    page = open_page()
    log_in(page)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in again")).to_be_visible()


def test_the_password_form(page: Page):
    page.goto("/admin/password_change/")
    page.get_by_label("Old password").fill("no such password")
    page.locator("#id_new_password1").fill("tr0ub4dor & 3")
    page.locator("#id_new_password2").fill("tr0ub4dor & 3")
    page.get_by_role("button", name="Change my password").click()
    expect(page.get_by_text("Your old password was entered incorrectly")).to_be_visible()


def test_a_user_is_made_and_given_groups_and_dates(page: Page):
    page.goto("/admin/auth/user/add/")
    page.get_by_label("Username").fill("ada")
    page.locator("#id_password1").fill("correct horse battery")
    page.locator("#id_password2").fill("correct horse battery")
    page.get_by_role("button", name="Save and continue editing").click()
    page.locator("#id_user_permissions_from option").first.click()
    page.locator("#id_user_permissions_add, #id_user_permissions_add_link").first.click()
    expect(page.locator("#id_user_permissions_to option")).to_have_count(1)
    page.locator("#calendarlink0").click()
    page.locator("#calendarin0 td a").first.click()
    page.locator("#clocklink0").click()
    page.locator("#clockbox0 .timelist a").first.click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_contain_text("was changed successfully")


def test_a_popup_adds_what_a_form_needs(page: Page):
    page.goto("/admin/auth/user/1/change/")
    with page.expect_popup() as opened:
        page.locator("#add_id_groups").click()
    opened.value.get_by_label("Name").fill("quality")
    opened.value.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#id_groups_to option, #id_groups_from option")).to_contain_text(["quality"])


def test_history_and_delete_confirmation(page: Page):
    page.goto("/admin/auth/group/add/")
    page.get_by_label("Name").fill("short-lived")
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("cell", name="Added.")).to_be_visible()
    page.go_back()
    page.locator(".deletelink").click()
    page.locator("form:has(input[name=post]) input[type=submit]").click()
    expect(page.locator(".messagelist .success")).to_contain_text("was deleted successfully")


def test_a_list_with_filters_and_actions(page: Page):
    page.goto("/admin/auth/user/")
    page.locator("#action-toggle").check()
    page.locator("details[data-filter-title] summary").first.click()
    page.locator("select[name=action]").select_option("delete_selected")
    page.locator("button[name=index]").click()
    expect(page.locator("form input[name=post]")).to_have_count(1)


def test_a_form_offers_workspaces_as_one_types(page: Page, tenant: Tenant):
    page.goto("/admin/parley/apikey/add/")
    page.locator(".field-workspace .select2-selection").click()
    page.locator(".select2-search__field").last.fill("Tenant")
    page.locator(".select2-results__option", has_text="Tenant").first.click()
    expect(page.locator(".field-workspace .select2-selection__rendered")).to_contain_text("Tenant")
