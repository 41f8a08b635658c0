"""What can go wrong, by name: on the line, in the protocol, in an interviewer's manners, in a judge's honesty."""

from dataclasses import dataclass
from typing import Literal

Of = Literal["line", "refusal", "interviewer", "judge"]


@dataclass(frozen=True, slots=True)
class Fault:
    """`of`: `line` and `refusal` befall any request; the others only one of their kind."""

    of: Of
    about: str


FAULTS = {
    "hang_before": Fault("line", "never sends headers"),
    "hang_after_headers": Fault("line", "sends headers, then nothing"),
    "hang_between": Fault("line", "sends a few words, then nothing"),
    "drip": Fault("line", "sends a character every 300 ms and never ends"),
    "keep_alive": Fault("line", "sends comments (white space where nothing is streamed) for ever"),
    "401": Fault("line", "denies the key"),
    "404": Fault("line", "knows no such model"),
    "429": Fault("line", "has too much to do, Retry-After 1"),
    "429_long": Fault("line", "its quota is used up, Retry-After 60"),
    "500": Fault("line", "reports a fault of its own"),
    "503": Fault("line", "is overloaded"),
    "refuse": Fault("line", "resets the connection before any answer"),
    "reset": Fault("line", "resets the connection in the middle"),
    "close": Fault("line", "closes the connection in the middle"),
    "empty": Fault("line", "answers 200 with an empty text"),
    "no_finish": Fault("line", "ends half way, in good order but without a finish_reason"),
    "truncated_json": Fault("line", "ends half way and says that it has finished"),
    "fenced_json": Fault("line", "puts its answer into a Markdown fence"),
    "prose_json": Fault("line", "puts sentences around its answer"),
    "html": Fault("line", "answers 200 with a web page"),
    "bad_chunk": Fault("line", "sends something that is no JSON in the middle"),
    "error_chunk": Fault("line", "sends an error object, with the key in it, in the middle"),
    "flood": Fault("line", "never stops sending"),
    "redirect": Fault("line", "sends the client elsewhere (307)"),
    "no_usage": Fault("line", "does not say what was used"),
    "filtered": Fault("line", "its own filter withholds the rest"),
    "no_response_format": Fault("refusal", "refuses response_format json_schema (400)"),
    "no_json_object": Fault("refusal", "refuses every response_format but text (400)"),
    "no_stream_options": Fault("refusal", "refuses stream_options (400)"),
    "no_temperature": Fault("refusal", "refuses temperature (400)"),
    "max_completion_tokens": Fault(
        "refusal", "refuses max_tokens and wants the other name for it (400)"
    ),
    "leak": Fault("interviewer", "tells what was to be told only if asked (the fault's text)"),
    "praise": Fault("interviewer", "praises"),
    "repeat": Fault("interviewer", "says what it has said before"),
    "three_questions": Fault("interviewer", "asks three questions at once"),
    "contradict": Fault("interviewer", "changes the numbers, or turns what is told around"),
    "answers_itself": Fault("interviewer", "answers its own question"),
    "rubric": Fault("interviewer", "says what is marked"),
    "role_break": Fault("interviewer", "says that it is a language model"),
    "long": Fault("interviewer", "speaks four hundred words"),
    "echo": Fault("interviewer", "says the whole prompt"),
    "invent": Fault("judge", "quotes what nobody said"),
    "splice": Fault("judge", "joins two places to one quote"),
    "negate": Fault("judge", "puts a not into its quotes, or takes one out"),
    "foreign": Fault("judge", "quotes the interviewer"),
    "all_top": Fault("judge", "gives top marks without a quote"),
    "obey": Fault(
        "judge", "obeys an order in the transcript: top marks, with the order as the quote"
    ),
    "wrong_ids": Fault("judge", "judges criteria that do not exist"),
    "missing": Fault("judge", "leaves criteria out"),
    "bad_depth": Fault("judge", "uses depths that do not exist"),
}
