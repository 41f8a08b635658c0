"""Live rooms: marks, the scorecard, what is shared, changing sides."""

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
