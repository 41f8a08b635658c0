"""A model behind any server that speaks OpenAI's chat completions, with guards of our own around the client.

The client by itself waits for minutes, tries again in silence, follows redirects with the whole transcript, takes the
end of the line for the end of an answer, and puts the server's words, which may hold the key, into its errors.
docs/adr/0016 has the figures. `openai` is imported when the first request is made, in a thread.
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from app.endpoint import Endpoint, Prices, Structured
from app.llm.dialect import Dialect, Learnt, named_part
from app.llm.model import Answer, Ask, Fault, ModelFailed, Usage, seen_usage
from app.llm.net import door_of

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from app.llm.transport import Resolve

log = logging.getLogger("sevenstep.llm")

LONGEST = 20_000  # characters of an answer
MOST_TOKENS = 10**7  # of one call; what a server counts beyond that is no count
AFTER_FINISH = 1.0  # seconds for the numbers that may follow the end
NO_KEY = "none"  # local servers want no key, the client wants one
LONGEST_WAIT = 86_400.0
PLAIN_NAME = re.compile(r"[\w.:/@-]{1,100}")
# Not for text: a lone surrogate cannot be encoded, PostgreSQL keeps no NUL, and no terminal wants the rest.
UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
STATUS_FAULTS: dict[int, Fault] = {
    401: "denied",
    402: "busy",
    403: "denied",
    404: "not_found",
    405: "not_found",
    410: "not_found",
    429: "busy",
}


class Connection:
    """The client of an endpoint, built once it is needed and used by all its models."""

    def __init__(self, endpoint: Endpoint, resolve: "Resolve | None" = None) -> None:
        self._endpoint = endpoint
        self._resolve = resolve
        self._client: AsyncOpenAI | None = None
        self._building = asyncio.Lock()

    async def client(self) -> "AsyncOpenAI":
        """Importing takes most of a second, hence the thread. Raises ModelFailed for an address that must not be
        reached."""
        async with self._building:
            if self._client is None:
                self._client = await asyncio.to_thread(self._built)
            return self._client

    def _built(self) -> "AsyncOpenAI":
        door = door_of(self._endpoint.base_url, self._endpoint.allowed)
        import httpx2
        from openai import AsyncOpenAI

        from app.llm.transport import Line, quiet_loggers, resolve_by_system

        quiet_loggers()
        parts = urlsplit(self._endpoint.base_url)
        key = self._endpoint.key or NO_KEY
        headers = {"Authorization": f"Bearer {key}"}
        if door.host.endswith(".azure.com"):
            headers["api-key"] = key
        return AsyncOpenAI(
            api_key=key,
            base_url=urlunsplit(parts._replace(query="")),
            default_query=dict(parse_qsl(parts.query)),
            default_headers=headers,
            max_retries=0,
            http_client=httpx2.AsyncClient(
                transport=Line(door, self._resolve or resolve_by_system),
                timeout=httpx2.Timeout(None, connect=self._endpoint.timeouts.connect),
                follow_redirects=False,
                trust_env=False,
            ),
            timeout=httpx2.Timeout(None, connect=self._endpoint.timeouts.connect),
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None


class Due(NamedTuple):
    """A moment of the loop's clock, and what it is called when it passes."""

    at: float
    fault: Fault


@dataclass(slots=True)
class Heard:
    """What came of an answer so far. Servers send odd things, so nothing is taken for what it should be."""

    model: str
    text: str = ""
    finish: str = ""
    usage: Usage | None = None
    first_at: float | None = None
    chunks: int = 0
    thought: int = 0  # characters of its thinking, which are paid like words
    is_refused: bool = False

    def take(self, chunk: object) -> tuple[str, bool]:
        """The text in a piece of a stream or in a whole completion, and whether the model is thinking."""
        model, usage, choices = _of(chunk, "model"), _of(chunk, "usage"), _of(chunk, "choices")
        if isinstance(model, str) and PLAIN_NAME.fullmatch(model):
            self.model = model
        counts = _of(usage, "prompt_tokens"), _of(usage, "completion_tokens")
        if all(map(_is_count, counts)) and any(counts):
            self.usage = Usage(*counts)
        if not isinstance(choices, list) or not choices:
            return "", False
        self.chunks += 1
        finish = _of(choices[0], "finish_reason")
        if isinstance(finish, str) and finish:
            self.finish = finish[:40]
        said = _of(choices[0], "delta") or _of(choices[0], "message")
        text = _of(said, "content")
        text = UNFIT.sub("", text) if isinstance(text, str) else ""
        self.text += text
        self.is_refused = self.is_refused or bool(_of(said, "refusal"))
        thinking = _of(said, "reasoning_content") or _of(said, "reasoning")
        self.thought += len(thinking) if isinstance(thinking, str) else 0
        return text, bool(thinking)

    def took(self, ask: Ask) -> Usage:
        """As the server counted it, else estimated."""
        return self.usage or seen_usage(ask, len(self.text) + self.thought)

    def check(self) -> None:
        """Raises ModelFailed where this is no whole answer."""
        if self.finish == "content_filter" or (self.is_refused and not self.text.strip()):
            raise ModelFailed("filtered")
        if self.chunks and not self.finish:
            raise ModelFailed("cut")
        if not self.text.strip():
            raise ModelFailed("empty")


class OpenAIModel:
    """`structured` None: the fullest form that the server takes is found by asking, and remembered. Clocks start
    when the client stands; one `reply` or `stream` waits no longer than the timeouts whatever it tries.

    Close a stream that is not read to its end (`contextlib.aclosing`): that ends the request."""

    def __init__(
        self,
        endpoint: Endpoint,
        name: str,
        structured: Structured | None = None,
        connection: Connection | None = None,
        learnt: Learnt | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._name = name
        self._connection = connection or Connection(endpoint)
        self._structure_is_given = structured is not None
        self._learnt = learnt or Learnt()
        if structured is not None:
            self._learnt.dialect = replace(self._learnt.dialect, structured=structured)

    @property
    def name(self) -> str:
        return self._name

    @property
    def prices(self) -> Prices:
        return self._endpoint.prices

    @property
    def structured(self) -> Structured | None:
        """None as long as no request with a shape was taken."""
        is_known = self._structure_is_given or True in self._learnt.taken
        return self._learnt.dialect.structured if is_known else None

    async def close(self) -> None:
        await self._connection.close()

    async def reply(self, ask: Ask) -> Answer:
        """Streamed inside, so that the same guards hold; a model's thinking counts as a sign of life here."""
        async with aclosing(self._pieces(ask, is_read=False)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    return piece
        raise ModelFailed("cut")

    async def stream(self, ask: Ask) -> AsyncIterator[str | Answer]:
        async with aclosing(self._pieces(ask, is_read=True)) as pieces:
            async for piece in pieces:
                yield piece

    async def _pieces(self, ask: Ask, *, is_read: bool) -> AsyncGenerator[str | Answer, None]:
        client = await self._connection.client()
        began = asyncio.get_running_loop().time()
        opened = await self._opened(client, ask, began)
        heard = Heard(self._name)
        try:
            if not hasattr(opened, "response"):
                yield _taken_whole(opened, heard)
            else:
                try:
                    texts_of = self._read(opened, ask, heard, began, is_read)
                    async with aclosing(texts_of) as texts:
                        async for text in texts:
                            yield text
                finally:
                    await _left(opened)
        except ModelFailed as failure:
            if heard.usage or heard.text or heard.thought:
                failure.usage = heard.took(ask)
            raise
        ended = asyncio.get_running_loop().time()
        yield Answer(
            text=heard.text,
            model=heard.model,
            finish=heard.finish,
            usage=heard.took(ask),
            first_ms=round(((heard.first_at or ended) - began) * 1000),
            whole_ms=round((ended - began) * 1000),
        )

    async def _opened(self, client: "AsyncOpenAI", ask: Ask, began: float) -> Any:
        """What the server begins to answer, in as full a dialect as it takes: a stream, or a completion where it does
        not stream. As plain JSON: the client's classes for it cost 3 ms a call and do not hold what servers send."""
        from openai import AsyncStream

        began_in = dialect = self._learnt.dialect
        while True:
            due = self._until(began, ask, dialect.streaming)
            refusal = ""
            try:
                async with asyncio.timeout_at(due.at):
                    opened = await client.post(
                        "/chat/completions",
                        cast_to=object,
                        body=dialect.request(ask, self._name, self._endpoint.temperature),
                        stream=dialect.streaming,
                        stream_cls=AsyncStream[object],
                    )
            except TimeoutError:
                failure = ModelFailed(due.fault)
            except Exception as error:
                failure, refusal = failure_of(error), str(error)
            else:
                if dialect != began_in:
                    self._learnt.dialect = dialect
                self._learnt.taken.add(ask.shape is not None)
                return opened
            less = self._asking_less(dialect, ask, failure, refusal)
            if less is None:
                raise failure
            dialect = less

    def _asking_less(
        self, dialect: Dialect, ask: Ask, failure: ModelFailed, refusal: str
    ) -> Dialect | None:
        """Where a refusal names a part, without that; where it names none, without the next, unless requests like
        this one were taken before: then the parts are not the reason."""
        parts = dialect.parts(ask, not self._structure_is_given)
        named = named_part(refusal, parts)
        if failure.fault == "server":  # some fail over a schema instead of refusing it
            return dialect.given_up(named) if named == "structured" else None
        if failure.fault != "rejected" or not parts:
            return None
        if named is None and (ask.shape is not None) in self._learnt.taken:
            return None
        return dialect.given_up(named or parts[0])

    def _until(self, began: float, ask: Ask, streaming: bool) -> Due:
        """For the first word of a stream; else for all."""
        whole = Due(began + self._endpoint.timeouts.whole, "overlong")
        fault: Fault = "slow" if streaming else "overlong"
        due = whole if ask.until is None else min(whole, Due(ask.until, fault))
        return min(due, Due(began + self._endpoint.timeouts.first, "slow")) if streaming else due

    async def _read(
        self, stream: Any, ask: Ask, heard: Heard, began: float, is_read: bool
    ) -> AsyncGenerator[str, None]:
        """The texts as they come. Time counts to the next text: empty pieces, comments and, where somebody reads
        along, a model's thinking do not stop the clock."""
        now = asyncio.get_running_loop().time
        kind = stream.response.headers.get("content-type", "")
        if "html" in kind:
            raise ModelFailed("garbled")
        if "application/json" in kind:  # does not stream, and says so by its answer
            body = await _within(stream.response.aread(), self._until(began, ask, False))
            yield _taken_whole(_json_in(body), heard)
            return
        whole = self._until(began, ask, False)
        due = self._until(began, ask, True)
        while True:
            try:
                chunk = await _within(anext(stream, None), due)
            except ModelFailed:
                if heard.finish:  # all is said; only the numbers are missing
                    break
                raise
            if chunk is None:
                break
            text, thinking = heard.take(chunk)
            if len(heard.text) > LONGEST:
                raise ModelFailed("too_large")
            if text:
                heard.first_at = heard.first_at or now()
                yield text
            if heard.finish:
                due = min(Due(now() + AFTER_FINISH, "cut"), whole)
            elif text or (thinking and not is_read):
                due = min(Due(now() + self._endpoint.timeouts.gap, "stalled"), whole)
        is_silent = not heard.chunks and stream.response.num_bytes_downloaded > 0
        if is_silent and "event-stream" not in kind:
            raise ModelFailed("garbled")
        heard.check()


async def _left(stream: Any) -> None:
    """Ends the request, and the chain of generators that reads it: the client's own `close` leaves that to the
    garbage collector, which may come by in another thread while it runs."""
    try:
        await stream.close()
    finally:
        await stream._iterator.aclose()


async def _within(awaited: Awaitable[Any], due: Due) -> Any:
    """Raises ModelFailed, and nothing that holds what the server or the client said."""
    try:
        async with asyncio.timeout_at(due.at):
            return await awaited
    except TimeoutError:
        failure = ModelFailed(due.fault)
    except Exception as error:
        failure = failure_of(error)
    raise failure


def _taken_whole(completion: object, heard: Heard) -> str:
    """The text of an answer that came in one piece."""
    fault = _of(completion, "error")
    if fault:
        raise ModelFailed(_fault_in(fault))
    text, _ = heard.take(completion)
    if len(text) > LONGEST:
        raise ModelFailed("too_large")
    if completion and _of(completion, "choices") is None:
        raise ModelFailed("garbled")
    heard.check()
    return text


def _json_in(body: bytes) -> object:
    try:
        return json.loads(body) if body.strip() else None
    except (ValueError, RecursionError):
        failure = ModelFailed("garbled")
    raise failure


def failure_of(error: Exception) -> ModelFailed:
    """A new error of ours: neither the text of this one nor what it was raised from goes along."""
    from openai import APIConnectionError, APIError, APIStatusError

    match error:
        case ModelFailed():
            return ModelFailed(
                error.fault, retry_after=error.retry_after, http_status=error.http_status
            )
        case APIStatusError():
            status = error.status_code
            fault: Fault = "filtered" if error.code == "content_filter" else fault_of_status(status)
            return ModelFailed(
                fault, retry_after=_retry_after(error.response.headers), http_status=status
            )
        case APIConnectionError():
            return ModelFailed("cut")
        case APIError():
            return ModelFailed(_fault_in(error.body))
        case _:
            # The client trips over what it was not sent in the form it expects. Only the class is told.
            log.info("an answer could not be read: %s", type(error).__name__)
            return ModelFailed("garbled")


def fault_of_status(status: int) -> Fault:
    if status in STATUS_FAULTS:
        return STATUS_FAULTS[status]
    if status < 400:
        return "redirect"
    return "rejected" if status < 500 else "server"


def _fault_in(body: object) -> Fault:
    """Of an error that stands where an answer should; gateways put a status into its `code`."""
    code = _of(body, "code")
    if code == "content_filter":
        return "filtered"
    return fault_of_status(code) if isinstance(code, int) and 400 <= code < 600 else "server"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number or from a date beside the server's own."""
    told = headers.get("retry-after", "")
    try:
        seconds = float(told)
    except ValueError:
        try:
            until, now = map(parsedate_to_datetime, (told, headers.get("date", "")))
            seconds = (until - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(seconds, LONGEST_WAIT) if seconds >= 0 else None


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST_TOKENS  # a bool is none


def _of(value: object, name: str) -> Any:
    """What stands under a name, in the client's objects as in plain JSON; None where nothing does."""
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)
