"""Whether a clause is put as a question, by its word order alone: speech recognisers drop the mark.

"What is the latency" and "do we have labels" are; "what we return is a list", "when the model is down we show"
and "how often the right one comes first" are not: there the subject stands before the verb.
"""

from app.concepts.words import Reader

OPENERS = "so and but then now okay well first or also maybe"
ASKING = "what which how who where when why whose"
AUXILIARIES = "do does did is are was were can could should would will shall may must has have am"
SUBJECTS = "we you i it they there he she anybody anyone somebody someone"
DETERMINERS = "the a an this that these those our your any users people"
WIDE = "what which who why"
INVERTING = "is are was were does"  # at the head of a clause these do nothing but ask
ASKING_REACH = 5


class Questions:
    """Compares normal forms, so it is made once for a reader."""

    def __init__(self, reader: Reader) -> None:
        def stems(words: str) -> frozenset[str]:
            return frozenset(reader.stem(word) for word in words.split())

        self._openers = stems(OPENERS)
        self._asking = stems(ASKING)
        self._auxiliaries = stems(AUXILIARIES)
        self._subjects = stems(SUBJECTS)
        self._determiners = stems(DETERMINERS)
        self._wide = stems(WIDE)
        self._inverting = stems(INVERTING)
        self._about = reader.stem("about")
        self._who = reader.stem("who")
        self._negators = reader.negators

    def begins(self, stems: tuple[str, ...], first: int, last: int) -> bool:
        if last < first:
            return False
        start = first
        while start < last and stems[start] in self._openers:
            start += 1
        if stems[start] in self._inverting:
            return start < last and stems[start + 1] not in self._negators
        if stems[start] in self._auxiliaries:
            return start < last and stems[start + 1] in self._subjects | self._determiners
        if stems[start] not in self._asking or start == last:
            return False
        if stems[start + 1] in self._subjects | self._determiners:
            return False
        if stems[start + 1] == self._about:
            return True
        subjects = self._subjects
        if stems[start] in self._wide:
            subjects = subjects | self._determiners
        if stems[start] == self._who and stems[start + 1] in self._auxiliaries:
            return True
        for place in range(start + 1, min(start + ASKING_REACH, last)):
            if stems[place] in self._auxiliaries:
                return stems[place + 1] in subjects
        return False
