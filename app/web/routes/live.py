"""Live rooms: the list, how one is made, who is let in."""

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
