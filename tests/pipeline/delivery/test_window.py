"""What is sent, in which order, and again; without a broker, and without a clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery import window as limits
from pipeline.delivery.messages import Message
from pipeline.delivery.outbox import Outbox
from pipeline.delivery.window import FIRST_RETRY_S, LONGEST_RETRY_S, MOST, Window
from tests.pipeline.delivery.made import message


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox.db") as outbox:
        yield outbox


class _Sender:
    """Publishes what a window gives, and has it acknowledged where a test says so."""

    def __init__(self, outbox: Outbox, *, receipts: bool) -> None:
        self.outbox = outbox
        self.window = Window(outbox, receipts=receipts)
        self.number = 0

    def send(self, now_s: float, *, ack: bool = True) -> list[Message]:
        sent = self.window.next(now_s)
        for one in sent:
            self.number += 1
            self.window.sent(one, self.number, now_s)
            if ack:
                self.outbox.done(self.window.acked(self.number))
        return sent

    def receipt(self, messages: list[Message], now_s: float) -> None:
        pairs = [(one.id, one.revision) for one in messages]
        self.outbox.done(self.window.receipted(pairs, now_s))


def _put(outbox: Outbox, count: int) -> list[Message]:
    return outbox.put([message(number) for number in range(count)])


def test_no_more_are_under_way_than_the_limit_however_many_wait(outbox: Outbox) -> None:
    put = _put(outbox, 3 * MOST)
    sender = _Sender(outbox, receipts=False)
    assert sender.send(0.0, ack=False) == put[:MOST]
    assert sender.send(1e6, ack=False) == []
    outbox.done(sender.window.acked(1))
    assert sender.send(1e6, ack=False) == [put[MOST]]


def test_without_receipts_the_brokers_word_is_enough(outbox: Outbox) -> None:
    put = _put(outbox, 3 * MOST)
    sender = _Sender(outbox, receipts=False)
    sent = sender.send(0.0) + sender.send(0.0) + sender.send(0.0)
    assert sent == put
    assert outbox.size() == 0


def test_with_receipts_it_is_not(outbox: Outbox) -> None:
    put = _put(outbox, MOST + 1)
    sender = _Sender(outbox, receipts=True)
    assert sender.send(0.0) == put[:MOST]
    assert outbox.size() == len(put)
    assert sender.send(0.1) == []  # nothing more, or it would pile up at the broker
    sender.receipt(put[:MOST], 0.2)
    assert outbox.size() == 1
    assert sender.send(0.3) == put[MOST:]


def test_a_receipt_of_a_revision_is_one_of_the_older_ones(outbox: Outbox) -> None:
    put = outbox.put([message(1), message(1, 1), message(1, 2)])
    sender = _Sender(outbox, receipts=True)
    sender.send(0.0)
    sender.receipt([put[1]], 0.1)
    assert outbox.waiting(0, 10) == put[2:]
    assert len(sender.window) == 1


def test_after_a_lost_connection_all_that_waits_is_sent_again_in_order(outbox: Outbox) -> None:
    put = _put(outbox, 5)
    sender = _Sender(outbox, receipts=False)
    sender.send(0.0, ack=False)
    outbox.done(sender.window.acked(2))
    sender.window.restart()
    assert sender.window.acked(1) == []  # of the old connection
    assert sender.send(0.1) == [put[0], *put[2:]]


def test_what_the_broker_lost_is_sent_again_later_and_later(outbox: Outbox) -> None:
    put = _put(outbox, 3)
    sender = _Sender(outbox, receipts=True)
    sender.send(0.0)
    waits: list[float] = []
    before_s = now_s = 0.0
    while len(waits) < 10:
        now_s += 1.0
        if again := sender.send(now_s):
            assert again == put
            waits.append(now_s - before_s)
            before_s = now_s
    assert waits == sorted(waits)
    assert waits[0] == FIRST_RETRY_S
    assert waits[-1] == LONGEST_RETRY_S
    assert outbox.size() == len(put)


def test_what_the_broker_has_not_acknowledged_is_not_sent_twice(outbox: Outbox) -> None:
    _put(outbox, 3)
    sender = _Sender(outbox, receipts=True)
    sender.send(0.0, ack=False)
    assert sender.send(1e6) == []


def test_messages_that_no_store_takes_do_not_hold_up_the_rest(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = _put(outbox, 4 * MOST)
    monkeypatch.setattr(limits, "SWEEP_S", 1e9)
    sender = _Sender(outbox, receipts=True)
    poison = {one.seq for one in put[: MOST - 1]}
    now_s = 0.0
    while outbox.size() > len(poison):
        sender.receipt([one for one in sender.send(now_s) if one.seq not in poison], now_s + 0.5)
        now_s += 1.0
        assert now_s < 100 * LONGEST_RETRY_S
    while sender.window.aside < len(poison):
        (extra,) = outbox.put([message(int(now_s) + 100_000)])
        sender.send(now_s)
        sender.receipt([extra], now_s + 0.5)
        now_s += 1.0
        assert now_s < 100 * LONGEST_RETRY_S
    assert {one.seq for one in outbox.waiting(0, 10_000)} == poison
    assert len(sender.window) == 0


def test_what_stands_aside_gets_another_chance(outbox: Outbox) -> None:
    (late,) = _put(outbox, 1)
    sender = _Sender(outbox, receipts=True)
    now_s, came = 0.0, 0
    while not sender.window.aside:
        (extra,) = outbox.put([message(int(now_s) + 100)])
        came += late in sender.send(now_s)
        sender.receipt([extra], now_s + 0.5)
        now_s += 1.0
    while late not in sender.send(now_s):
        now_s += 1.0
        assert now_s < 100 * LONGEST_RETRY_S
    sender.receipt([late], now_s)
    assert outbox.size() == 0
    assert came > 1


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["put", "send", "lose acks", "receipt", "reconnect", "wait"]),
            st.integers(1, 150),
        ),
        max_size=40,
    ),
    receipts=st.booleans(),
)
def test_everything_arrives_in_the_end_and_in_order_the_first_time(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], *, receipts: bool
) -> None:
    with Outbox(tmp_path_factory.mktemp("window") / "outbox.db") as outbox:
        sender = _Sender(outbox, receipts=receipts)
        put: list[Message] = []
        first: list[Message] = []  # as they came for the first time
        now_s = 0.0

        def send(*, ack: bool) -> list[Message]:
            sent = sender.send(now_s, ack=ack)
            first.extend(one for one in sent if one not in first)
            assert len(sender.window) <= MOST
            return sent

        for step, count in steps:
            now_s += 0.1
            if step == "put":
                put += outbox.put([message(len(put) + number) for number in range(count)])
            elif step == "send":
                send(ack=True)
            elif step == "lose acks":
                send(ack=False)
            elif step == "receipt":
                sender.receipt(first[-count:], now_s)
            elif step == "reconnect":
                sender.window.restart()
            else:
                now_s += count
        sender.window.restart()
        while outbox.size():
            now_s += 0.1
            sender.receipt(send(ack=True), now_s)
        assert first == put
