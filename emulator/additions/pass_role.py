"""Handing a role to a service."""

import json
from contextvars import ContextVar

import seam
from ministack.core.iam_actions import _query_param

NAME = "pass-role"
SUMMARY = ("A caller that gives CloudFormation, CodeBuild or Lambda a role needs iam:PassRole on it, with the service in "
           "iam:PassedToService.")
DOCUMENTATION = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"
REPLACES = ("ministack.core.iam_actions.extract_resource_arn", "ministack.core.iam_evaluator.enforce",
            "ministack.core.iam_actions.access_denied_response")

# Where the role stands in the calls that pass one: the service, its operations, the parameter.
_PASSING = (
    ("cloudformation", ("CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet"), "RoleARN"),
    ("codebuild", ("CreateProject", "UpdateProject"), "serviceRole"),
)
_PRINCIPALS = {"cloudformation": "cloudformation.amazonaws.com", "codebuild": "codebuild.amazonaws.com",
               "lambda": "lambda.amazonaws.com"}

_passed = ContextVar("clean_exit_passed_role", default=None)
_refused = ContextVar("clean_exit_refused_role", default=None)


def _role(service, method, path, headers, body, params):
    """The ARN of the role that the call passes, or None."""
    operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1] or _query_param(params, "Action")
    parameter = next((name for known, operations, name in _PASSING if known == service and operation in operations), None)
    if service == "lambda" and method in ("POST", "PUT") and path.rstrip("/").endswith(("/functions", "/configuration")):
        parameter = "Role"
    if parameter is None:
        return None
    if body[:1] == b"{":
        try:
            return json.loads(body).get(parameter)
        except (ValueError, UnicodeDecodeError, AttributeError):
            return None
    return _query_param(params, parameter) or None


def make_extract(extract):
    def remember_role(service, method, path, headers, body, query_params, region, account_id):
        _refused.set(None)
        _passed.set(_role(service, method, path, headers, body, query_params))
        return extract(service, method, path, headers, body, query_params, region, account_id)
    return remember_role


def make_enforce(enforce):
    def with_role(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        role = _passed.get()
        _passed.set(None)
        denied = enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn,
                         service_context=service_context)
        if denied or role is None:
            return denied
        denied = enforce(access_key_id, "iam:PassRole", "iam", region, resource_arn=role,
                         service_context={"iam:PassedToService": _PRINCIPALS[service]})
        if denied:
            _refused.set(role)
        return denied
    return with_role


def make_denied(access_denied_response):
    def name_role(service, action, principal_arn, *rest, resource_arn="*", **options):
        role = _refused.get()
        if role is not None:
            action, resource_arn = "iam:PassRole", role
        return access_denied_response(service, action, principal_arn, *rest, resource_arn=resource_arn, **options)
    return name_role


def apply():
    for dotted, make in zip(REPLACES, (make_extract, make_enforce, make_denied), strict=True):
        seam.replace(dotted, make)
