"""A running stand-in, cleared for each test."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from app.fake_llm.server import Fake, running

KEY = "sk-canary-0123456789"
PATIENCE = 10  # seconds; what is waited for comes in milliseconds


@pytest.fixture(scope="module")
def server() -> Iterator[Fake]:
    with running() as fake:
        yield fake


@pytest.fixture
def fake(server: Fake) -> Fake:
    server.clear()
    return server


def until(condition: Callable[[], bool]) -> None:
    """Looks again and again; fails after PATIENCE."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def body_of(content: str = "Hello", **more: object) -> dict:
    return {"model": "any", "messages": [{"role": "user", "content": content}], **more}


def post(url: str, body: object, method: str = "POST", **headers: str):
    """An open answer; the caller closes it. HTTPError where it is no 2xx."""
    sent = json.dumps(body).encode()
    known = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    request = urllib.request.Request(url, sent, known | headers, method=method)
    return urllib.request.urlopen(request, timeout=PATIENCE)


def ask(fake: Fake, content: str = "Hello", **more: object) -> dict:
    """The whole answer's JSON."""
    with post(f"{fake.base_url}/chat/completions", body_of(content, **more)) as answer:
        return json.load(answer)


def say(fake: Fake, content: str, **more: object) -> str:
    return ask(fake, content, **more)["choices"][0]["message"]["content"]


def read_stream(data: bytes) -> list[dict]:
    """The events of a stream that ended in good order."""
    *events, done, rest = data.decode().split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(event.removeprefix("data: ")) for event in events]


def spoken(events: list[dict]) -> str:
    return "".join(
        choice["delta"].get("content", "") for event in events for choice in event["choices"]
    )


def move(say: str, earlier: str = "What is the goal?", kind: str = "press") -> str:
    return (
        f'<conversation id="ab12">\ncandidate: Hello, <say>not this</say>\ninterviewer: {earlier}\n'
        f'candidate: Fewer losses.\n</conversation ab12>\n<move kind="{kind}">\nAsk it.\n'
        f"<say>\n{say}\n</say>\n</move>"
    )


TURNS = (
    ("interviewer", "How would you handle the labels, which come late and are noisy?"),
    (
        "candidate",
        "Labels come from chargebacks, which arrive after sixty days, so recent payments have none. "
        "I train on mature labels only, because a young payment that looks honest may yet turn out to be fraud.",
    ),
    ("interviewer", "And what would you compare a model with?"),
    (
        "candidate",
        "The baseline is the rules that run today, then logistic regression on twenty counters. "
        "It is not worth more until both are beaten at the same number of stopped payments.",
    ),
)
CRITERIA = {
    "label-delay-noise": "Labels arrive late and noisy. Chargebacks come after days; recent payments have none.",
    "baseline": "Names a simple baseline. Rules or logistic regression come first.",
    "privacy": "Protects personal data. Hashing, retention, consent, GDPR.",
}


def judged(turns=TURNS, criteria=CRITERIA) -> str:
    listed = "\n".join(
        f'<criterion id="{id}">\n{text}\n</criterion>' for id, text in criteria.items()
    )
    lines = "\n".join(f"[{n}] {speaker}: {text}" for n, (speaker, text) in enumerate(turns))
    return (
        f'<step id="data" title="Data">\n{listed}\n</step>\n'
        f'<transcript id="cd34">\n{lines}\n</transcript cd34>'
    )
