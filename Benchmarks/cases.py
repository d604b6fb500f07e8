"""What is measured, and of which servers."""

from dataclasses import dataclass

from servers import TOKEN
from workshop import ASSET


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    path: str
    servers: tuple
    tls: bool = False
    headers: tuple = ()
    sends_pushes: bool = False
    # Requests a second, of a client that keeps to it; 0: as fast as they are answered.
    rate: int = 0


STEADY_RATE, STEADY_CONNECTIONS = 1000, 16
GETS = ("slipway", "nginx", "go", "raw")
HOOKS = ("slipway", "webhook", "raw")

ALL = (
    Case("healthz", "GET /healthz", "/healthz", GETS),
    Case("status", "GET /status, 20 jobs", "/status", GETS, headers=(f"Authorization: Bearer {TOKEN}",)),
    Case("static", "GET a file of 12 kB", f"/assets/{ASSET}", GETS),
    Case("tls", "TLS GET /healthz", "/healthz", ("slipway", "nginx", "go"), tls=True),
    Case("close", "connection per request", "/healthz", GETS, headers=("Connection: close",)),
    Case("hook", "POST /hooks/github", "/hooks/github", HOOKS, sends_pushes=True),
    Case("steady", f"POST /hooks/github, {STEADY_RATE:,}/s", "/hooks/github", HOOKS, sends_pushes=True,
         rate=STEADY_RATE),
)
