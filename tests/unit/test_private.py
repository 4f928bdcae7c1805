"""Which addresses are never asked."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.errors import AddressRefusedError
from index.places import parse
from index.private import Rules, refused_as

REFUSED = """0.0.0.0 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.9.9.9 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1
239.255.255.250 240.0.0.1 255.255.255.255 168.63.129.16
:: ::1 fe80::1 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1
64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2002:808:808:: 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1
100::1 5f00::1 3fff::1 fec0::1""".split()
PUBLIC = """1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.167.1.1 93.184.216.34
2606:4700:4700::1111 2a00:1450:4001:81b::200e ::ffff:8.8.8.8 64:ff9b::808:808""".split()


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused_and_says_as_what(address):
    assert refused_as(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_not(address):
    assert refused_as(ipaddress.ip_address(address)) is None


@given(st.ip_addresses())
@example(ipaddress.ip_address("::ffff:0:0"))
def test_what_the_standard_library_calls_private_is_never_taken_for_public(address):
    inner = getattr(address, "ipv4_mapped", None) or address
    if not inner.is_global or inner.is_multicast or inner.is_loopback or inner.is_link_local:
        inside = isinstance(address, ipaddress.IPv6Address) and address in ipaddress.ip_network(
            "64:ff9b::/96"
        )
        assert refused_as(address) or inside


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://news.example/", "only http"),
        ("file:///etc/passwd", "only http"),
        ("gopher://news.example:70/_x", "only http"),
        ("//news.example/", "only http"),
        ("news.example", "only http"),
        ("http://anna:secret@news.example/", "user name"),
        ("http://@news.example/", "user name"),
        ("http://news.example\\@10.0.0.1/", "holds a space or worse"),
        ("http://news.example/ HTTP/1.1", "holds a space or worse"),
        ("http://news.example/\r\nX: y", "holds a space or worse"),
        ("http://news.example/\tx", "holds a space or worse"),
        ("http://news.example:22/", "port 22"),
        ("http://news.example:25/", "port 25"),
        ("http://news.example:6379/", "port 6379"),
        ("http://news.example:99999/", "no address"),
        ("http:///x", "no name"),
        ("http://a..b/", "no name"),
        ("http://-a.example/", "no name"),
        ("http://a_%20b/", "no name"),
        ("http://[fe80::1%25eth0]/", "no name"),
        ("http://[::1/", "no address"),
        ("http://127.0.0.1/", "not public (this machine)"),
        ("http://[::1]/", "not public"),
        ("http://[::ffff:10.0.0.1]/", "not public (private)"),
        ("http://169.254.169.254/latest/meta-data", "metadata"),
        ("https://" + "a" * 3000, "longer"),
    ],
)
def test_an_address_that_leads_elsewhere_is_refused_with_the_reason(url, why):
    with pytest.raises(AddressRefusedError, match=None) as told:
        parse(url, Rules())
    assert why in told.value.reason
    assert "secret" not in str(told.value)


def test_an_international_name_and_odd_letters_are_written_as_the_wire_wants_them():
    place = parse("HTTPS://Nachrichten-Köln.example./straße?q=ä b".replace(" ", "+"), Rules())
    assert place.host == "xn--nachrichten-kln-ltb.example"
    assert (place.origin, place.target) == (f"https://{place.host}", "/stra%C3%9Fe?q=%C3%A4+b")


def test_the_newsrooms_own_receivers_are_allowed_by_name_network_and_port():
    rules = Rules.of(("cms.internal:9000", "10.1.0.0/16", "[fd00::1]:8080", "127.0.0.1:25"))
    one = ipaddress.ip_address
    rules.check_address("…", "cms.internal", 9000, one("192.168.0.5"))
    rules.check_address("…", "other.internal", 80, one("10.1.2.3"))
    rules.check_address("…", "other.internal", 80, one("::ffff:10.1.2.3"))
    rules.check_address("…", "fd00::1", 8080, one("fd00::1"))
    rules.check_port("…", "127.0.0.1", 25)
    for host, port, address in (
        ("cms.internal", 6379, "192.168.0.5"),
        ("x", 80, "10.2.0.1"),
        ("fd00::1", 80, "fd00::1"),
    ):
        with pytest.raises(AddressRefusedError, match="DATELINE_PRIVATE="):
            rules.check_address("…", host, port, one(address))


@pytest.mark.parametrize("entry", ["10.0.0.0/99", "a/b", "http://x", "x:0", "x:y", "[::1", "::zz"])
def test_an_entry_that_is_none_is_said_to_be(entry):
    with pytest.raises(ValueError):
        Rules.of((entry,))
