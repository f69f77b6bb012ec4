"""A receiver of webhooks, and what Calendly documents of their signatures."""

import hashlib
import hmac
import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 180


class Receiver:
    """Takes what is posted to `url`."""

    def __init__(self):
        messages = self.messages = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                messages.put((self.headers["calendly-webhook-signature"], body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}/calendly"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def next(self, key):
        """The next message, whose signature must be right."""
        signature, body = self.messages.get(timeout=60)
        parts = dict(part.split("=", 1) for part in signature.split(","))
        signed = parts["t"].encode() + b"." + body
        expected = hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(expected, parts["v1"]), signature
        assert abs(time.time() - int(parts["t"])) < TOLERANCE, signature
        return json.loads(body)
