"""A gate before an engine: who may talk to it needs no socket.

It lets through what reads (GET) and is on the list ALLOW, a regular expression that the path must
match from the first letter to the last. Every other method is unknown to it (501).
"""

import os
import re
import socket
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ALLOW = re.compile(os.environ.get("ALLOW", "/_ping|/version|/containers/json"))
ENGINE = "/var/run/docker.sock"


class Engine(HTTPConnection):
    """A connection to the engine's socket instead of a machine's port."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(ENGINE)


class Gate(BaseHTTPRequestHandler):
    error_message_format = "%(code)d %(message)s\n"

    def do_GET(self):
        path = self.path.split("?")[0]
        if not ALLOW.fullmatch(path):
            self.send_error(403, "not on the list")
            return
        line = Engine("engine")
        line.request("GET", self.path)
        answer = line.getresponse()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.getheader("Content-Type", ""))
        self.end_headers()
        self.wfile.write(answer.read())


ThreadingHTTPServer(("", 2375), Gate).serve_forever()
