"""What may be reached: by rule, and at real sockets with resolvers that lie."""

import ssl

import pytest

from app.llm.model import ModelFailed
from app.llm.net import checked, door_of
from app.llm.openai_model import Connection, OpenAIModel
from tests.llm.conftest import ASK, endpoint_at, events, raw_server, run, said

PUBLIC = "93.184.216.34"


def fault(work) -> str:
    with pytest.raises(ModelFailed) as failed:
        work()
    return failed.value.fault


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.example.com/v1",
        "http://10.0.0.1/v1",
        "http://127.0.0.2/v1",
        "http://169.254.169.254/latest",
        "ftp://api.example.com/v1",
        "file:///etc/passwd",
        "//api.example.com/v1",
        "https://",
        "https:///v1",
        "https://user@api.example.com/v1",
        "https://user:key@api.example.com/v1",
        "http://localhost@169.254.169.254/",
        "http://localhost:8000@169.254.169.254/",
        "https://api.example.com\\@127.0.0.1/",
        "https://api.example.com#@127.0.0.1/",
        "https://api.example.com/v1\r\nX: 1",
        "https://api.exa mple.com/v1",
        "https://2130706433/",
        "https://0/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://api.example.1/",
        "https://127.0.0.1./",
        "https://[::1/",
        "https://api.example.com:99999/",
        "https://ⓔxample.com/",
    ],
)
def test_urls_that_name_no_plain_host_are_forbidden(base_url):
    assert fault(lambda: door_of(base_url)) == "forbidden"


@pytest.mark.parametrize(
    ("base_url", "host", "port"),
    [
        ("https://API.example.com/v1", "api.example.com", 443),
        ("https://api.example.com:8443/v1?api-version=1", "api.example.com", 8443),
        ("http://localhost:11434/v1", "localhost", 11434),
        ("http://127.0.0.1:8001/v1", "127.0.0.1", 8001),
        ("http://[::1]:8001/v1", "::1", 8001),
        ("http://ollama:11434/v1", "ollama", 11434),
        ("http://10.1.2.3/v1", "10.1.2.3", 80),
    ],
)
def test_plain_hosts_are_doors(base_url, host, port):
    door = door_of(base_url, ["Ollama", "10.1.2.3"])
    assert (door.host, door.port) == (host, port)


NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "::",
    "::7f00:1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:93.184.216.34",
    "2002:7f00:1::",
    "2001:0:7f00:1::1",
    "64:ff9b::a9fe:a9fe",
]
PRIVATE = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fc00::1", "fd12:3456::1"]
PRIVATE += ["64:ff9b::a00:1", "198.18.0.1", "192.0.2.1"]
LOOPBACK = ["127.0.0.1", "127.8.8.8", "::1"]


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("base_url", ["https://a.example/v1", "http://localhost/v1"])
def test_some_addresses_are_never_reached(address, base_url):
    for allowed in ([], ["a.example", "localhost"]):
        assert fault(lambda: checked(door_of(base_url, allowed), [address])) == "forbidden"  # noqa: B023


@pytest.mark.parametrize("address", [*PRIVATE, *LOOPBACK])
def test_private_and_own_addresses_are_reached_only_by_hosts_that_are_allowed(address):
    url = "https://a.example/v1"
    assert fault(lambda: checked(door_of(url), [address])) == "forbidden"
    assert fault(lambda: checked(door_of(url, ["b.example"]), [address])) == "forbidden"
    assert len(checked(door_of(url, ["A.example"]), [address])) == 1


@pytest.mark.parametrize("address", LOOPBACK)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machine_is_reached_by_its_own_names(address, host):
    assert checked(door_of(f"http://{host}:1/v1"), [address])


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_of_this_machine_leads_nowhere_else(address):
    assert fault(lambda: checked(door_of("http://localhost/v1"), [address])) == "forbidden"


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_addresses_are_reached_by_https_only(address):
    assert len(checked(door_of("https://a.example/v1"), [address])) == 1
    plain = door_of("http://a.example/v1", ["a.example"])
    assert fault(lambda: checked(plain, [address])) == "forbidden"


def test_one_bad_address_among_good_ones_spoils_them():
    door = door_of("https://a.example/v1")
    assert fault(lambda: checked(door, [PUBLIC, "127.0.0.1"])) == "forbidden"
    assert checked(door, [PUBLIC, "93.184.216.35"]) == [PUBLIC, "93.184.216.35"]


def test_a_name_that_leads_nowhere_is_unreachable():
    assert fault(lambda: checked(door_of("https://a.example/v1"), [])) == "unreachable"


# At sockets


class Resolver:
    """Gives its answers one after the other, and the last one from then on."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def model_at(base_url: str, resolver: Resolver, **more) -> OpenAIModel:
    endpoint = endpoint_at(base_url, **more)
    return OpenAIModel(endpoint, "voice", connection=Connection(endpoint, resolver))


async def outcome(model: OpenAIModel) -> str:
    try:
        return (await model.reply(ASK)).text
    except ModelFailed as failed:
        return failed.fault


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_a_public_name_that_leads_to_this_machine_reaches_nothing(address):
    async def work():
        async with raw_server(events(said("Yes.", "stop"))) as raw:
            model = model_at(f"https://a.example:{raw.port}/v1", Resolver([address]))
            return await outcome(model), raw.connections

    assert run(work()) == ("forbidden", 0)


def test_a_resolver_that_changes_its_mind_is_asked_once_for_each_connection():
    """The first answer is checked and connected to; the second is checked as well."""
    resolver = Resolver(["127.0.0.1"], ["169.254.169.254"], [PUBLIC, "127.0.0.1"])

    async def work():
        async with raw_server(events(said("Yes.", "stop"))) as raw:
            model = model_at(
                f"http://lab.example:{raw.port}/v1", resolver, allowed=("lab.example",)
            )
            told = [await outcome(model) for _ in range(3)]
            await model.close()
            return told, raw.connections, raw.heads[0], raw.port

    told, connections, head, port = run(work())
    assert told == ["Yes.", "forbidden", "forbidden"]
    assert connections == 1
    assert resolver.asked == [("lab.example", port)] * 3
    assert f"host: lab.example:{port}" in head.lower()


def test_a_dead_first_address_does_not_hide_one_that_lives():
    async def work():
        async with raw_server(events(said("Yes.", "stop"))) as raw:
            base_url = f"http://lab.example:{raw.port}/v1"
            resolver = Resolver(["127.1.1.1", "127.0.0.1"])
            model = model_at(base_url, resolver, allowed=("lab.example",))
            told = await outcome(model)
            await model.close()
            return told

    assert run(work()) == "Yes."


def test_a_name_that_is_not_known_is_unreachable():
    async def unknown(host, port):
        raise OSError("no such name")

    assert run(outcome(model_at("https://a.example/v1", unknown))) == "unreachable"


def test_a_forbidden_url_is_told_without_a_connection():
    resolver = Resolver([PUBLIC])
    assert run(outcome(model_at("http://a.example/v1", resolver))) == "forbidden"
    assert resolver.asked == []


def test_tls_asks_for_the_name_and_not_for_the_address():
    """The server has no certificate, so it comes to no more than the greeting."""
    names = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    async def work():
        async with raw_server(b"", ssl=context) as raw:
            url = f"https://lab.example:{raw.port}/v1"
            model = model_at(url, Resolver(["127.0.0.1"]), allowed=("lab.example",))
            return await outcome(model), raw.bodies

    assert run(work()) == ("unreachable", [])
    assert names == ["lab.example"]


def test_what_a_redirect_points_at_hears_nothing(fake):
    async def work():
        async with raw_server(events(said("Yes.", "stop"))) as target:
            moved = f"HTTP/1.1 307 Moved\r\nLocation: {target.base_url}/chat/completions\r\n\r\n"
            async with raw_server(moved.encode()) as raw:
                model = model_at(raw.base_url, Resolver(["127.0.0.1"]))
                return await outcome(model), target.connections

    assert run(work()) == ("redirect", 0)
