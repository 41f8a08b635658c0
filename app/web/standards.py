"""Rubrics ready for scoring: built once, in the background after the start, shared by all."""

import threading
from collections.abc import Callable
from pathlib import Path

from app.errors import NotFound
from app.interview.persona import Persona, find_personas, get_persona
from app.live.cast import Cast
from app.rubric.load import Rubric
from app.rubric.shelf import DEFAULT, find_rubrics, get_rubric
from app.scoring.knowledge import Knowledge

FEW = 2  # older versions of the rubric that stay ready for the sessions that began with them


class Standards:
    """Whoever asks first builds; others wait for it."""

    def __init__(self, content: Path | None) -> None:
        self.content = content
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._rubrics: dict[str, Rubric] = {}
        self._knowledge: dict[str, Knowledge] = {}
        self._cast: Cast | None = None
        self._older: dict[str, Cast] = {}
        self._older_lock = threading.Lock()
        self.source: Callable[[], Rubric] | None = None  # of the default, where no folder holds it

    def warm(self) -> None:
        """Build the default without keeping anybody waiting; a problem is said when it is asked."""
        self._thread = threading.Thread(target=self._try, name="standards", daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Wait for what `warm` began."""
        if self._thread is not None:
            self._thread.join()

    def _try(self) -> None:
        try:
            self.knowledge()
        except Exception:
            return

    def ids(self) -> list[str]:
        return list(find_rubrics(self.content))

    def rubric(self, id: str = DEFAULT) -> Rubric:
        with self._lock:
            return self._rubric(id)

    def knowledge(self, id: str = DEFAULT) -> Knowledge:
        with self._lock:
            if id not in self._knowledge:
                self._knowledge[id] = Knowledge(self._rubric(id))
            return self._knowledge[id]

    def cast(self) -> Cast:
        """The interviewers of the default rubric; the first call builds what they know."""
        knowledge = self.knowledge()
        with self._lock:
            if self._cast is None:
                self._cast = Cast(self._knowledge.get(DEFAULT, knowledge), self.content)
            return self._cast

    def cast_with(self, rubric: Rubric) -> Cast:
        """The interviewers of a rubric as it was; the latest few stay ready."""
        with self._older_lock:
            cast = self._older.pop(rubric.sha256, None)
            if cast is None:
                cast = Cast(Knowledge(rubric), self.content)
            self._older[rubric.sha256] = cast
            while len(self._older) > FEW:
                del self._older[next(iter(self._older))]
            return cast

    def renew(self, rubric: Rubric, knowledge: Knowledge) -> None:
        """Another version of a rubric from here on; who has begun with the old one goes on with it."""
        with self._lock:
            self._rubrics[rubric.about.id] = rubric
            self._knowledge[rubric.about.id] = knowledge
            self._cast = None

    def personas(self) -> list[Persona]:
        return [get_persona(id, self.content) for id in find_personas(self.content)]

    def _rubric(self, id: str) -> Rubric:
        if id not in self._rubrics:
            if id not in self.ids():
                raise NotFound(f"There is no rubric {id!r:.60}.")
            own = self.source if id == DEFAULT else None
            self._rubrics[id] = get_rubric(id, self.content) if own is None else own()
        return self._rubrics[id]
