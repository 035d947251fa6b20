"""How an EventBridge rule gets an event to a Lambda function, and where the event goes when it cannot."""

import contextvars
import json

import queue_messages
import seam
from ministack import app
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, lambda_svc, sqs

NAME = "rule-to-lambda"
SUMMARY = ("A rule invokes a function asynchronously and only with a permission for that rule; an event that cannot be "
           "delivered goes to the dead-letter queue of the rule's target.")
DOCUMENTATION = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"
REPLACES = (
    "ministack.services.eventbridge._dispatch_to_lambda",
    "ministack.services.eventbridge._invoke_target",
)

_target_of_rule = contextvars.ContextVar("target_of_rule", default=({}, {}))


def _dispatch(function_arn, payload):
    target, rule = _target_of_rule.get()
    function, config, _ = lambda_svc._get_func_record_for_ref(function_arn)
    if not function or not config:
        return _undelivered(target, rule, payload, "NO_RESOURCE", f"Function not found: {function_arn}")
    if not _is_permitted(function_arn, rule):
        return _undelivered(target, rule, payload, "NO_PERMISSIONS",
                            "Lambda invocation failed because of missing permissions.")
    invoked = {**config, "FunctionArn": function_arn}  # with its qualifier, whose configuration counts
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, invoked), json.loads(payload))


def _is_permitted(function_arn, rule):
    if not app.AUTH:
        return True
    name, _ = lambda_svc._lambda_function_name_and_qualifier_from_arn(function_arn)
    base = lambda_svc._functions.get(name) or {}
    context = EvalContext(
        principal_arn="*", principal_type="Service", principal_account="", action="lambda:InvokeFunction",
        resource_arn=function_arn, region=get_region(),
        service_context={"aws:sourcearn": rule.get("Arn", ""), "aws:sourceaccount": get_account_id()})
    return evaluate_resource_policy(base.get("policy"), context, service="events.amazonaws.com").decision == "Allow"


def _undelivered(target, rule, payload, code, message):
    eventbridge.logger.warning("EventBridge: %s not delivered to %s: %s", rule.get("Name"), target.get("Arn"), message)
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue or not sqs.queue_policy_allows(queue, "events.amazonaws.com", rule.get("Arn", ""), get_account_id()):
        return
    queue_messages.put(queue, payload, {"RULE_ARN": rule.get("Arn", ""), "TARGET_ARN": target.get("Arn", ""),
                                        "ERROR_CODE": code, "ERROR_MESSAGE": message})


def _remember_target(invoke_target):
    def invoke(target, event, rule, view=None):
        scope = _target_of_rule.set((target, rule))
        try:
            invoke_target(target, event, rule, view)
        finally:
            _target_of_rule.reset(scope)
    return invoke


def apply():
    seam.replace("ministack.services.eventbridge._invoke_target", _remember_target)
    seam.replace("ministack.services.eventbridge._dispatch_to_lambda", lambda _: _dispatch)
