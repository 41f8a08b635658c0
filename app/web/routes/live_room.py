"""Live rooms: the pages and the socket of those who are in."""

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
