"""The servers under comparison: how each is configured, started and asked."""

import json
import shutil
import sqlite3
import string
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pushes
from processes import Process, free_port
from workshop import HERE

SECRET = "bench-0123456789abcdef0123456789abcdef"
TOKEN = "bench-fedcba9876543210fedcba9876543210"
# That `GET /status` tells of.
JOBS = 20
# The number of a push that is in no file of pushes.
APART = 9_000_000
# Of Slipway's HTTP server: what its defaults would refuse of a load that comes from one machine.
LIMITS = {"connections": 20_000, "connections_per_address": 20_000, "idle_seconds": 600}


class Server:
    """One start of one server in a folder of its own, as a context: at the end it is stopped and the folder removed."""

    name = ""
    # What answers 200 once it is up.
    ready_path = "/healthz"

    def __init__(self, shop, tls=False):
        self.shop = shop
        self.tls = tls
        self.port = free_port()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=self.shop.folder))
        try:
            self.start_seconds = self.start()
            self.prepare()
        except BaseException:
            self.__exit__()
            raise
        time.sleep(0.25)  # until workers are up too
        self.idle_bytes = self.process.anonymous_bytes()
        return self

    def start(self):
        """Returns the seconds to the first 200."""
        command = self.command()
        began = time.monotonic()
        self.process = Process(command, self.folder / "log", self.environment())
        answered = self.process.wait_until_it_answers(
            self.port, self.ready_path, self.shop.tls if self.tls else None)
        return answered - began

    def __exit__(self, *_):
        if hasattr(self, "process"):
            self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def prepare(self):
        """What has to be there before it is measured."""

    def ask(self, path, method="GET", body=None, headers=None):
        """Returns status and body."""
        request = urllib.request.Request(
            self.url + path, method=method, data=body,
            headers={"Authorization": f"Bearer {TOKEN}", **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=20, context=self.shop.tls if self.tls else None) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def deliver(self, push):
        """Sends a ready request of `pushes`; returns the status."""
        head, _, body = push.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
        headers = {name: value for name, value in lines if name not in ("Host", "Content-Length")}
        return self.ask("/hooks/github", "POST", body, headers)[0]


class Slipway(Server):
    name = "slipway"

    def configuration(self):
        return {
            "server": {
                "listen": f"127.0.0.1:{self.port}", "data": str(self.folder / "data"), "jobs": 1, "drain": "0s",
                "webhook_secrets": [SECRET], "limits": LIMITS,
                "tokens": [{"name": "bench", "value": TOKEN, "may": ["read", "deploy"]}]},
            "heroku": {"api_key": "not-used"},
            "apps": {"hello": {
                "repository": pushes.REPOSITORY, "clone_url": self.shop.dead_end,
                "targets": {"production": {"heroku": "hello-app", "when": {"push": ["**"]}}}}}}

    def command(self):
        configuration = self.configuration()
        if self.tls:
            configuration["server"]["tls"] = {"certificate": str(self.shop.certificate), "key": str(self.shop.key)}
        # YAML holds JSON.
        file = self.folder / "slipway.yml"
        file.write_text(json.dumps(configuration))
        return [self.shop.slipway, "serve", "--config", str(file)]

    def environment(self):
        return {"SLIPWAY_SHARE": str(self.shop.share)}

    def prepare(self):
        status, _ = self.ask("/pause", "POST", b"")
        if status != 200:
            self.shop.warn(f"POST /pause answered {status}: the queue is not paused, one job of it waits for its clone")
        for number in range(JOBS):
            status = self.deliver(pushes.push(SECRET, APART + number))
            if status != 202:
                raise RuntimeError(f"Slipway answered a signed push with {status}, not 202")

    def stored(self):
        """Deliveries and jobs on disk besides those of `prepare`."""
        database = sqlite3.connect(f"file:{self.folder}/data/slipway.db?mode=ro", uri=True)
        try:
            count = "SELECT (SELECT count(*) FROM deliveries), (SELECT count(*) FROM jobs)"
            deliveries, jobs = database.execute(count).fetchone()
            return deliveries - JOBS, jobs - JOBS
        finally:
            database.close()


class Nginx(Server):
    name = "nginx"

    def command(self):
        file = self.folder / "nginx.conf"
        text = string.Template((HERE / "nginx.conf").read_text()).substitute(
            user=Path(self.folder).owner(), folder=self.folder, port=self.port, tls="ssl" if self.tls else "",
            certificate=self.shop.certificate, key=self.shop.key, root=self.shop.site)
        file.write_text(text)
        # Of the same name in sbin folders, which a user's PATH may lack.
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(file), "-e", str(self.folder / "nginx.log")]


class Webhook(Server):
    """adnanh/webhook: verifies the signature, then finds its second condition false, and so runs nothing."""

    name = "webhook"
    ready_path = "/"

    def command(self):
        def match(kind, source, name, **more):
            return {"match": {"type": kind, "parameter": {"source": source, "name": name}, **more}}

        hook = {
            "id": "github", "execute-command": "/bin/true", "trigger-rule-mismatch-http-response-code": 202,
            "trigger-rule": {"and": [
                match("payload-hmac-sha256", "header", "X-Hub-Signature-256", secret=SECRET),
                match("value", "payload", "ref", value="refs/heads/no-such-branch")]}}
        file = self.folder / "hooks.json"
        file.write_text(json.dumps([hook]))
        return ["webhook", "-hooks", str(file), "-ip", "127.0.0.1", "-port", str(self.port)]


class Raw(Server):
    name = "raw"

    def command(self):
        return [str(self.shop.raw), str(self.port), SECRET, *self.shop.files()]


class GoHTTP(Server):
    name = "go"

    def command(self):
        certificate = [str(self.shop.certificate), str(self.shop.key)] if self.tls else ["", ""]
        return [str(self.shop.gohttp), str(self.port), *certificate, *self.shop.files()]


ALL = {server.name: server for server in (Slipway, Nginx, GoHTTP, Webhook, Raw)}
