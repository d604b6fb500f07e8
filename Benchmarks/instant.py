"""Heroku's Platform API and registry, and the deployed app, for a world that answers at once.

    usage: instant.py PORT

One app's state is kept: each change of its formation makes a release, which its dyno runs before the answer is sent.
`GET /times` answers when requests were there and when they were answered, as the lines of `standin.c`, and forgets them.
"""

import asyncio
import json
import sys
import time


class App:
    def __init__(self, address):
        self.address = address
        self.releases = [self._release(1, [])]

    def _release(self, version, updates):
        images = [f"{update['type']} ({update['docker_image'].removeprefix('sha256:')[:12]})" for update in updates]
        return {"id": f"release-{version}", "version": version, "status": "succeeded", "current": True,
                "description": f"Deployed {', '.join(images)}"}

    def change(self, body):
        made = self._release(self.releases[0]["version"] + 1, json.loads(body)["updates"])
        self.releases = [made, *self.releases[:9]]
        return self.formation()

    def release(self, number):
        return next((release for release in self.releases if release["id"] == number), None)

    def formation(self):
        return [{"type": "web", "quantity": 1}]

    def dynos(self):
        version = self.releases[0]["version"]
        return [{"id": f"dyno-{version}", "name": "web.1", "type": "web", "state": "up", "updated_at": f"{version}",
                 "release": {"version": version}}]

    def resource(self):
        stack = {"name": "container"}
        return {"name": "hello-app", "web_url": f"{self.address}/", "maintenance": False, "stack": stack,
                "build_stack": stack, "generation": {"name": "cedar"}}

    def answer(self, method, path, body):
        """What the body of a 200 is made of; None: there is nothing."""
        if path.startswith("/v2/"):
            # The stand-in of docker pushes nothing; a manifest's digest is that of the image's configuration.
            return {"schemaVersion": 2, "config": {"digest": path.rpartition("/")[2]}}
        _, _, rest = path.removeprefix("/apps/").partition("/")
        if not path.startswith("/apps/"):
            return "hello\n" if path == "/" else None
        if method == "PATCH":
            return self.change(body)
        if rest.startswith("releases/"):
            return self.release(rest.removeprefix("releases/"))
        return {"": self.resource, "releases": lambda: self.releases, "formation": self.formation,
                "dynos": self.dynos, "features/preboot": lambda: {"enabled": False}}.get(rest, lambda: None)()


class Connection(asyncio.Protocol):
    """Each request comes whole before the next one: Slipway waits for the answer."""

    times = []

    def __init__(self, app):
        self.app = app
        self.bytes = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        began = time.monotonic_ns()
        self.bytes += data
        head, found, body = self.bytes.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if not found or len(body) < int(fields.get(b"content-length", 0)):
            return
        self.bytes = b""
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        path = target.partition("?")[0]
        self.transport.write(self.response(method, path, body))
        if path != "/times":
            self.times.append(f"{began} {time.monotonic_ns()} {'registry' if path[:4] == '/v2/' else 'heroku'} {method}")

    def response(self, method, path, body):
        if path == "/times":
            made = "\n".join(self.times)
            self.times.clear()
        else:
            made = self.app.answer(method, path, body)
        status = b"404 Not Found" if made is None else b"200 OK"
        text = (made if isinstance(made, str) else json.dumps(made)).encode()
        return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
            status, len(text), text)


async def serve(port):
    app = App(f"http://127.0.0.1:{port}")
    server = await asyncio.get_running_loop().create_server(lambda: Connection(app), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
