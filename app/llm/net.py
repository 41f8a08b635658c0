"""Which addresses may be reached. Whoever sets the endpoint's URL must not get at what stands behind this machine.

Rules only; app/llm/transport.py connects. A name is resolved once for each connection and what was checked is what
is connected to, so that a name server which changes its mind gains nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from app.llm.model import ModelFailed

Address = IPv4Address | IPv6Address

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
DEFAULT_PORTS = {"https": 443, "http": 80}
ODD = re.compile(r"[^!-~]|[\\#]")  # not printable ASCII, or what parsers disagree about
NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
# As the WHATWG URL standard has it: such a name is an address in disguise (2130706433, 0x7f.1, 0177.0.0.1).
NUMBER_LAST = re.compile(r"(^|\.)([0-9]+|0x[0-9a-f]*)$")

# Where clouds hand out credentials, beyond the link-local range; nobody's model is there.
METADATA = {
    ip_address("fd00:ec2::254"),
    ip_address("100.100.100.200"),
    ip_address("168.63.129.16"),
    ip_address("192.0.0.192"),
}
# Unspecified, link-local, multicast, reserved, broadcast.
NEVER: dict[int, tuple[IPv4Network | IPv6Network, ...]] = {
    4: tuple(map(IPv4Network, ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"))),
    6: tuple(map(IPv6Network, ("::/96", "fe80::/10", "ff00::/8"))),
}
# Such an address carries an older one inside, and leads there.
NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Door:
    """The one host and port that may be connected to. `trusted`: whoever set the endpoint named the host, so that
    its address may be private."""

    scheme: str
    host: str
    port: int
    trusted: bool

    @property
    def is_local(self) -> bool:
        """Its name says that it is this machine."""
        return self.host in LOOPBACK_NAMES


def door_of(base_url: str, allowed: Iterable[str] = ()) -> Door:
    """Raises ModelFailed("forbidden") for a URL that does not plainly name a host: with user names, addresses in
    disguise, other schemes; and for http to a host that is neither this machine nor in `allowed`."""
    if ODD.search(base_url):
        raise ModelFailed("forbidden")
    try:
        parts = urlsplit(base_url)
        host, port = plain_host(parts.hostname or ""), parts.port or DEFAULT_PORTS[parts.scheme]
    except (KeyError, ValueError):
        host = ""
    if not host or "@" in parts.netloc:
        raise ModelFailed("forbidden")
    door = Door(parts.scheme, host, port, host in {plain_host(name) for name in allowed})
    if door.scheme == "http" and not (door.is_local or door.trusted):
        raise ModelFailed("forbidden")
    return door


def plain_host(name: str) -> str:
    """A name in lower case, or an address in its usual form; empty for anything else."""
    bare = name.lower().removeprefix("[").removesuffix("]")
    try:
        return str(ip_address(bare))
    except ValueError:
        return bare if NAME.fullmatch(bare) and not NUMBER_LAST.search(bare) else ""


def checked(door: Door, resolved: Iterable[str]) -> list[str]:
    """The addresses that a name led to, if every one of them may be reached: one bad address among good ones is a
    trick. Raises ModelFailed("forbidden")."""
    addresses = [ip_address(found.partition("%")[0]) for found in resolved]
    if not addresses:
        raise ModelFailed("unreachable")
    if not all(_may_be_reached(door, address) for address in addresses):
        raise ModelFailed("forbidden")
    return [str(address) for address in addresses]


def _may_be_reached(door: Door, address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in NAT64:
            address = ip_address(int(address) & 0xFFFFFFFF)
        elif address.ipv4_mapped or address.sixtofour or address.teredo:
            return False
    if address.is_loopback:
        return door.is_local or door.trusted
    if address in METADATA or any(address in network for network in NEVER[address.version]):
        return False
    if address.is_global:
        return door.scheme == "https"
    return door.trusted
