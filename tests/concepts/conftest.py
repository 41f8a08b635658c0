"""The built-in lexicon and its reader."""

import pytest

from app.concepts.hits import NumberKinds
from app.concepts.lexicon import Lexicon
from app.concepts.words import Reader
from app.rubric.shelf import get_rubric


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return get_rubric().lexicon


@pytest.fixture(scope="session")
def reader(lexicon) -> Reader:
    return Reader(lexicon)


@pytest.fixture(scope="session")
def kinds(lexicon, reader) -> NumberKinds:
    return NumberKinds(lexicon, reader)
