"""Times as people and tools write them, in seconds."""

import re

CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
STAMP = rf"(?:\[{CLOCK}\]|\({CLOCK}\)|<{CLOCK}>|{CLOCK})"
ALONE = re.compile(rf"^[ \t]{{0,8}}{STAMP}[ \t]{{0,8}}$")
SPELLED = re.compile(
    r"^(?:(\d{1,2}) hours?,? ?)?(?:(\d{1,3}) minutes?,? ?)?(?:(\d{1,3}) seconds?)?$"
)


def seconds(clock: str) -> float:
    """'1:02:03.5', '[12:03]' or '0:12' in seconds."""
    parts = clock.strip("[]()<> \t").replace(",", ".").split(":")
    total = 0.0
    for part in parts:
        total = total * 60 + float(part)
    return round(total, 3)


def alone(line: str) -> float | None:
    """The time of a line that holds nothing else."""
    return seconds(line.strip()) if len(line) < 40 and ALONE.match(line) else None


def spelled(line: str) -> float | None:
    """'1 minute 12 seconds' in seconds, as Teams and YouTube write for screen readers."""
    found = SPELLED.match(line.strip()) if 0 < len(line.strip()) < 50 else None
    if found is None or not any(found.groups()):
        return None
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return float(hours * 3600 + minutes * 60 + rest)


def of_day(clock: str, half: str | None) -> float:
    """'10:12' or '10.12.30' in seconds since midnight; `half` is am, pm or nothing."""
    parts = [int(part) for part in clock.replace(".", ":").split(":")]
    at = float(sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False)))
    if half:
        at = at % 43_200 + (43_200 if half.lower().startswith("p") else 0)
    return at


def since_first(moments: list[float]) -> list[float]:
    """Wall clock times as seconds since the first one; a step back of hours means the next day."""
    shifted: list[float] = []
    day, before = 0.0, None
    for moment in moments:
        if before is not None and before - moment > 43_200:
            day += 86_400
        before = moment
        shifted.append(round(moment + day - moments[0], 3))
    return shifted
