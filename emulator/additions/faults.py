"""Failures and delays of single API calls, functions that end in the middle of one, and a latency for all."""

import asyncio
import json
from xml.sax.saxutils import escape

import control
import seam
from api_calls import ApiCall
from ministack.core import lambda_runtime
from ministack.core.iam_actions import _SERVICE_PROTOCOL
from ministack.core.responses import fix_error_content_type

NAME = "faults"
SUMMARY = ("Any API call can be throttled, fail or take long, and is answered in its service's own protocol; the process of a "
           "function can end before or after a call that it makes.")
DOCUMENTATION = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"
REPLACES = ("ministack.app._dispatch_service_request",)

_STRINGS = ("service", "operation", "principal", "match", "code", "message", "kill")
_NUMBERS = ("times", "delayMs", "status")
_rules = []
_latency_ms = 0


def _checked_rule(position, rule):
    if not isinstance(rule, dict):
        raise control.BadRequest(f"rules[{position}] must be an object")
    for field, value in rule.items():
        if field not in _STRINGS + _NUMBERS:
            raise control.BadRequest(f"rules[{position}].{field} is no field of a rule; the fields are "
                                     f"{', '.join(_STRINGS + _NUMBERS)}")
        if field in _STRINGS and not isinstance(value, str):
            raise control.BadRequest(f"rules[{position}].{field} must be a string")
        if field in _NUMBERS and not (value is None or (isinstance(value, (int, float)) and value >= 0)):
            raise control.BadRequest(f"rules[{position}].{field} must be a number of at least 0")
    for field in ("service", "operation"):
        if not rule.get(field):
            raise control.BadRequest(f"rules[{position}].{field} is missing")
    if rule.get("kill") not in (None, "before", "after"):
        raise control.BadRequest(f"rules[{position}].kill must be before or after")
    if not any(rule.get(field) for field in ("code", "delayMs", "kill")):
        raise control.BadRequest(f"rules[{position}] needs a code, a delayMs or a kill")
    return dict(rule)


async def _set_rules(request):
    rules = request.json().get("rules")
    if not isinstance(rules, list):
        raise control.BadRequest("rules must be a list")
    _rules[:] = [_checked_rule(position, rule) for position, rule in enumerate(rules)]
    return 200, {"rules": len(_rules)}


async def _set_latency(request):
    global _latency_ms
    milliseconds = request.json().get("ms")
    if not isinstance(milliseconds, (int, float)) or milliseconds < 0:
        raise control.BadRequest("ms must be a number of at least 0")
    _latency_ms = milliseconds
    return 200, {"ms": _latency_ms}


def _rule_for(call):
    for rule in _rules:
        if (rule["service"] != call.service or rule["operation"] != call.operation
                or rule.get("principal", "") not in call.principal or rule.get("match", "") not in call.raw):
            continue
        if rule.get("times") is None:
            return rule
        if rule["times"] > 0:
            rule["times"] -= 1
            return rule
    return None


def _error(call, rule, request_id):
    """The failure as the service would say it, so that an SDK makes the exception of that name from it."""
    code, message, status = rule["code"], rule.get("message", "Injected failure."), int(rule.get("status") or 400)
    protocol = _SERVICE_PROTOCOL.get(call.service)
    if call.headers.get("x-amz-target"):
        headers = {"Content-Type": call.headers.get("content-type", "application/x-amz-json-1.1"),
                   "x-amzn-requestid": request_id}
        if call.service == "sqs":  # its clients still look for the names of its former protocol
            headers["x-amzn-query-error"] = f"{code};Sender"
        answer = status, headers, json.dumps({"__type": code, "message": message}).encode()
    elif protocol is None:
        headers = {"Content-Type": "application/json", "x-amzn-requestid": request_id, "x-amzn-errortype": code}
        answer = status, headers, json.dumps({"Message": message, "message": message}).encode()
    elif protocol == "rest-xml":
        body = (f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
                f"<RequestId>{request_id}</RequestId></Error>")
        answer = status, {"Content-Type": "application/xml"}, body.encode()
    else:
        body = (f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(code)}</Code>"
                f"<Message>{escape(message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>")
        answer = status, {"Content-Type": "text/xml"}, body.encode()
    fix_error_content_type(call.service, status, answer[1])
    return answer


def _kill_caller(call):
    """End the processes of the function in whose session the call is made: Lambda calls the session like the function."""
    name = call.principal.rsplit("/", 1)[-1]
    for worker in [worker for workers in list(lambda_runtime._workers.values()) for worker in workers]:
        process = worker._proc
        if worker.func_name == name and worker.in_use and process is not None:
            process.kill()


def _disturbed(dispatch):
    async def disturb(method, path, headers, body, query_params, request_id):
        rule = None
        if _rules:
            call = ApiCall(method, path, headers, body, query_params)
            rule = _rule_for(call)
        delay = _latency_ms + ((rule or {}).get("delayMs") or 0)
        if delay:
            await asyncio.sleep(delay / 1000)
        kill = (rule or {}).get("kill")
        if kill == "before":
            _kill_caller(call)
            return 500, {}, b""  # nobody is there to read it
        if rule and rule.get("code"):
            return _error(call, rule, request_id)
        answer = await dispatch(method, path, headers, body, query_params, request_id)
        if kill == "after":
            _kill_caller(call)
        return answer
    return disturb


def apply():
    seam.replace("ministack.app._dispatch_service_request", _disturbed)
    control.route("PUT", "/faults")(_set_rules)
    control.route("PUT", "/latency")(_set_latency)
