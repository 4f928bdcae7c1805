"""Which addresses does the server never ask, and which of them may it all the same?

What belongs to the machine, to its network or to nobody is refused, by the special-purpose
registries of IANA (https://www.iana.org/assignments/iana-ipv4-special-registry and its sister for
IPv6). A newsroom's own receivers are allowed by `DATELINE_PRIVATE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from index.errors import AddressRefusedError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_REFUSED: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "unspecified"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "of a provider's own network"),
    ("127.0.0.0/8", "this machine"),
    ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "for examples"),
    ("192.31.196.0/24", "reserved"),
    ("192.52.193.0/24", "reserved"),
    ("192.88.99.0/24", "a relay of 6to4"),
    ("192.168.0.0/16", "private"),
    ("192.175.48.0/24", "reserved"),
    ("198.18.0.0/15", "for benchmarks"),
    ("198.51.100.0/24", "for examples"),
    ("203.0.113.0/24", "for examples"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    # Clouds' metadata at an address that is otherwise anybody's (Alibaba's is within 100.64.0.0/10).
    ("168.63.129.16/32", "a cloud's own"),
    ("fd00:ec2::254/128", "a cloud's metadata"),
)
_GLOBAL_V6 = ip_network("2000::/3")
_REFUSED_V6 = (
    ("2001::/23", "for protocols, Teredo among them"),
    ("2001:db8::/32", "for examples"),
    ("2002::/16", "6to4, which leads into IPv4"),
    ("2620:4f:8000::/48", "reserved"),
    ("3fff::/20", "for examples"),
)
_TRANSLATED = ip_network("64:ff9b::/96")
_LISTS: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), what) for network, what in (*_REFUSED, *_REFUSED_V6)
)

_LOW_PORTS = frozenset({80, 443})
_NO_PORTS = frozenset(
    # Above 1023: what Fetch blocks (https://fetch.spec.whatwg.org/#port-blocking), and databases.
    {1433, 1521, 1719, 1720, 1723, 2049, 2375, 2379, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672}
    | {5900, 5984, 6000, 6379, 6566, *range(6665, 6670), 6679, 6697, 9042, 9200, 9300, 10080, 11211, 27017}
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be reached though it is private: by name or network, at one port or any.

    Attributes:
        names: host names, each with a port or None for any.
        networks: networks, each with a port or None for any.
    """

    names: tuple[tuple[str, int | None], ...] = ()
    networks: tuple[tuple[Network, int | None], ...] = ()

    @classmethod
    def of(cls, entries: tuple[str, ...]) -> Rules:
        """Rules out of what `DATELINE_PRIVATE` lists.

        Args:
            entries: a host name, an address or a network (`10.1.0.0/16`), each perhaps with `:port`;
                IPv6 with a port stands in brackets.

        Raises:
            ValueError: an entry is none of these.
        """
        names: list[tuple[str, int | None]] = []
        networks: list[tuple[Network, int | None]] = []
        for entry in entries:
            host, port = _entry(entry)
            try:
                networks.append((ip_network(host, strict=False), port))
            except ValueError:
                if "/" in host or ":" in host or not host.isascii() or not host.strip(".-"):
                    raise
                names.append((host.lower().rstrip("."), port))
        return cls(tuple(names), tuple(networks))

    def check_port(self, shown: str, host: str, port: int) -> None:
        """Refuse ports where no HTTP is to be expected, unless the host is allowed.

        Raises:
            AddressRefusedError: with the remedy.
        """
        usual = port in _LOW_PORTS or (port > 1023 and port not in _NO_PORTS)
        if not usual and not self._allows(host, port, _address(host)):
            raise AddressRefusedError(shown, f"port {port} is not one for HTTP", _remedy(host, port))

    def check_address(self, shown: str, host: str, port: int, address: Address) -> None:
        """Refuse an address that is not one of the public Internet, unless it or its name is allowed.

        Args:
            shown: how the address is told in the error.
            host: the name that has it, or the address itself.
            port: of the connection.
            address: as resolved.

        Raises:
            AddressRefusedError: with the remedy.
        """
        what = refused_as(address)
        if what and not self._allows(host, port, address):
            named = "it is" if _address(host) else f"its name leads to {address}, which is"
            raise AddressRefusedError(shown, f"{named} not public ({what})", _remedy(host, port))

    def _allows(self, host: str, port: int, address: Address | None) -> bool:
        if any(name == host and at in (None, port) for name, at in self.names):
            return True
        if address is None:
            return False
        inner = _inside(address) or address
        return any(
            a.version == network.version and a in network and at in (None, port)
            for network, at in self.networks
            for a in (address, inner)
        )


def refused_as(address: Address) -> str | None:
    """As what an address is refused, or None where it is one of the public Internet.

    IPv4 within IPv6 (mapped, compatible, or as NAT64 writes it, RFC 6052) is judged by the IPv4 in it.
    """
    inner = _inside(address)
    if inner is not None:
        return refused_as(inner)
    for network, what in _LISTS:
        if address.version == network.version and address in network:
            return what
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return "this machine" if address.is_loopback else "local, or reserved"
    return None


def _inside(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _TRANSLATED or (int(address) >> 32 == 0 and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _entry(entry: str) -> tuple[str, int | None]:
    """Host and port of an entry."""
    if entry.startswith("["):
        host, closed, rest = entry[1:].partition("]")
        if not closed:
            raise ValueError(entry)
        return host, _port(rest.removeprefix(":")) if rest else None
    if entry.count(":") == 1:
        host, _, port = entry.partition(":")
        return host, _port(port)
    return entry, None


def _port(told: str) -> int:
    port = int(told)
    if not 0 < port < 65_536:
        raise ValueError(told)
    return port


def _remedy(host: str, port: int) -> str:
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"whoever runs the server may allow it: DATELINE_PRIVATE={shown}"
