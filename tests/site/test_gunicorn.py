"""What `config.overload` builds upon is there, private names too, in every gunicorn that may be installed."""

import inspect
import tomllib
from pathlib import Path

import pytest
from gunicorn.workers import gthread

METHODS = {
    "accept": ["listener"],
    "enqueue_req": ["conn"],
    "finish_request": ["conn", "fs"],
    "get_thread_pool": [],
    "handle": ["conn"],
    "handle_request": ["req", "conn"],
    "_cap_keepalive": ["deadline"],
}


def test_only_versions_that_were_tested_may_be_installed():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    [found] = {name for names in extras.values() for name in names if name.startswith("gunicorn")}
    assert found == "gunicorn>=27,<28"


@pytest.mark.parametrize(("name", "parameters"), METHODS.items())
def test_the_methods_that_our_worker_replaces_or_calls(name: str, parameters: list[str]):
    assert list(inspect.signature(getattr(gthread.ThreadWorker, name)).parameters) == ["self", *parameters]


def test_a_deferred_connection_is_told_by_a_mark():
    assert gthread._DEFER is not None
    assert "_DEFER" in inspect.getsource(gthread.ThreadWorker.finish_request)


@pytest.mark.parametrize("name", ["nr_conns", "keepalived_conns", "pending_conns"])
def test_the_worker_counts_its_connections(name: str):
    source = inspect.getsource(gthread.ThreadWorker.init_process) + inspect.getsource(
        gthread.ThreadWorker.__init__
    )
    assert f"self.{name}" in source


@pytest.mark.parametrize("name", ["sock", "timeout", "initialized", "data_ready"])
def test_a_connection_says_how_far_it_is(name: str):
    assert f"self.{name}" in inspect.getsource(gthread.TConn)
