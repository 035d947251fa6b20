"""The resource that a call is authorized on."""

import json
from contextvars import ContextVar

import authorized_arns
import seam
from ministack.core.iam_actions import _query_param

NAME = "resource-arns"
SUMMARY = ("Policies are matched against the ARNs that AWS uses: log-group:NAME:log-stream:STREAM, IAM names with "
           "their path, the project of a build, the real ARN of a stack, the alias of a function, every item of a list.")
DOCUMENTATION = ("https://docs.aws.amazon.com/service-authorization/latest/reference/"
                 "reference_policies_actions-resources-contextkeys.html")
REPLACES = ("ministack.core.iam_actions.extract_resource_arn", "ministack.core.iam_actions.logs_service_context",
            "ministack.core.iam_evaluator.enforce")

# The ARNs of the call in hand that must be allowed besides the first one. MiniStack asks for one ARN, then checks it.
_others = ContextVar("clean_exit_other_arns", default=())


def _data(body):
    try:
        data = json.loads(body) if body[:1] == b"{" else {}
    except (ValueError, UnicodeDecodeError):
        return {}
    return data if isinstance(data, dict) else {}


def make_extract(extract):
    def with_aws_arns(service, method, path, headers, body, query_params, region, account_id):
        _others.set(())
        known = authorized_arns.SERVICES.get(service)
        if known is not None:
            action = headers.get("x-amz-target", "").rsplit(".", 1)[-1] or _query_param(query_params, "Action")
            arns = known(action, _data(body), authorized_arns.Scope(region, account_id), query_params)
            if arns:
                _others.set(tuple(arns[1:]))
                return arns[0]
        arn = extract(service, method, path, headers, body, query_params, region, account_id)
        qualifier = _query_param(query_params, "Qualifier") if service == "lambda" else ""
        if qualifier and path.endswith("/invocations") and arn.count(":") == 6:
            return f"{arn}:{qualifier}"
        return arn
    return with_aws_arns


def make_logs_context(logs_service_context):
    def with_group_arn(action, body, resource_arn, region, account_id):
        return logs_service_context(action, body, resource_arn.split(":log-stream:", 1)[0], region, account_id)
    return with_group_arn


def make_enforce(enforce):
    def for_every_arn(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        others = _others.get()
        _others.set(())  # MiniStack's own further checks of this call name their ARNs themselves
        for arn in (resource_arn, *others):
            denied = enforce(access_key_id, iam_action, service, region, resource_arn=arn,
                             service_context=service_context)
            if denied:
                return denied
        return None
    return for_every_arn


def apply():
    seam.replace(REPLACES[0], make_extract)
    seam.replace(REPLACES[1], make_logs_context)
    seam.replace(REPLACES[2], make_enforce)
