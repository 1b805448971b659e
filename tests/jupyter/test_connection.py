from __future__ import annotations

import threading
from typing import Any

import numpy as np
from fakes import fake_predictor

from samwidget.editing.document import State
from samwidget.engine.local import LocalEngine
from samwidget.jupyter import protocol
from samwidget.jupyter.connection import Connection
from samwidget.jupyter.mirror import Mirror
from samwidget.session.session import Session

IMAGE = np.zeros((48, 64, 3), np.uint8)
WAIT_S = 10


def test_what_was_made_for_nobody_is_not_sent_to_who_comes_meanwhile() -> None:
    session = Session(LocalEngine("fake", lambda _: fake_predictor()))
    mirror, sent = Mirror("fake", State()), []
    connection = Connection(session, mirror, lambda content, _: sent.append(content))
    making, go_on = threading.Event(), threading.Event()

    def make(heard: bool) -> protocol.Update:
        making.set()
        assert go_on.wait(WAIT_S)
        return mirror.show(IMAGE, State(size_hw=(48, 64)), encode=heard)

    def refresh() -> None:
        request: dict[str, Any] = {"kind": "refresh", "revision": 0}
        connection.receive({"client": "page", "seq": 1, "request": request}, ())

    threads = [threading.Thread(target=connection.tell, args=[make])]
    threads[0].start()
    assert making.wait(WAIT_S)
    threads.append(threading.Thread(target=refresh))
    threads[1].start()
    threads[1].join(0.05)
    go_on.set()
    for thread in threads:
        thread.join(WAIT_S)
        assert not thread.is_alive()
    assert [content["kind"] for content in sent] == ["update", "done"]
    assert (sent[0]["after"], sent[0]["image"]["image"]["width"]) == (None, 64)
    session.close()
