#!/usr/bin/env python3
"""A token service for tests: https://distribution.github.io/distribution/spec/auth/token/

GET with Basic, and POST with the grants password and refresh_token. Prints "port N" when it listens, and one line
for each request. Signs by openssl, so that it needs nothing but Python's own library.
"""
import argparse
import base64
import http.server
import itertools
import json
import subprocess
import time
import urllib.parse

PASSWORDS = {"alice": "s3cret"}
IDENTITIES = {"alice-identity": "alice"}
COUNTER = itertools.count(1)

parser = argparse.ArgumentParser()
for name in ("key", "certificate", "issuer"):
    parser.add_argument("--" + name, required=True)
parser.add_argument("--lifetime", type=int, default=300)
options = parser.parse_args()


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def certificate():
    lines = open(options.certificate).read().splitlines()
    return "".join(line for line in lines if line and not line.startswith("-----"))


def signed(claims):
    header = {"typ": "JWT", "alg": "RS256", "x5c": [certificate()]}
    text = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", options.key], input=text.encode(),
                               stdout=subprocess.PIPE, check=True).stdout
    return text + "." + encoded(signature)


def granted(user, scopes):
    for scope in " ".join(scopes).split():
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        allowed = actions.split(",") if user else [one for one in actions.split(",") if one == "pull"]
        yield {"type": kind, "name": name, "actions": allowed}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def issue(self, user, fields):
        scopes = fields.get("scope", [])
        print("request", self.command, user or "-", " ".join(sorted(" ".join(scopes).split())), flush=True)
        now = int(time.time())
        token = signed({
            "iss": options.issuer, "sub": user or "", "aud": fields.get("service", [""])[0], "iat": now, "nbf": now - 10,
            "exp": now + options.lifetime, "jti": str(next(COUNTER)), "access": list(granted(user, scopes)),
        })
        # Real ones differ: the older name alone, the newer alone, both.
        names = ["token"] if self.command == "GET" else ["access_token"]
        self.answer(200, {**{name: token for name in names}, "expires_in": options.lifetime})

    def do_GET(self):
        fields = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        user = None
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            user, _, password = base64.b64decode(value).decode().partition(":")
            if PASSWORDS.get(user) != password:
                return self.answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "wrong user or password"}]})
        self.issue(user, fields)

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        fields = urllib.parse.parse_qs(self.rfile.read(length).decode())
        first = {name: values[0] for name, values in fields.items()}
        user = None
        if first.get("grant_type") == "password" and PASSWORDS.get(first.get("username")) == first.get("password"):
            user = first.get("username")
        if first.get("grant_type") == "refresh_token":
            user = IDENTITIES.get(first.get("refresh_token"))
        if user is None:
            return self.answer(401, {"error": "invalid_grant", "error_description": "wrong identity token"})
        self.issue(user, fields)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("port", server.server_port, flush=True)
server.serve_forever()
