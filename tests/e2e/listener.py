"""A client of the stream of changes, which drops its connection now and then and comes back."""

import json
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx

from tests.e2e.tenant import Tenant

STREAM = "/api/v1/changes/stream"
TIMEOUT = httpx.Timeout(10, read=40)


def blocks(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """The fields of each block, as a browser reads them."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line:
            yield fields
            fields = {}
        elif name != ":":
            fields[name] = value


class Listener(threading.Thread):
    """Hears changes until it is told to stop, at most `patience` of them on one connection."""

    def __init__(self, tenant: Tenant, after: str, patience: int | None = None) -> None:
        super().__init__(daemon=True)
        self.tenant, self.position, self.patience = tenant, after, patience
        self.heard: list[dict[str, Any]] = []
        self.connected = threading.Event()
        self.connections = 0
        self.told_to_stop = False

    def run(self) -> None:
        while not self.told_to_stop:
            try:
                self._listen()
            except httpx.TransportError:
                time.sleep(0.1)

    def stop(self) -> None:
        self.told_to_stop = True

    def _listen(self) -> None:
        headers = {"Last-Event-ID": self.position}
        most = random.randint(1, self.patience) if self.patience else None
        with self.tenant.client.stream("GET", STREAM, headers=headers, timeout=TIMEOUT) as response:
            if response.status_code != 200:
                time.sleep(0.1)
                return
            self.connections += 1
            for block in blocks(response.iter_lines()):
                self.connected.set()
                self._hear(block)
                if "data" in block and most is not None:
                    most -= 1
                if self.told_to_stop or most == 0:
                    return

    def _hear(self, block: dict[str, str]) -> None:
        assert block.get("event") is None, block
        self.position = block.get("id", self.position)
        if "data" in block:
            self.heard.append(json.loads(block["data"]))
