"""What belongs to a live room is closed outside /live, as if it were not there, to all but its staff: whoever may see
all rooms, and who has an interviewer's place in it. One dependency for each kind of id that a path can name."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from app.errors import InvalidInput, NotFound
from app.live.room import Room
from app.storage.db import transaction
from app.storage.private import (
    Belonging,
    room_of_job,
    room_of_report,
    room_of_session,
    room_of_words,
)
from app.storage.tickets import Guest, has_other_side, leading_place
from app.web.deps import Home, Live, get_home
from app.web.live.guests import is_maker
from app.web.principal import Principal, principal_of

NO_SESSION = "This session is not here; it may have been deleted."
NO_REPORT = "This report is not here; it may have been deleted."
NO_WORDS = "This transcript is not here; it may have been deleted."
NOT_AGREED = "Who took part in this interview did not agree that their words go to a model."
NO_JOB = "This is not here; its report may have been deleted."


async def open_session(connection: HTTPConnection) -> None:
    """For routes whose `id` is a session's, and those without one."""
    await _room_of(connection, room_of_session, NO_SESSION)


async def open_bundle(connection: HTTPConnection, rooms: Live) -> None:
    """A session with all that is known of it."""
    await _after_marks(connection, rooms, room_of_session, NO_SESSION)


async def open_report(connection: HTTPConnection, rooms: Live) -> None:
    """For routes whose `id` is a report's, and those without one."""
    await _after_marks(connection, rooms, room_of_report, NO_REPORT)


async def deletable_session(connection: HTTPConnection) -> None:
    """A live one only for whoever may delete its room."""
    await _of_maker(connection, room_of_session, NO_SESSION)


async def deletable_report(connection: HTTPConnection) -> None:
    """Of a live session only for whoever may delete its room."""
    await _of_maker(connection, room_of_report, NO_REPORT)


async def _of_maker(connection: HTTPConnection, belonging: Belonging, message: str) -> None:
    found = await _room_of(connection, belonging, message)
    if found is None or found[1] is None:
        return
    if not is_maker(found[1], principal_of(connection)):
        raise NotFound(message)


async def judged_report(connection: HTTPConnection, rooms: Live) -> None:
    """To send a report's words to a model. Raises InvalidInput where the people of a live room did not agree to it."""
    await open_report(connection, rooms)
    id = connection.path_params["id"]
    room = await run_in_threadpool(_belongs, get_home(connection), room_of_report, id)
    if room is not None and (await rooms.get(room)).host is None:
        raise InvalidInput(NOT_AGREED)


async def open_job(connection: HTTPConnection, rooms: Live) -> None:
    """For routes whose `id` is a second opinion's on its way."""
    await _after_marks(connection, rooms, room_of_job, NO_JOB)


async def practised_alone(connection: HTTPConnection) -> None:
    """For what a live session has in its room, or not at all."""
    await _of_no_room(connection, room_of_session, NO_SESSION)


async def scored_alone(connection: HTTPConnection) -> None:
    """For routes whose `id` is a transcript's, and those without one."""
    await _of_no_room(connection, room_of_words, NO_WORDS)


async def _of_no_room(connection: HTTPConnection, belonging: Belonging, message: str) -> None:
    id = connection.path_params.get("id")
    if id and await run_in_threadpool(_belongs, get_home(connection), belonging, id):
        raise NotFound(message)


async def _after_marks(
    connection: HTTPConnection, rooms: Live, belonging: Belonging, message: str
) -> None:
    """An interviewer of the room sees other marks only once they have given their own."""
    found = await _room_of(connection, belonging, message)
    if found is None or found[1] is None:
        return
    room, place = await rooms.get(found[0]), found[1]
    if not has_marked(room, place):
        raise NotFound(message)


def has_marked(room: Room, place: Guest) -> bool:
    return (place.id, "blind") in room.session.led.marks


async def _room_of(
    connection: HTTPConnection, belonging: Belonging, message: str
) -> tuple[str, Guest | None] | None:
    """The live session that the path's id belongs to, with the place that the asker has in it; None where it belongs
    to none. Raises NotFound for who is not of its staff, or is on another side of it as well."""
    id, asker = connection.path_params.get("id"), principal_of(connection)
    if id is None:
        return None
    room = await run_in_threadpool(_belongs, get_home(connection), belonging, id)
    if room is None:
        return None
    place, is_other_side = await run_in_threadpool(_place, get_home(connection), asker, room)
    if is_other_side or (place is None and not asker.sees_all):
        raise NotFound(message)
    return room, place


def _belongs(home: Home, belonging: Belonging, id: str) -> str | None:
    with transaction(home.engine) as db:
        return belonging(db, id)


def _place(home: Home, asker: Principal, room: str) -> tuple[Guest | None, bool]:
    if not asker.maker:
        return None, False
    with transaction(home.engine) as db:
        return leading_place(db, room, asker.maker), has_other_side(db, room, asker.maker)
