"""Every API call, kept for tests and the bench."""

import itertools
import json
import re
import time
from collections import deque
from datetime import UTC, datetime

import control
import seam
from api_calls import ApiCall

NAME = "call-log"
SUMMARY = "Every API call is recorded with its principal, parameters and outcome, as in a CloudTrail event."
DOCUMENTATION = (
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html")
REPLACES = ("ministack.app._dispatch_service_request",)

_KEPT = 50_000  # calls
_LONGEST_BODY = 4_000  # characters; of longer ones (uploads, batches) only the short texts are kept
_SHORT = 512  # characters

_calls = deque(maxlen=_KEPT)
_numbers = itertools.count(1)
_last = 0
_XML_CODE = re.compile(rb"<Code>([^<]+)</Code>")
_DENIED_ACTION = re.compile(rb"not authorized to perform: ([a-z0-9-]+:\w+)")


def _error_code(status, headers, body):
    if status < 400 or not isinstance(body, bytes):
        return None
    for name, value in headers.items():
        if name.lower() == "x-amzn-errortype":
            return value.split(":")[0]
    if found := _XML_CODE.search(body):
        return found[1].decode()
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return str(answer.get("__type") or answer.get("code") or answer.get("Code") or "").rpartition("#")[2] or None


def _denied_action(status, body):
    """The action that was refused, where the answer says so: a call may need others than the one that it is named for."""
    found = _DENIED_ACTION.search(body) if status >= 400 and isinstance(body, bytes) else None
    return found[1].decode() if found else None


def _parameters(call):
    if len(call.raw) <= _LONGEST_BODY:
        return call.parameters
    return {name: value for name, value in call.parameters.items() if isinstance(value, str) and len(value) <= _SHORT}


def _recorded(dispatch):
    async def dispatch_and_record(method, path, headers, body, query_params, request_id):
        global _last
        started = time.monotonic()
        call = ApiCall(method, path, headers, body, query_params)
        answer = await dispatch(method, path, headers, body, query_params, request_id)
        status, answer_headers, answer_body = answer
        _last = next(_numbers)
        _calls.append({
            "seq": _last,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "service": call.service,
            "operation": call.operation,
            "principal": call.principal,
            "request": _parameters(call),
            "status": status,
            "errorCode": _error_code(status, answer_headers, answer_body),
            "deniedAction": _denied_action(status, answer_body),
            "ms": round((time.monotonic() - started) * 1000, 1),
        })
        return answer
    return dispatch_and_record


async def _read(request):
    try:
        since = int(request.query.get("since", "0"))
    except ValueError:
        raise control.BadRequest("since must be a number: the `next` of an earlier answer") from None
    return 200, {"next": _last, "calls": [call for call in _calls if call["seq"] > since]}


async def _clear(_request):
    _calls.clear()
    return 200, {"next": _last}


def apply():
    seam.replace("ministack.app._dispatch_service_request", _recorded)
    control.route("GET", "/calls")(_read)
    control.route("DELETE", "/calls")(_clear)
