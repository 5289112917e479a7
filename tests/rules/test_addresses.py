"""Which addresses of a guest are believed."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmlab.config import Guests
from vmlab.rules.addresses import believed

LAB = ("10.10.0.0/16", "2001:db8:1::/48")


@pytest.mark.parametrize(
    "claimed",
    [
        "10.10.0.1",
        "10.10.255.254",
        "2001:db8:1::5",
    ],
)
def test_addresses_of_the_lab_are_believed(claimed: str):
    assert believed([claimed], LAB) == [claimed]


@pytest.mark.parametrize(
    "claimed",
    [
        "10.11.0.1",
        "192.0.2.1",
        "2001:db8:2::5",
        "127.0.0.1",
        "::1",
        "169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",
        "::",
        "::ffff:192.0.2.1",
        "",
        "localhost",
        "10.10.0.1/16",
        "10.10.0.1 ",
        "010.010.000.001",
        "0x0a0a0001",
        "168427521",
    ],
)
def test_others_are_not(claimed: str):
    assert believed([claimed], LAB) == []


def test_what_would_lead_back_to_us_is_not_believed_whatever_the_networks():
    everything = ("0.0.0.0/0", "::/0")
    inside = ["127.0.0.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"]
    inside += ["169.254.1.1", "::ffff:169.254.1.1", "fe80::1%eth0", "224.0.0.1", "ff02::1"]
    assert believed(inside, everything) == []
    assert believed(["192.0.2.1", "2001:db8::1"], everything) == ["192.0.2.1", "2001:db8::1"]


def test_loopback_is_believed_only_where_the_lab_is_on_it():
    assert believed(["127.0.0.2", "127.9.0.1"], ("127.0.0.0/16",)) == ["127.0.0.2"]
    assert believed(["::ffff:127.0.0.2"], ("127.0.0.0/16", "0.0.0.0/0")) == ["127.0.0.2"]
    assert believed(["0.0.0.0"], ("127.0.0.0/8",)) == []


def test_what_is_denied_is_not_believed_however_it_is_written():
    claimed = ["10.10.0.1", "::ffff:10.10.0.2", "2001:DB8:1:0::5", "10.10.0.3"]
    denied = ["10.10.0.2", "2001:db8:1::5"]
    assert believed(claimed, LAB, denied) == ["10.10.0.1", "10.10.0.3"]
    assert believed(["10.10.0.2"], LAB, ["::ffff:10.10.0.2", "a name"]) == []


def test_no_networks_no_belief():
    assert believed(["10.10.0.1"], ()) == []


def test_each_is_named_once_in_the_order_of_the_claim():
    claimed = ["10.10.0.2", "2001:DB8:1:0::5", "10.10.0.1", "10.10.0.2", "2001:db8:1::5"]
    assert believed(claimed, LAB) == ["10.10.0.2", "2001:db8:1::5", "10.10.0.1"]


def test_a_zone_is_no_part_of_an_address():
    assert believed(["2001:db8:1::5%eth0"], LAB) == ["2001:db8:1::5"]


def test_a_mapped_address_is_the_one_that_it_maps():
    assert believed(["::ffff:10.10.0.1", "10.10.0.1"], LAB) == ["10.10.0.1"]


def test_private_networks_are_believed_unless_configured_otherwise():
    claimed = ["10.0.0.1", "172.16.0.1", "172.32.0.1", "192.168.1.1", "8.8.8.8"]
    assert believed(claimed, Guests().lab_networks) == ["10.0.0.1", "172.16.0.1", "192.168.1.1"]


@given(st.lists(st.one_of(st.ip_addresses().map(str), st.text(max_size=20))))
def test_nothing_but_addresses_of_the_networks_comes_out(claimed: list[str]):
    for address in believed(claimed, LAB):
        assert any(ip_address(address) in ip_network(network) for network in LAB)
