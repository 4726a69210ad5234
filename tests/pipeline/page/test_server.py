import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from pipeline.delivery.broker import Broker
from pipeline.page.pairing import Pairing
from pipeline.page.server import Page, PageError, PageServer
from tests.integration.mosquitto import free_ports

ELSEWHERE = {"X-Forwarded-For": "10.0.0.9"}
CODE = "123456"


def history(what: str, query: Mapping[str, str]) -> tuple[str, str]:
    if what == "nothing":
        raise ValueError("there is no such thing")
    return "text/csv" if "format" in query else "application/json", json.dumps([what])


def coaching(query: Mapping[str, str]) -> str:
    if "athlete" not in query:
        raise ValueError("whose?")
    return json.dumps(dict(query))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site" / "js").mkdir(parents=True)
    for name in ("index.html", "pair.html", "js/main.js", "js/pair.js"):
        (tmp_path / "site" / name).write_text(f"this is {name}")
    (tmp_path / "secret.txt").write_text("nobody's business")
    return tmp_path / "site"


@contextmanager
def served(folder: Path, pairing: Pairing | None = None) -> Iterator[PageServer]:
    page = Page(
        {"site": "home"},
        Broker(f"mqtt://127.0.0.1:{free_ports(1)[0]}"),
        frozenset({"attic"}),
        pairing or Pairing(CODE, b"secret"),
        history,
        folder,
        coaching,
    )
    server = PageServer(page, "127.0.0.1", 0)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def ask(
    server: PageServer, path: str, headers: Mapping[str, str] | None = None, body: Any = None
) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    method = "GET" if body is None else "POST"
    content = None if body is None else json.dumps(body)
    connection.request(method, path, content, dict(headers or {}))
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def test_from_this_computer_everything_is_open(folder: Path) -> None:
    with served(folder) as server:
        assert ask(server, "/")[1] == "this is index.html"
        assert ask(server, "/js/main.js")[1] == "this is js/main.js"
        assert json.loads(ask(server, "/config.json")[1]) == {"site": "home"}
        assert json.loads(ask(server, "/api/history/sets")[1]) == ["sets"]


def test_from_elsewhere_nothing_is_but_the_way_in(folder: Path) -> None:
    with served(folder) as server:
        first, _ = ask(server, "/", ELSEWHERE)
        assert (first.status, first.headers["Location"]) == (303, "/pair.html")
        assert ask(server, "/pair.html", ELSEWHERE)[1] == "this is pair.html"
        for path in ("/index.html", "/config.json", "/api/history/sets", "/api/coach", "/mqtt"):
            assert ask(server, path, ELSEWHERE)[0].status == 401


def test_whoever_types_the_code_is_let_in(folder: Path) -> None:
    with served(folder) as server:
        answer, _ = ask(server, "/pair", ELSEWHERE, {"code": CODE})
        cookie = answer.headers["Set-Cookie"]
        assert answer.status == 200
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        paired = {**ELSEWHERE, "Cookie": cookie.partition(";")[0]}
        assert ask(server, "/", paired)[1] == "this is index.html"
        assert ask(server, "/config.json", paired)[0].status == 200


def test_wrong_codes_are_refused_and_soon_slowed_down(folder: Path) -> None:
    with served(folder) as server:
        seen = [ask(server, "/pair", ELSEWHERE, {"code": "000000"})[0].status for _ in range(6)]
        assert seen == [403] * 5 + [429]
        answer, text = ask(server, "/pair", ELSEWHERE, {"code": CODE})
        assert answer.status == 429
        assert "wait" in json.loads(text)["text"]


@pytest.mark.parametrize("body", [{}, [], "x", {"code": None}, {"cod": 1}])
def test_what_is_no_code_is_refused(folder: Path, body: object) -> None:
    with served(folder) as server:
        assert ask(server, "/pair", ELSEWHERE, body)[0].status in (400, 403)


def test_a_cookie_that_was_made_up_lets_nobody_in(folder: Path) -> None:
    with served(folder) as server:
        made_up = {**ELSEWHERE, "Cookie": "hiprep=99999999999." + "0" * 64}
        assert ask(server, "/config.json", made_up)[0].status == 401


def test_a_name_that_is_not_ours_is_answered_by_nothing(folder: Path) -> None:
    with served(folder) as server:
        assert ask(server, "/config.json", {"Host": "evil.example"})[0].status == 421
        assert ask(server, "/config.json", {"Host": f"attic.local:{server.port}"})[0].status == 200


def test_another_page_may_not_use_the_way_in_or_mqtt(folder: Path) -> None:
    with served(folder) as server:
        evil = {"Origin": "http://evil.example"}
        assert ask(server, "/mqtt", evil)[0].status == 403
        assert ask(server, "/pair", {**evil, **ELSEWHERE}, {"code": CODE})[0].status == 403


@pytest.mark.parametrize("path", ["/../secret.txt", "/js/../../secret.txt", "/%2e%2e/secret.txt"])
def test_only_what_is_in_the_folder_is_given_out(folder: Path, path: str) -> None:
    with served(folder) as server:
        answer, text = ask(server, path)
        assert answer.status == 404
        assert "business" not in text


def test_a_browser_is_told_to_run_nothing_from_elsewhere(folder: Path) -> None:
    with served(folder) as server:
        for path in ("/", "/config.json", "/nothing-here"):
            answer, _ = ask(server, path)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_to_be_done_is_given_as_json_and_what_cannot_be_asked_is_said(
    folder: Path,
) -> None:
    with served(folder) as server:
        answer, text = ask(server, "/api/coach?athlete=anna&session=s")
        assert (answer.status, json.loads(text)) == (200, {"athlete": "anna", "session": "s"})
        assert answer.getheader("Content-Type", "").startswith("application/json")
        assert answer.getheader("Cache-Control") == "no-store"
        refused, text = ask(server, "/api/coach")
        assert (refused.status, json.loads(text)["text"]) == (400, "whose?")


def test_history_says_what_it_cannot_give_and_gives_tables_as_files(folder: Path) -> None:
    with served(folder) as server:
        answer, text = ask(server, "/api/history/nothing")
        assert (answer.status, json.loads(text)["text"]) == (400, "there is no such thing")
        answer, _ = ask(server, "/api/history/sets?format=csv")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="hiprep-sets.csv"'


def test_without_its_broker_the_page_is_there_and_mqtt_is_not(folder: Path) -> None:
    with served(folder) as server:
        assert ask(server, "/")[0].status == 200
        assert ask(server, "/mqtt")[0].status == 502


def test_a_port_in_use_is_named_with_its_setting(folder: Path) -> None:
    with served(folder) as server:
        page = Page({}, Broker("mqtt://127.0.0.1"), frozenset(), folder=folder)
        with pytest.raises(PageError, match=rf"page\.port: {server.port} cannot be had"):
            asyncio.run(PageServer(page, "127.0.0.1", server.port).start())
