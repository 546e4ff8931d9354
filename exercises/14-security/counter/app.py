"""Counts its visitors. The password opens the till; the count is kept in /data.

`GET /` counts one more. `GET /test/…` changes nothing: alive, password, data, count.
"""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COUNT = Path("/data/count")
FIRST = 41  # a count below it is none of ours


def password():
    """The password, from the file that COUNTER_PASSWORD_FILE names, or from COUNTER_PASSWORD."""
    place = os.environ.get("COUNTER_PASSWORD_FILE")
    return Path(place).read_text().strip() if place else os.environ.get("COUNTER_PASSWORD", "")


def count():
    return int(COUNT.read_text()) if COUNT.exists() else 0


def visit():
    COUNT.write_text(str(count() + 1))
    return f"You are visitor {count()}\n"


TESTS = {
    "alive": lambda: True,
    "password": lambda: password() == "anchor-7",
    "data": lambda: os.access(COUNT if COUNT.exists() else COUNT.parent, os.W_OK),
    "count": lambda: count() >= FIRST,
}


class Counter(BaseHTTPRequestHandler):
    def do_GET(self):
        status, text = 200, ""
        try:
            if self.path.startswith("/test/"):
                status = 200 if TESTS[self.path.removeprefix("/test/")]() else 503
            else:
                text = visit()
        except (KeyError, OSError, ValueError) as error:
            status, text = 500, f"{error}\n"
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words):
        """Nothing: the health check asks every few seconds."""


ThreadingHTTPServer(("", 8080), Counter).serve_forever()
