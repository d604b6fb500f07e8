"""Before anything is measured: do the servers do the same work?"""

import socket

import pushes
from servers import APART, SECRET, GoHTTP, Nginx, Raw, Slipway, Webhook
from workshop import ASSET, ASSET_BYTES

# After the pushes that Slipway was given when it started.
FRESH = APART + 1000


def check(shop):
    """Fetches the `/status` that the others serve as a file. Returns what TLS was agreed on, in words."""
    with Slipway(shop) as slipway:
        status = _body(slipway, "/status")
        (shop.site / "status").write_bytes(status)
        _check_hook(slipway, refusal=403)
        _check_files(slipway)
    for kind in (Nginx, Raw, GoHTTP) if shop.gohttp else (Nginx, Raw):
        with kind(shop) as server:
            _check_files(server)
            _expect(server, "/status", _body(server, "/status"), status)
            if kind is Raw:
                _check_hook(server, refusal=403)
    with Webhook(shop) as webhook:
        _check_hook(webhook, refusal=500)
    with Slipway(shop, tls=True) as slipway, Nginx(shop, tls=True) as nginx:
        ours, theirs = _tls(slipway), _tls(nginx)
    if ours != theirs:
        raise RuntimeError(f"Slipway agrees on {ours}, nginx on {theirs}")
    return f"{ours} with an ECDSA P-256 certificate"


def _check_files(server):
    _expect(server, "/healthz", _body(server, "/healthz"), b"ok\n")
    length = len(_body(server, f"/assets/{ASSET}"))
    _expect(server, ASSET, length, ASSET_BYTES)


def _check_hook(server, refusal):
    _expect(server, "a signed push", server.deliver(pushes.push(SECRET, FRESH)), 202)
    _expect(server, "a push signed with another secret", server.deliver(pushes.push("other", FRESH + 1)), refusal)


def _body(server, path):
    status, body = server.ask(path)
    _expect(server, path, status, 200)
    return body


def _expect(server, what, found, wanted):
    if found != wanted:
        raise RuntimeError(f"{server.name} answers {what} with {str(found)[:200]}, not {str(wanted)[:200]}")


def _tls(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain:
        with server.shop.tls.wrap_socket(plain, server_hostname="localhost") as connection:
            return f"{connection.version()} {connection.cipher()[0]}"
