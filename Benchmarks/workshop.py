"""What all servers of a run share."""

import os
import shutil
import socket
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pushes

HERE = Path(__file__).parent
ASSET = "bench.css"
ASSET_BYTES = 12_000


@dataclass
class Workshop:
    """A folder on disk with programs, a certificate and the files to serve."""

    folder: Path
    slipway: str
    warnings: list

    def __post_init__(self):
        self.certificate, self.key = self.folder / "tls.crt", self.folder / "tls.key"
        self.site = self.folder / "site"
        self.share = self.folder / "share"
        self._make_certificate()
        self._make_files()
        self.raw = self._compile("raw")
        self.paced = self._compile("paced")
        self.gohttp = self._compile_go("gohttp") if shutil.which("go") else None
        self.standin = self._compile("standin", "-static")  # starts sooner
        # Connections are made by the kernel and nobody ever answers: a job that starts all the same waits here for its
        # repository and takes no time from what is measured.
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.dead_end = f"https://127.0.0.1:{self._listener.getsockname()[1]}/{pushes.REPOSITORY}"
        self.tls = ssl.create_default_context(cafile=str(self.certificate))

    def _make_certificate(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "7", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", self.key, "-out", self.certificate], check=True, capture_output=True)

    def _make_files(self):
        shutil.copytree(HERE.parent / "Public", self.share / "Public")
        (self.site / "assets").mkdir(parents=True)
        style = "p { margin: 0 }\n" * (ASSET_BYTES // 16)
        (self.share / "Public" / "assets" / ASSET).write_text(style)
        (self.site / "assets" / ASSET).write_text(style)

    def files(self):
        """As arguments PATH=FILE."""
        return [f"/{path}={self.site / path}" for path in ("status", f"assets/{ASSET}")]

    def _compile(self, name, *flags):
        program = self.folder / name
        subprocess.run(
            ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-std=gnu17", "-o", program, HERE / f"{name}.c",
             *(flags or ("-lcrypto", "-lpthread"))], check=True)
        return program

    def _compile_go(self, name):
        program = self.folder / name
        # Not only its result: the compiler's cache belongs here too.
        environment = {**os.environ, "GOCACHE": str(self.folder / "go-cache"), "GO111MODULE": "off"}
        subprocess.run(["go", "build", "-o", program, HERE / f"{name}.go"], check=True, env=environment)
        return program

    def warn(self, text):
        if text not in self.warnings:
            self.warnings.append(text)
