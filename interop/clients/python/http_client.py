"""Python's http.client through a proxy: `http_client.py PORT [CA]`."""
import hashlib
import http.client
import json
import ssl
import sys

from checks import equal, pattern, run

PORT = int(sys.argv[1])
CA = sys.argv[2] if len(sys.argv) > 2 else None


def connect():
    if CA is None:
        return http.client.HTTPConnection("localhost", PORT, timeout=20)
    return http.client.HTTPSConnection("localhost", PORT, timeout=20, context=ssl.create_default_context(cafile=CA))


def keep_alive():
    """200 requests of all kinds on one connection"""
    connection = connect()
    connection.connect()
    socket = connection.sock
    for number in range(200):
        method = ["GET", "POST", "HEAD", "PUT", "DELETE"][number % 5]
        body = b"x" * number if method in ("POST", "PUT") else None
        connection.request(method, "/echo/%d" % number, body=body)
        response = connection.getresponse()
        text = response.read()
        equal((response.status, response.getheader("x-method")), (200, method))
        if method != "HEAD":
            echo = json.loads(text)
            equal((echo["url"], echo["bytes"]), ("/echo/%d" % number, len(body or b"")))
    equal(connection.sock, socket)
    connection.close()


def chunked_upload():
    """a body in chunks"""
    body = pattern(200_000)
    connection = connect()
    pieces = (body[at : at + 7_777] for at in range(0, len(body), 7_777))
    connection.request("POST", "/echo", body=pieces, encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    echo = json.loads(connection.getresponse().read())
    equal((echo["bytes"], echo["sha256"]), (len(body), hashlib.sha256(body).hexdigest()))


def download():
    """a body read bit by bit"""
    connection = connect()
    connection.request("GET", "/bytes/300000")
    response = connection.getresponse()
    body = b""
    while piece := response.read(10_000):
        body += piece
    equal(hashlib.sha256(body).hexdigest(), hashlib.sha256(pattern(300_000)).hexdigest())


def close():
    """a connection that is closed after its response"""
    connection = connect()
    connection.request("GET", "/bytes/10", headers={"Connection": "close"})
    response = connection.getresponse()
    equal((response.status, response.read(), response.getheader("connection")), (200, pattern(10), "close"))


run([keep_alive, chunked_upload, download, close])
