"""Who asks: the owner, somebody whom the house knows by name, or neither. Found out once, by access.py."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.storage.people import Person

OWNER = "owner"
LEADING = ("interviewer", "admin")
CURATING = ("curator", "admin")


@dataclass(frozen=True, slots=True)
class Principal:
    """`is_owner`: they have shown the token, or none is set. `sees_all`: also the live rooms of others, which is for
    an admin, and for an owner who has shown a token: without one everybody on this machine would be it. `maker` is the
    name under which they make rooms: of a person, of the owner, or of this browser; empty where it has made none."""

    person: Person | None = None
    is_owner: bool = False
    sees_all: bool = False
    maker: str = ""

    @property
    def is_known(self) -> bool:
        return self.is_owner or self.person is not None

    @property
    def may_lead(self) -> bool:
        """Make live rooms."""
        return self.person.role in LEADING if self.person is not None else self.is_owner

    @property
    def may_curate(self) -> bool:
        """Change questions and rubrics."""
        return self.person.role in CURATING if self.person is not None else self.is_owner

    @property
    def is_alone(self) -> bool:
        """On a machine of one user, who may practise here as well: answers are opened to them when they ask for it."""
        return self.person is None and self.is_owner and not self.sees_all

    @property
    def name(self) -> str:
        return "" if self.person is None else self.person.name


NOBODY = Principal()


def principal_of(connection: HTTPConnection) -> Principal:
    known: Principal = connection.scope.get("state", {}).get("principal", NOBODY)
    return known


Asker = Annotated[Principal, Depends(principal_of)]
