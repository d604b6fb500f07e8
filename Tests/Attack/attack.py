#!/usr/bin/env python3
"""What a stranger can do to a server, beside honest deliveries that must not notice. Started by scripts/try-attack.

usage: attack.py bodies|bodies-over-proxy|connections CONNECTIONS SECONDS

A rude client that is cut off comes again. Addresses are loopback's, or stand in X-Forwarded-For behind 127.0.0.9.
"""

import hashlib
import hmac
import http.client
import os
import socket
import sys
import threading
import time
import uuid

PORT = int(os.environ["SLIPWAY_SERVER_PORT"])
SECRET = os.environ["SLIPWAY_SERVER_SECRET"].encode()
TOKEN = os.environ["SLIPWAY_SERVER_TOKEN"]
PROXY = "127.0.0.9"
BUDGET = 64 << 20
LONGEST = 25 << 20
# Between two honest deliveries, and before a rude client that was cut off is there again.
PAUSE = 0.1
WITHIN = 1.0

how, connections, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
over_proxy = how == "bodies-over-proxy"
is_over = threading.Event()
held = [0] * connections
cut_off = [0] * connections


def connect(address):
    """From an address, or for it through the proxy."""
    source = PROXY if over_proxy else address
    return socket.create_connection(("127.0.0.1", PORT), timeout=10, source_address=(source, 0))


def forwarded(address):
    return f"X-Forwarded-For: {address}\r\n" if over_proxy else ""


def hold_body(number):
    """Sends its part of the budget at once, and then a byte now and then."""
    address = f"127.0.0.{21 + number % 2}"
    # Together all that there is but less than a delivery, and none so much that its client would be over its half.
    size = (BUDGET - 4096) // connections
    head = (
        f"POST /hooks/github HTTP/1.1\r\nHost: x\r\n{forwarded(address)}Content-Type: application/json\r\n"
        f"X-GitHub-Event: push\r\nX-GitHub-Delivery: a\r\nX-Hub-Signature-256: sha256={'0' * 64}\r\n"
        f"Content-Length: {LONGEST}\r\n\r\n"
    ).encode()
    rude(number, address, head, b" " * size)


def hold_connection(number):
    """Begins a header, and goes on with it now and then."""
    rude(number, f"127.0.1.{1 + number % 4}", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", b"")


def rude(number, address, head, piece):
    while not is_over.is_set():
        try:
            with connect(address) as connection:
                connection.sendall(head)
                connection.sendall(piece)
                held[number] = len(head) + len(piece)
                while not is_over.wait(0.5):
                    connection.sendall(b" ")
                    connection.settimeout(0.001)
                    try:
                        connection.recv(1)
                        break  # an answer, or the end
                    except TimeoutError:
                        connection.settimeout(10)
        except OSError:
            pass
        held[number] = 0
        if not is_over.is_set():
            cut_off[number] += 1
            is_over.wait(PAUSE)


def delivery(commit):
    """Status, and the seconds that it took."""
    body = (
        f'{{"ref": "refs/heads/none", "after": "{commit:040x}", "deleted": false, "repository": {{"id": 1, '
        f'"full_name": "none/none"}}, "pusher": {{"name": "me"}}, "head_commit": {{"id": "{commit:040x}", '
        f'"message": "{"x" * 7000}", "author": {{"name": "me"}}}}}}'
    ).encode()
    address = f"127.0.2.{1 + commit % 5}"
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest(),
    }
    if over_proxy:
        headers["X-Forwarded-For"] = address
    source = PROXY if over_proxy else address
    begin = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30, source_address=(source, 0))
    try:
        connection.request("POST", "/hooks/github", body, headers)
        status = connection.getresponse().status
    except OSError as error:
        status = str(error)
    finally:
        connection.close()
    return status, time.monotonic() - begin


def pause_queue():
    """What is delivered waits, so that the deliveries are all that the server does."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    connection.request("POST", "/pause", headers={"Authorization": f"Bearer {TOKEN}"})
    if connection.getresponse().status != 200:
        sys.exit("the queue cannot be paused")


def main():
    pause_queue()
    before, _ = delivery(1)
    if before != 202:
        sys.exit(f"without an attack a delivery is answered {before}")
    hold = hold_connection if how == "connections" else hold_body
    threads = [threading.Thread(target=hold, args=(number,), daemon=True) for number in range(connections)]
    for thread in threads:
        thread.start()
    # The attack proves something only once the rude ones have what they can get.
    time.sleep(3)
    at_begin = sum(1 for size in held if size)
    answers = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answers.append(delivery(len(answers) + 2))
        time.sleep(PAUSE)
    is_over.set()
    for thread in threads:
        thread.join()
    good = sum(1 for status, time in answers if status == 202 and time <= WITHIN)
    share = 100 * good / len(answers)
    others = sorted({str(status) for status, _ in answers if status != 202})
    print(
        f"{how}, {connections} connections: {good} of {len(answers)} deliveries ({share:.1f} %) were answered 202 within "
        f"{WITHIN:.0f} s, the slowest took {1000 * max(time for _, time in answers):.0f} ms"
        + (f"; others: {', '.join(others)}" if others else "")
        + f"; {at_begin} rude connections held their part at first, {sum(cut_off)} were cut off and came again"
    )
    if at_begin == 0:
        sys.exit("no rude connection was ever held: this proves nothing")
    if share < 99:
        sys.exit(1)


main()
