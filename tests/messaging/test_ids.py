"""Ids: TypeIDs of the published specification, growing within a process."""

import os
import re
import threading
import time
import uuid

import pytest
from django.contrib.admin.utils import unquote
from typeid import TypeID

from messaging.values import ids
from messaging.values.ids import derived_id, new_id
from tests.cast import Tenant

PREFIXES = ("wsp", "key", "conv", "msg", "run", "obj", "part")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_reference_implementation_reads_them(prefix):
    made = new_id(prefix)
    read = TypeID.from_string(made)
    assert (read.prefix, str(read)) == (prefix, made)


def test_they_hold_a_uuid_of_version_7_with_the_time():
    before = time.time_ns() // 1_000_000
    held = uuid.UUID(bytes=TypeID.from_string(new_id("msg")).uuid.bytes)
    assert (held.version, held.variant) == (7, uuid.RFC_4122)
    assert before <= held.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_they_have_one_form():
    assert re.fullmatch(r"msg_[0-7][0-9a-hjkmnp-tv-z]{25}", new_id("msg"))


def test_they_grow_strictly():
    made = [new_id("msg") for _ in range(10_000)]
    assert made == sorted(set(made))


def test_they_grow_while_the_clock_stands_or_goes_back(monkeypatch):
    now = time.time_ns()
    moments = iter([now, now, now - 5_000_000_000, now + 1_000_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(moments))
    made = [new_id("msg") for _ in range(4)]
    assert made == sorted(set(made))


def test_threads_never_make_the_same():
    made: list[list[str]] = [[] for _ in range(4)]

    def work(mine: list[str]) -> None:
        mine.extend(new_id("msg") for _ in range(2_000))

    threads = [threading.Thread(target=work, args=(mine,)) for mine in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(mine == sorted(mine) for mine in made)
    assert len({one for mine in made for one in mine}) == 8_000


def test_a_forked_process_draws_its_own_random_bits(monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)
    draws = iter([bytes(10), b"\x01", b"\xff" * 10])
    monkeypatch.setattr(os, "urandom", lambda count: next(draws))
    monkeypatch.setattr(ids, "_last_milliseconds", 0)
    parent, next_of_parent = new_id("msg"), new_id("msg")
    ids._forget_after_fork()
    assert new_id("msg") not in (parent, next_of_parent)


def test_each_table_has_its_prefix(acme: Tenant):
    made = [acme.workspace.pk, acme.api_key.pk, acme.conversation.pk, acme.reply.pk]
    assert [one.split("_")[0] for one in made] == ["wsp", "key", "conv", "msg"]


def test_derived_ones_are_the_same_each_time_and_differ_by_name():
    made = [derived_id("msg", parent, name) for parent in ("a", "b") for name in (0, 1, "x")]
    assert made == [derived_id("msg", parent, name) for parent in ("a", "b") for name in (0, 1, "x")]
    assert len(set(made)) == 6


def test_derived_ones_come_before_all_that_are_made():
    made = [derived_id("msg", "parent", number) for number in range(1_000)]
    assert max(made) < new_id("msg")
    assert all(re.fullmatch(r"msg_00[0-9a-hjkmnp-tv-z]{24}", one) for one in made)


def test_none_is_misread_in_an_address_of_the_admin():
    """Django reads `_40` as `@`: an id must not begin like that."""
    made = [derived_id("conv", "parent", number) for number in range(1_000)] + [new_id("conv")]
    assert all(unquote(one) == one for one in made)
