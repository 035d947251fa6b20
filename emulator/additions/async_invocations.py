"""What Lambda does with an event that it has accepted."""

import json
import time
from datetime import UTC, datetime

import queue_messages
import role_rights
import seam
from ministack.core.concurrency import spawn_background
from ministack.core.responses import new_uuid, request_scope
from ministack.services import lambda_svc

NAME = "async-invocations"
SUMMARY = ("An asynchronous invocation follows the configuration of its qualifier, waits out throttling without "
           "counting it, and a failed one goes, if the function's role may send it, as the event to the dead-letter "
           "queue and with its story to the destination.")
DOCUMENTATION = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"
REPLACES = ("ministack.services.lambda_svc.invoke_async_with_retry",)

_OLDEST_EVENT = 21_600  # seconds: MaximumEventAgeInSeconds when it is not configured
_RETRIES = 2


def invoke(function, event):
    """Invoke in the background, with the retries of the function's configuration."""
    spawn_background(_run, function, event, thread_name="async-invocation")


def _configuration(config):
    """(EventInvokeConfig of the qualifier that was invoked or {}, account, Region)."""
    account, region = lambda_svc._account_region_from_function_config(config)
    name, qualifier = lambda_svc._lambda_function_name_and_qualifier_from_arn(config["FunctionArn"])
    function = lambda_svc._functions.get_scoped(account, region, name) or {}
    asked = (qualifier,) if qualifier and qualifier != "$LATEST" else (None, "$LATEST")
    found = (lambda_svc._event_invoke_config(function, each) for each in asked)
    return next(filter(None, found), {}), account, region


def _as_reserved_now(function, config, account, region):
    """The function with the reserved concurrency of this moment: what Lambda holds back goes on when that is raised."""
    name, _ = lambda_svc._lambda_function_name_and_qualifier_from_arn(config["FunctionArn"])
    present = lambda_svc._functions.get_scoped(account, region, name) or function
    return {**function, "concurrency": present.get("concurrency")}


def _run(function, event):
    config = function.get("config") or function
    configuration, account, region = _configuration(config)
    with request_scope(account, region):
        request_id, started, attempts, waits = new_uuid(), time.monotonic(), 0, 0
        oldest = configuration.get("MaximumEventAgeInSeconds") or _OLDEST_EVENT
        retries = configuration.get("MaximumRetryAttempts")
        condition = "RetriesExhausted"
        while True:
            result = lambda_svc._execute_function(_as_reserved_now(function, config, account, region), event)
            throttled = bool(result.get("throttle"))
            attempts += not throttled
            if not result.get("error") and not throttled:
                return _report(configuration, "OnSuccess", config, event, result, request_id, "Success", attempts)
            if attempts > (_RETRIES if retries is None else retries):
                break
            wait = min(lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS * 2 ** waits,
                       lambda_svc._LAMBDA_ASYNC_RETRY_MAX_SECONDS)
            waits += 1
            if time.monotonic() - started + wait > oldest:
                condition = "EventAgeExceeded"
                break
            time.sleep(wait)
        _report(configuration, "OnFailure", config, event, result, request_id, condition, attempts)
        _dead_letter(config, event, result, request_id)


def _report(configuration, outcome, config, event, result, request_id, condition, attempts):
    destination = ((configuration.get("DestinationConfig") or {}).get(outcome) or {}).get("Destination")
    if not destination:
        return
    response = {"statusCode": 200, "executedVersion": config.get("Version", "$LATEST")}
    if result.get("error"):
        response["functionError"] = result.get("function_error") or "Unhandled"
    record = {
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": {"requestId": request_id, "functionArn": config["FunctionArn"], "condition": condition,
                           "approximateInvokeCount": attempts},
        "requestPayload": event,
        "responseContext": response,
        "responsePayload": _payload(result),
    }
    service = destination.split(":")[2]
    if service == "sqs":
        _send(config, destination, json.dumps(record))
    elif service == "lambda":
        target, target_config, _ = lambda_svc._get_func_record_for_ref(destination)
        if target:
            invoke(lambda_svc._execution_record_for_config(target, target_config), record)
    elif service == "sns":
        from ministack.services import sns
        sns._fanout(destination, new_uuid(), json.dumps(record), "", "", {})


def _dead_letter(config, event, result, request_id):
    target = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if target and target.split(":")[2] == "sqs":
        payload = _payload(result)
        message = payload.get("errorMessage", "") if isinstance(payload, dict) else str(payload)
        _send(config, target, json.dumps(event), {
            "RequestID": request_id, "ErrorCode": "200", "ErrorMessage": message[:1024]})


def _send(config, queue_arn, body, attributes=None):
    if role_rights.may(config.get("Role", ""), "sqs:SendMessage", queue_arn):
        queue_messages.put(queue_arn, body, attributes)


def _payload(result):
    body = result.get("body")
    try:
        return json.loads(body) if isinstance(body, (str, bytes)) else body
    except ValueError:
        return body if isinstance(body, str) else body.decode("utf-8", "replace")


def apply():
    seam.replace("ministack.services.lambda_svc.invoke_async_with_retry", lambda _: invoke)
