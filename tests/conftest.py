"""A real server in a temporary folder, and its messages as any other language sees them.

The stubs are made from proto/ with protoc, so these tests are a foreign client. Run them all with
    pytest tests/system tests/extract tests/security --kpr build/release/app/kpr
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket as _socket
import ssl
import subprocess
import sys
import time

import grpc
import pytest

from authority import Authority

ROOT = pathlib.Path(__file__).resolve().parents[1]


def pytest_addoption(parser):
    parser.addoption("--kpr", default=str(ROOT / "build/release/app/kpr"), help="the binary under test")


@pytest.fixture(scope="session")
def kpr_binary(request):
    return pathlib.Path(request.config.getoption("--kpr")).resolve()


@pytest.fixture(scope="session")
def stubs(tmp_path_factory):
    """The module kpr.v1, made from the protos."""
    out = tmp_path_factory.mktemp("stubs")
    protos = sorted(str(p.relative_to(ROOT / "proto")) for p in (ROOT / "proto").rglob("*.proto"))
    plugin = shutil.which("grpc_python_plugin")
    subprocess.run(
        ["protoc", f"-I{ROOT / 'proto'}", f"--python_out={out}", f"--grpc_out={out}",
         f"--plugin=protoc-gen-grpc={plugin}", *protos], check=True)
    sys.path.insert(0, str(out))

    class Stubs:
        pass

    modules = Stubs()
    for proto in protos:
        name = proto.removesuffix(".proto").replace("/", ".")
        for suffix in ("_pb2", "_pb2_grpc"):
            module = __import__(name + suffix, fromlist=["x"])
            setattr(modules, pathlib.Path(proto).stem + suffix, module)
    return modules


def wait_until(condition, what, seconds=180):
    """Polls until the condition gives something true, and returns that. The limit is for what hangs, on a busy machine."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    pytest.fail(f"after {seconds} s: {what}")


def free_port():
    with contextlib.closing(_socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def unused_port():
    return free_port()


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(of)}" for key, of in value.items()) + " }"
    return json.dumps(value)


class Server:
    """`kpr serve`, started and stopped by a test. `run` calls the command line against it."""

    callers = ()  # a command that runs callers where they reach it

    def __init__(self, binary, folder, config=None, environment=None, user=None, prefix=()):
        self.binary, self.folder, self.process, self.address = binary, folder, None, None
        self.user, self.prefix = user, prefix
        self.environment = {**os.environ, **(environment or {})}
        sections = {"data": {"directory": str(folder / "data"), "partitions": 3},
                    "server": {"listen": "127.0.0.1:0", "plaintext_loopback": True},
                    "operation": {"metrics_listen": ""}}
        for section, values in (config or {}).items():
            sections.setdefault(section, {}).update(values)
        self.config = folder / "kpr.toml"
        self.config.write_text("".join(
            f"[{section}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in values.items())
            for section, values in sections.items()))
        self.log = folder / "serve.log"

    def try_start(self):
        """Whether it listens; else it has ended, and `log` says why."""
        output = self.folder / "serve.out"
        with open(output, "w") as out, open(self.log, "a") as log:
            self.process = subprocess.Popen([*self.prefix, self.binary, "serve", "--config", self.config], stdout=out, stderr=log,
                                            env=self.environment, user=self.user)

        def begun():
            return self.process.poll() is not None or re.search(r"listening on port \d+", output.read_text())

        wait_until(begun, "the server listens, or has ended")
        port = re.search(r"listening on port (\d+)", output.read_text())
        self.address = f"127.0.0.1:{port.group(1)}" if port else None
        return port is not None

    def start(self):
        if not self.try_start():
            pytest.fail("the server ended: " + self.log.read_text())
        return self

    def where(self):
        """Options of the command line that reach it."""
        return ["--server", self.address]

    def stop(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        code = self.process.wait(60)
        self.process = None
        return code

    def run(self, *arguments, check=True, offline=False, **options):
        where = ["--config", self.config] if offline else self.where()
        done = subprocess.run([str(a) for a in (*self.callers, self.binary, *arguments, *where)], capture_output=True, text=True,
                              **{"timeout": 300, **options})
        if check and done.returncode != 0:
            pytest.fail(f"kpr {' '.join(map(str, arguments))}: {done.stderr}")
        return done

    def push(self, path, *options, check=True):
        return self.run("push", path, "--quiet", *options, check=check)

    def wait_applied(self):
        """However long it takes, while more and more is applied."""
        rows = []

        def further():
            now = self.run("status", "--csv").stdout.splitlines()[1:]
            return now if now != rows else None

        while not rows or any(row.split(",")[3] != "0" for row in rows):
            rows = wait_until(further, "more events are applied")

    def channel(self):
        return grpc.insecure_channel(self.address)

    sender = "1103"  # the name in batches; a certificate says it otherwise

    def close(self):
        """What is left when the process has ended: nothing."""


def peak_kib(server):
    """The most memory that the server has had resident."""
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    pytest.fail("no VmHWM")


def servers_of(kind, binary, folder):
    """A function that starts servers, which are gone after the test."""
    servers = []

    def make(config=None, environment=None):
        server = kind(binary, folder, config, environment)
        servers.append(server)
        return server.start()

    yield make
    for server in servers:
        if server.process is not None:
            server.stop(signal.SIGKILL)
        server.close()


@pytest.fixture
def new_server(kpr_binary, tmp_path):
    """new_server(config={...}) starts one with a port for everyone on the machine."""
    yield from servers_of(Server, kpr_binary, tmp_path)


@pytest.fixture(params=["bare", "front"])
def new_server_at_each_door(request, kpr_binary, tmp_path):
    """As new_server, and once more behind nginx with one certificate that may do everything."""
    yield from servers_of(Server if request.param == "bare" else FrontedServer, kpr_binary, tmp_path)


@pytest.fixture(scope="session")
def simulated(kpr_binary, tmp_path_factory):
    """The events of two small municipalities, 1103 and 5001, a file each."""
    out = tmp_path_factory.mktemp("simulated")
    subprocess.run([kpr_binary, "simulate", "--municipalities", "1103,5001", "--from", "2023-01-01", "--to",
                    "2024-06-30", "--scale", "0.05", "--lost", "0", "--out", out], check=True, capture_output=True)
    return out


@contextlib.contextmanager
def served_country(binary, tmp_path_factory, *options, change=lambda path: None, config=None):
    """A server with a simulated country, all applied; `change` may rewrite the file of a sender."""
    out = tmp_path_factory.mktemp("country")
    subprocess.run([binary, "simulate", *options, "--out", out], check=True, capture_output=True)
    server = Server(binary, tmp_path_factory.mktemp("server"), config).start()
    for path in sorted(out.glob("*.ndjson")):
        change(path)
        server.push(path)
    server.wait_applied()
    yield server
    server.stop(signal.SIGKILL)
    server.close()


def events_of(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


def reported_providers(path):
    """Those that events of the file are about as a whole, as a list in a policy."""
    return json.dumps(sorted({e["subject"]["provider"] for e in events_of(path) if "provider" in e["subject"]}))


def write_events(path, events):
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return path


def simulated_providers():
    """All numbers with a right check digit that begin as those of simulated providers do."""
    def check_digit(digits):
        return -sum(int(digit) * weight for digit, weight in zip(digits, (3, 2, 7, 6, 5, 4, 3, 2))) % 11

    return [f"{number}{check_digit(str(number))}" for number in range(90_000_000, 90_001_000) if check_digit(str(number)) < 10]


class SecureServer:
    """A server with certificates; ask(principal, ...) gives all that the command line said.

    `certificates` are options of the command line by principal; under "" the folder of Authority "ca" and of "server".
    """

    def __init__(self, binary, folder, policy, certificates, config=None):
        self.certificates, self.policy = certificates, folder / "policy.toml"
        self.policy.write_text(policy)
        keys = certificates[""]
        sections = {**(config or {})}
        sections["server"] = {
            "plaintext_loopback": False, "certificate": str(keys / "server.crt"), "private_key": str(keys / "server.key"),
            "client_ca": str(keys / "ca.crt"), "policy": str(self.policy), **sections.get("server", {})}
        self.server = Server(binary, folder, sections).start()

    def ask(self, principal, *arguments):
        done = self.server.run(*arguments, *self.certificates.get(principal, []), check=False)
        return done.stdout + done.stderr

    def push(self, principal, file):
        return self.ask(principal, "push", file, "--quiet", "--give-up", "2")

    def channel(self, principal):
        options = self.certificates[principal]
        return grpc.secure_channel(self.server.address, grpc.ssl_channel_credentials(
            *(pathlib.Path(options[options.index(name) + 1]).read_bytes() for name in ("--ca", "--key", "--cert"))))

    def reload(self, said):
        before = len(self.server.log.read_text())
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: re.search(said, self.server.log.read_text()[before:]), f"the log says {said}")


class Nginx:
    """nginx with a configuration of deploy/nginx, on a port of its own; `places` are texts of it and what stands for them here."""

    def __init__(self, folder, name, places):
        self.folder = folder / pathlib.Path(name).stem
        self.folder.mkdir()
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        text = (ROOT / "deploy/nginx" / name).read_text()
        for there, here in {"user www-data": "user root", "/run/nginx.pid": str(self.folder / "pid"),
                            "/var/log/nginx/": f"{self.folder}/", **places(self)}.items():
            assert there in text, there
            text = text.replace(there, here)
        self.config = self.folder / "nginx.conf"
        self.config.write_text(text)
        self.process = subprocess.Popen(["nginx", "-c", self.config, "-g", "daemon off;"], stderr=subprocess.PIPE)

        def listening():
            if self.process.poll() is not None:
                pytest.fail("nginx ended: " + self.process.stderr.read().decode())
            with contextlib.closing(_socket.socket()) as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        wait_until(listening, "nginx listens")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


class Front(Nginx):
    """Before a SecureServer that has a front socket."""

    def __init__(self, folder, keys, socket):
        super().__init__(folder, "nginx.conf", lambda nginx: {
            "listen 7443": f"listen {nginx.address}", "/run/kpr/front.sock": str(socket), "/etc/kpr/server.": f"{keys}/server.",
            "/etc/kpr/client-ca.crt": str(keys / "ca.crt")})


class RolesFront(Nginx):
    """Before the roles socket of a SecureServer."""

    def __init__(self, folder, keys, socket):
        super().__init__(folder, "roles.conf", lambda nginx: {
            "listen 8443": f"listen {nginx.address}", "/run/kpr/roles.sock": str(socket), "/etc/kpr/server.": f"{keys}/server.",
            "/etc/kpr/client-ca.crt": str(keys / "ca.crt"),
            # Tests ask faster than persons.
            "rate=50r/s": "rate=5000r/s"})
        self.keys = keys

    def post(self, name, path, body=b"{}", content_type="application/json", headers=None, method="POST"):
        """Status, headers and body, with the certificate of that name."""
        context = ssl.create_default_context(cafile=self.keys / "ca.crt")
        context.load_cert_chain(self.keys / f"{name}.crt", self.keys / f"{name}.key")
        connection = http.client.HTTPSConnection(self.address, context=context, timeout=90)
        try:
            connection.request(method, path, body, {"Content-Type": content_type, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


class FrontedServer(Server):
    """A Server that is reached through nginx; nginx stays while it is started and stopped."""

    POLICY = '''
[[principal]]
name = "urn:kpr:everything"
roles = ["sender", "national_reader", "operator"]
municipalities = ["1103", "5001"]
person_authority = true
providers = {providers}
'''
    sender = ""

    def __init__(self, binary, folder, config=None, environment=None):
        self.keys = folder / "keys"
        self.keys.mkdir()
        authority = Authority(self.keys)
        authority.sign("server", ["IP:127.0.0.1"])
        self.certificate = authority.sign("everything", ["URI:urn:kpr:everything"])
        policy = folder / "policy.toml"
        policy.write_text(self.POLICY.format(providers=json.dumps(simulated_providers())))
        server = {"plaintext_loopback": False, "certificate": str(authority.crt("server")),
                  "private_key": str(authority.key("server")), "client_ca": str(authority.crt("ca")), "policy": str(policy),
                  "front_socket": str(folder / "front.sock")}
        super().__init__(binary, folder, {**(config or {}), "server": {**server, **(config or {}).get("server", {})}}, environment)
        self.front = None

    def start(self):
        super().start()
        self.front = self.front or Front(self.folder, self.keys, self.folder / "front.sock")
        self.address = self.front.address
        return self

    def where(self):
        return [*super().where(), *self.certificate]

    def channel(self):
        return grpc.secure_channel(self.address, grpc.ssl_channel_credentials(
            *(pathlib.Path(self.certificate[self.certificate.index(name) + 1]).read_bytes() for name in ("--ca", "--key", "--cert"))))

    def close(self):
        if self.front is not None:
            self.front.stop()


@pytest.fixture(scope="session")
def site(kpr_binary, tmp_path_factory):
    """Two releases of a simulated country, served over HTTP."""
    from web.published_site import published_site  # which needs what is above

    yield from published_site(kpr_binary, tmp_path_factory.mktemp("site"))
