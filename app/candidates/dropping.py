"""A candidate who names every tool there is and explains none."""

from collections.abc import Iterator

from app.candidates.candidate import Act
from app.candidates.talker import Talker, asks, speak

TURNS = 45


class KeywordDropper(Talker):
    name = "keyword-dropper"

    def plan(self) -> Iterator[Act]:
        for _ in range(TURNS):
            yield speak(self._dropped("frames"))
            yield self.pause(4, 60)

    def _dropped(self, key: str) -> str:
        a, b, c = (self.draw("keywords", "terms") for _ in range(3))
        text = self.draw("keywords", key, a=a, b=b, c=c)
        return text[:1].upper() + text[1:]

    def reply(self, heard: str) -> Act | None:
        return speak(self._dropped("replies")) if asks(heard) else None
