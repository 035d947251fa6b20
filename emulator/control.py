"""The control endpoints of the launcher: HTTP on the gateway's port below /_clean-exit/, without credentials.

An addition declares its own:

    @control.route("POST", "/builds/finish")
    async def finish(request):
        return 200, {"finished": request.json()["id"]}
"""

import json
import logging
from urllib.parse import parse_qs

import seam

PREFIX = "/_clean-exit"
logger = logging.getLogger("clean-exit")
_routes = {}


class BadRequest(Exception):
    """The caller's mistake, answered with status 400 and this sentence."""


class Request:
    """A control request: `query` (first value of each name) and the raw `body`."""

    def __init__(self, query, body):
        self.query = query
        self.body = body

    def json(self):
        try:
            parsed = json.loads(self.body or b"{}")
        except ValueError as error:
            raise BadRequest(f"the body is not JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise BadRequest("the body must be a JSON object")
        return parsed


def route(method, path):
    """Register `async def handler(request) -> (status, JSON-able answer)` for a method and a path below the prefix."""
    def register(handler):
        if (method, path) in _routes:
            raise ValueError(f"{method} {path} is already a control endpoint")
        _routes[(method, path)] = handler
        return handler
    return register


async def _answer(method, path, request):
    handler = _routes.get((method, path))
    if handler is None:
        known = ", ".join(sorted(f"{known_method} {PREFIX}{known_path}" for known_method, known_path in _routes))
        return 404, {"message": f"{method} {PREFIX}{path} is no control endpoint (it may belong to an addition that is "
                                f"switched off); there are: {known}"}
    try:
        return await handler(request)
    except BadRequest as error:
        return 400, {"message": str(error)}
    except Exception as error:  # an endpoint's defect must not look like a hung emulator
        logger.exception("%s %s failed", method, path)
        return 500, {"message": f"{type(error).__name__}: {error}"}


async def _read_body(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def install():
    """Answer the control endpoints before MiniStack sees the request."""
    def make(app):
        async def app_with_control(scope, receive, send):
            if scope["type"] != "http" or not scope["path"].startswith(f"{PREFIX}/"):
                return await app(scope, receive, send)
            query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
            request = Request(query, await _read_body(receive))
            status, answer = await _answer(scope["method"], scope["path"][len(PREFIX):], request)
            payload = json.dumps(answer).encode()
            await send({"type": "http.response.start", "status": status,
                        "headers": [(b"content-type", b"application/json"),
                                    (b"content-length", str(len(payload)).encode())]})
            await send({"type": "http.response.body", "body": payload})
        return app_with_control
    seam.replace("ministack.app.app", make)
