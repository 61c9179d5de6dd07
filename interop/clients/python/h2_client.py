"""The library h2 through a proxy: `h2_client.py PORT [CA]`."""
import hashlib
import json
import socket
import ssl
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events

from checks import equal, pattern, run

PORT = int(sys.argv[1])
CA = sys.argv[2] if len(sys.argv) > 2 else None


class Client:
    """One connection; waits for events and keeps what each stream got."""

    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=20)
        if CA is not None:
            context = ssl.create_default_context(cafile=CA)
            context.set_alpn_protocols(["h2"])
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
            equal(self.socket.selected_alpn_protocol(), "h2")
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.h2.initiate_connection()
        self.flush()
        self.heads, self.bodies, self.trailers = {}, {}, {}
        self.ended, self.resets, self.pongs = set(), {}, []

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def start(self, path, method="GET", headers=(), end=True):
        stream = self.h2.get_next_available_stream_id()
        pseudo = [(":method", method), (":scheme", "https" if CA else "http"), (":path", path), (":authority", "localhost")]
        self.h2.send_headers(stream, pseudo + list(headers), end_stream=end)
        self.flush()
        return stream

    def step(self, acknowledge=True):
        data = self.socket.recv(65_536)
        if data == b"":
            raise AssertionError("the proxy closed the connection")
        for event in self.h2.receive_data(data):
            self.take(event, acknowledge)
        self.flush()

    def take(self, event, acknowledge):
        if isinstance(event, h2.events.ResponseReceived):
            self.heads[event.stream_id] = dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            self.bodies[event.stream_id] = self.bodies.get(event.stream_id, b"") + event.data
            if acknowledge:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.TrailersReceived):
            self.trailers[event.stream_id] = dict(event.headers)
        elif isinstance(event, h2.events.StreamEnded):
            self.ended.add(event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self.resets[event.stream_id] = event.error_code
        elif isinstance(event, h2.events.PingAckReceived):
            self.pongs.append(event.ping_data)

    def finish(self, *streams):
        while not self.ended.issuperset(streams):
            self.step()

    def upload(self, stream, body):
        """As far as the windows go, then waits for more."""
        at = 0
        while at < len(body):
            size = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(body) - at)
            if size == 0:
                self.step()
                continue
            self.h2.send_data(stream, body[at : at + size])
            at += size
            self.flush()
        self.h2.end_stream(stream)
        self.flush()


def status(client, stream):
    return client.heads[stream][b":status"]


def multiplexed():
    """50 streams on one connection"""
    client = Client()
    streams = {client.start("/bytes/%d" % (number * 1_000)): number for number in range(50)}
    client.finish(*streams)
    whole = pattern(50_000)
    for stream, number in streams.items():
        equal(status(client, stream), b"200")
        equal(client.bodies.get(stream, b""), whole[: number * 1_000])


def upload():
    """an upload within the windows that the proxy opens"""
    client = Client()
    body = pattern(400_000)
    stream = client.start("/echo", "POST", [("content-length", str(len(body)))], end=False)
    client.upload(stream, body)
    client.finish(stream)
    echo = json.loads(client.bodies[stream])
    equal((echo["bytes"], echo["sha256"]), (len(body), hashlib.sha256(body).hexdigest()))


def windows():
    """no byte beyond a closed window, and all once it opens"""
    client = Client()
    stream = client.start("/bytes/200000")
    while len(client.bodies.get(stream, b"")) < 65_535:
        client.step(acknowledge=False)
    other = client.start("/echo", "HEAD")
    while other not in client.ended:
        client.step(acknowledge=False)
    equal(len(client.bodies[stream]), 65_535)
    client.h2.acknowledge_received_data(65_535, stream)
    client.flush()
    client.finish(stream)
    equal(hashlib.sha256(client.bodies[stream]).hexdigest(), hashlib.sha256(pattern(200_000)).hexdigest())


def reset():
    """a stream that is reset does not disturb the next one"""
    client = Client()
    stream = client.start("/bytes/5000000")
    while stream not in client.bodies:
        client.step()
    client.h2.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
    client.flush()
    after = client.start("/bytes/100")
    client.finish(after)
    equal(client.bodies[after], pattern(100))


def ping():
    """a ping is answered"""
    client = Client()
    client.h2.ping(b"12345678")
    client.flush()
    while client.pongs == []:
        client.step()
    equal(client.pongs, [b"12345678"])


def cookies():
    """cookie crumbs become one header"""
    client = Client()
    stream = client.start("/echo", headers=[("cookie", "a=1"), ("cookie", "b=2")])
    client.finish(stream)
    equal(json.loads(client.bodies[stream])["headers"]["cookie"], "a=1; b=2")


run([multiplexed, upload, windows, reset, ping, cookies])
