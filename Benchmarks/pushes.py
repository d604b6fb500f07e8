"""Signed pushes as GitHub sends them, written to a file as ready HTTP requests of one length."""

import hashlib
import hmac
import json
import random
import uuid
from dataclasses import dataclass

REPOSITORY = "octocat/hello"
BYTES = 8192


@dataclass(frozen=True)
class PushFile:
    path: str
    request_bytes: int
    count: int


def write_file(path, secret, count):
    size = 0
    with open(path, "wb") as file:
        for number in range(count):
            request = push(secret, number)
            size = len(request)
            file.write(request)
    return PushFile(str(path), size, count)


def push(secret, number, close=False):
    """One delivery of a push to a branch of its own: no GUID, ref or commit comes twice."""
    source = random.Random(number)
    body = _body(number, source)
    signature = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    guid = uuid.UUID(int=source.getrandbits(128), version=4)
    header = (
        "POST /hooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: GitHub-Hookshot/0000000\r\n"
        "Accept: */*\r\nContent-Type: application/json\r\nX-GitHub-Event: push\r\n"
        f"X-GitHub-Delivery: {guid}\r\nX-GitHub-Hook-ID: 292430182\r\n"
        "X-GitHub-Hook-Installation-Target-ID: 1296269\r\nX-GitHub-Hook-Installation-Target-Type: repository\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n"
        + ("Connection: close\r\n" if close else "") + "\r\n")
    return header.encode() + body


def _body(number, source):
    ref, before = f"refs/heads/bench/{number:07}", _commit_id(source)
    # `standin.c` knows it by the ref.
    after = f"1{number:07}" * 5
    text = _TEMPLATE.replace("@REF", ref).replace("@BEFORE", before).replace("@AFTER", after)
    return text.encode()


def _commit_id(source):
    return f"{source.getrandbits(160):040x}"


def _template():
    """The fields of a real push, the long lists of API addresses included: commits until it is 8 KiB."""
    api, web = f"https://api.github.com/repos/{REPOSITORY}", f"https://github.com/{REPOSITORY}"
    person = {"name": "The Octocat", "email": "octocat@example.com", "username": "octocat"}
    user = {"login": "octocat", "id": 583231, "node_id": "MDQ6VXNlcjU4MzIzMQ==", "type": "User", "site_admin": False}
    user |= {f"{name}_url": f"https://api.github.com/users/octocat/{name}" for name in (
        "followers", "following", "gists", "starred", "subscriptions", "organizations", "repos", "events")}
    repository = {
        "id": 1296269, "node_id": "MDEwOlJlcG9zaXRvcnkxMjk2MjY5", "name": "hello", "full_name": REPOSITORY,
        "private": False, "owner": user, "html_url": web, "description": "A page that says hello", "fork": False,
        "url": api, "default_branch": "main", "language": "HTML", "size": 108, "topics": []}
    repository |= {f"{name}_url": f"{api}/{name}" for name in (
        "forks", "keys", "collaborators", "teams", "hooks", "issue_events", "assignees", "branches", "tags", "blobs",
        "git_tags", "git_refs", "trees", "statuses", "languages", "stargazers", "contributors", "subscribers",
        "commits", "comments", "contents", "compare", "merges", "archive", "downloads", "issues", "pulls",
        "milestones", "notifications", "labels", "releases", "deployments")}

    def commit(message, commit_id):
        return {
            "id": commit_id, "tree_id": "@BEFORE", "distinct": True, "message": message,
            "timestamp": "2026-11-22T19:00:00+01:00", "url": f"{web}/commit/{commit_id}", "author": person,
            "committer": person, "added": [], "removed": [], "modified": ["public/index.html"]}

    def text(commits, rest):
        head = commit("Say good evening" + "." * rest, "@AFTER")
        return json.dumps({
            "ref": "@REF", "before": "@BEFORE", "after": "@AFTER", "repository": repository,
            "pusher": {"name": "octocat", "email": "octocat@example.com"}, "sender": user, "created": True,
            "deleted": False, "forced": False, "base_ref": None, "compare": f"{web}/compare/@AFTER",
            "commits": [commit("Light a candle", "@BEFORE")] * commits + [head], "head_commit": head,
        }, separators=(",", ":"))

    def length(commits):
        made = text(commits, 0)
        return len(made) + sum(made.count(name) * (width - len(name)) for name, width in _WIDTHS.items())

    commits = 0
    while length(commits + 1) <= BYTES:
        commits += 1
    # The message stands in it twice.
    return text(commits, (BYTES - length(commits)) // 2)


# What stands in the place of these in each push.
_WIDTHS = {"@REF": len("refs/heads/bench/0000000"), "@BEFORE": 40, "@AFTER": 40}
_TEMPLATE = _template()
