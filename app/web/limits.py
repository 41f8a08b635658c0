"""How often somebody may do what costs us: by address, in memory, for this process."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.requests import HTTPConnection

MOST_ADDRESSES = 10_000
AT_HOME = 100  # times as much for this machine itself, where a script or a proxy speaks for many


class Limits:
    """A bucket for each address: `burst` at once, then `a_minute`."""

    def __init__(
        self, *, burst: int, a_minute: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._a_second = a_minute / 60
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """False where there is nothing left."""
        more, now = (AT_HOME if is_home(address) else 1), self._now()
        most = float(self._burst * more)
        left, at = self._left.pop(address, (most, now))
        left = min(most, left + (now - at) * self._a_second * more)
        self._left[address] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)
        return left >= 1


def address_of(connection: HTTPConnection) -> str:
    """An IPv6 network counts as one: whoever has one address of it has them all."""
    host = connection.client.host if connection.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def is_home(address: str) -> bool:
    """IPv6's ::1 is cut to its network, ::."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return known.is_loopback or address == "::"
