"""The daemon under test: its process, and one connection to it."""

import collections
import decimal
import json
import signal
import socket
import subprocess
import threading
import urllib.parse

from units import ReplayError, expect, to_timestamp

HTTP_TIMEOUT_S = 60
DAEMON_TIMEOUT_S = 120
READ_BYTES = 256 * 1024
# What is sent before the first answer is read must fit into the sockets' buffers.
TOGETHER_BYTES_MAX = 64 * 1024

# `statuses` are those that are no error.
Request = collections.namedtuple("Request", "method path body statuses")


class Connection:
    """One kept-alive HTTP connection. Counts what it sends."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self._host = parts.netloc
        self._socket = socket.create_connection((parts.hostname, parts.port), HTTP_TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread = b""
        self.requests = 0

    def call_all(self, requests):
        """The daemon answers one after the other, so small ones are sent in one go. A list of
        (status, decoded answer). Another status than one of a request's `statuses` is an error."""
        self.requests += len(requests)
        contents = [self._to_bytes(request) for request in requests]
        if sum(map(len, contents)) <= TOGETHER_BYTES_MAX:
            self._socket.sendall(b"".join(contents))
            return [self._read_answer(request) for request in requests]
        answers = []
        for request, content in zip(requests, contents):
            self._socket.sendall(content)
            answers.append(self._read_answer(request))
        return answers

    def call(self, method, path, body, statuses):
        return self.call_all([Request(method, path, body, statuses)])[0]

    def post(self, path, body, status):
        return self.call("POST", path, body, (status,))[1]

    def get(self, path):
        return self.call("GET", path, None, (200,))[1]

    def _to_bytes(self, request):
        head = f"{request.method} {request.path} HTTP/1.1\r\nHost: {self._host}\r\n"
        if request.body is None:
            return (head + "\r\n").encode("ascii")
        body = json.dumps(request.body)  # ASCII
        return (f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}"
                f"\r\n\r\n{body}").encode("ascii")

    def _read_more(self):
        more = self._socket.recv(READ_BYTES)
        expect(more, "the daemon closed the connection")
        self._unread += more

    def _read_answer(self, request):
        while (end := self._unread.find(b"\r\n\r\n")) < 0:
            self._read_more()
        first, *fields = self._unread[:end].decode("ascii").split("\r\n")
        lengths = [field[16:] for field in fields if field.startswith("Content-Length: ")]
        expect(len(lengths) == 1, "an answer without its length:", first, fields)
        whole = end + 4 + int(lengths[0])
        while len(self._unread) < whole:
            self._read_more()
        text = self._unread[end + 4:whole].decode("utf-8")
        self._unread = self._unread[whole:]
        status = int(first.split(" ")[1])
        expect(status in request.statuses, *request[:3], "answered", status, text)
        return status, json.loads(text, parse_float=decimal.Decimal)


class Daemon:
    """A purserd of our own on a free port and an empty data directory."""

    def __init__(self, purserd, data_dir, log_path, more=(), start=0):
        self._purserd, self._data_dir = purserd, data_dir
        command = [purserd, "serve", "--listen", "127.0.0.1:0", "--data-dir", data_dir,
                   "--test-clock", to_timestamp(start), *more]
        with open(log_path, "wb") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        watchdog = threading.Timer(DAEMON_TIMEOUT_S, self._process.kill)
        watchdog.start()
        try:
            self.url = self._read_url()
        finally:
            watchdog.cancel()
        # Whatever else it prints must not fill the pipe and stop it.
        threading.Thread(target=self._process.stdout.read, daemon=True).start()

    def _read_url(self):
        for line in self._process.stdout:
            if line.startswith("listening on "):
                return line.split()[2]
        raise ReplayError(f"purserd ended with {self._process.wait()} before it listened")

    def stop(self):
        """SIGTERM; a graceful stop answers what it took and exits with 0."""
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(DAEMON_TIMEOUT_S)
        expect(status == 0, "purserd ended with", status, "after SIGTERM")

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def verify(self):
        command = [self._purserd, "verify", "--data-dir", self._data_dir]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=DAEMON_TIMEOUT_S, check=False)
        expect(done.returncode == 0, "verify ended with", done.returncode, done.stdout)
        return done.stdout
