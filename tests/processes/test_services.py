"""Two services on one PostgreSQL, with a Redis that comes, goes and hangs: any of them serves any client."""

import os

import pytest

from tests.processes.services import Page, Service, eventually
from tests.servers import Redis, need_postgres, need_redis, shared_postgres

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.xdist_group("processes")]
SAID = "I assume that we have labels from disputes."


@pytest.fixture(scope="module")
def redis():
    need_redis()
    redis = Redis(f"redis-{os.getpid()}")
    yield redis
    if redis.process is not None:
        redis.kill()


@pytest.fixture(scope="module")
def database():
    need_postgres()
    name = f"services_{os.getpid()}"
    shared_postgres().do(f"CREATE DATABASE {name}")
    return shared_postgres().url(name)


@pytest.fixture(scope="module")
def pair(database, redis):
    """Begun at once on an empty database, while Redis is not there yet."""
    services = [Service("--database", database, "--redis", redis.url) for _ in range(2)]
    try:
        yield [service.ready() for service in services]
    finally:
        for service in services:
            service.close()


@pytest.fixture
def with_redis(pair, redis):
    if redis.process is None:
        redis.start()
    for service in pair:
        eventually(lambda service=service: "Redis is reached" in service.get("/readyz").text)
    return pair


def tell(here, there, session, text):
    """A page at one sends, a page at the other is shown it."""
    here.do("say", text=text)
    there.turn(text)


def test_they_begin_together_and_go_on_without_redis(pair):
    """They brought an empty database up to date at the same time."""
    for service in pair:
        answer = service.get("/readyz")
        assert answer.status_code == 200 and "Redis cannot be reached" in answer.text
        eventually(lambda service=service: "Redis cannot be reached" in service.said)
        assert service.count("sevenstep_redis_up") == 0
    one, two = pair
    session = one.begin()
    here, there = Page(one, session), Page(two, session)
    here.do("start")
    tell(here, there, session, SAID)
    tell(there, here, session, "What is the latency budget?")
    here.close()
    there.close()
    assert two.count("sevenstep_wakes_total", way="missed") > 0


def test_a_turn_sent_to_one_is_told_to_the_other(with_redis):
    one, two = with_redis
    received = two.count("sevenstep_wakes_total", way="received")
    session = one.begin()
    here, there = Page(one, session), Page(two, session)
    here.do("start")
    for n in range(5):
        tell(here, there, session, f"{SAID} {n}")
        tell(there, here, session, f"And on the other side {n}.")
    here.close()
    there.close()
    assert two.count("sevenstep_wakes_total", way="received") > received
    eventually(lambda: one.count("sevenstep_redis_up") == 1)  # looked at each second


def test_redis_may_be_killed_and_come_back(with_redis, redis):
    one, two = with_redis
    session = one.begin()
    here, there = Page(one, session), Page(two, session)
    here.do("start")
    redis.kill()
    tell(here, there, session, SAID)
    for service in with_redis:
        eventually(lambda service=service: "cannot be reached" in service.get("/readyz").text)
        assert service.get("/readyz").status_code == 200
    tell(there, here, session, "What is the latency budget?")
    redis.start()
    eventually(lambda: "Redis is reached" in two.get("/readyz").text)
    tell(here, there, session, "And now it is there again.")
    here.close()
    there.close()


def test_a_redis_that_hangs_holds_up_nobody(with_redis, redis):
    one, two = with_redis
    session = one.begin()
    here, there = Page(one, session), Page(two, session)
    here.do("start")
    redis.stand_still(True)
    try:
        for n in range(3):
            tell(here, there, session, f"{SAID} {n}")
    finally:
        redis.stand_still(False)
    here.close()
    there.close()


def test_what_is_read_at_one_is_as_new_as_what_was_sent_to_the_other(with_redis):
    one, two = with_redis
    session = one.begin()
    assert two.get(session).status_code == 200
    page = Page(one, session)
    page.do("start")
    for n in range(5):
        page.do("say", text=f"{SAID} {n}")
        assert f"{SAID} {n}" in two.get(session).text
    page.close()
    assert one.post(f"{session}/delete").status_code == 303
    assert two.get(session).status_code == 404


def test_metrics_hold_no_session(with_redis):
    one, _ = with_redis
    session = one.begin()
    one.get(session)
    told = one.get("/metrics").text
    assert session.rsplit("/", 1)[1] not in told
    assert one.count("sevenstep_requests_total", route="/sessions/{id}", status="200") > 0
    assert one.count("sevenstep_appends_total", outcome="stored") > 0
    assert one.count("sevenstep_append_seconds_count") > 0


def test_one_is_killed_and_its_candidate_goes_on_at_the_other(with_redis, database, redis):
    """Last of all: the pair is one less after it."""
    one, two = with_redis
    session = one.begin()
    page = Page(one, session)
    page.do("start")
    page.do("say", text=SAID)
    one.kill()
    again = Page(two, session)
    again.turn(SAID)
    again.do("say", text="What is the latency budget?")
    again.until(
        lambda f: (
            f["t"] == "ev"
            and f["type"] == "turn.committed"
            and f["body"]["speaker"] == "interviewer"
            and f["seq"] > 4
        )
    )
    again.close()
    two.stop()
    assert two.process.returncode == 0
    assert "Traceback" not in two.said
