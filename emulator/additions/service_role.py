"""The role that CloudFormation acts with: whether it can be assumed, and what it may delete."""

import json
import re

import seam
from ministack import app
from ministack.core.iam_evaluator import (
    EvalContext,
    _gather_role_policies,
    _service_principal_matches,
    evaluate,
)
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudformation as cfn
from ministack.services import iam
from ministack.services.cloudformation import handlers, helpers

NAME = "service-role"
SUMMARY = ("The role of a stack must exist and trust CloudFormation; what it may not delete (repositories, log groups, "
           "roles, users, groups, projects, functions, nested stacks, custom resources) stays.")
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html"
REPLACES = (
    "ministack.services.cloudformation.handle_request",
    "ministack.services.cloudformation.stacks._delete_resource",
)

_OPERATIONS = {"CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet", "ExecuteChangeSet"}
_SERVICE = "cloudformation.amazonaws.com"
_CUSTOM = re.compile(r"Custom::|AWS::CloudFormation::CustomResource$")

# What the delete of a resource calls, and the ARN that it is authorized on.
_DELETES = {
    "AWS::CloudFormation::Stack": (("cloudformation:DescribeStacks", "cloudformation:DeleteStack"), "{id}"),
    "AWS::CodeBuild::Project": (("codebuild:DeleteProject",), "arn:aws:codebuild:{region}:{account}:project/{id}"),
    "AWS::ECR::Repository": (("ecr:DeleteRepository",), "arn:aws:ecr:{region}:{account}:repository/{id}"),
    "AWS::Lambda::Function": (("lambda:DeleteFunction",), "arn:aws:lambda:{region}:{account}:function:{id}"),
    "AWS::Logs::LogGroup": (("logs:DescribeLogGroups", "logs:DeleteLogGroup"),
                            "arn:aws:logs:{region}:{account}:log-group:{id}:log-stream:"),
}


def _guarded(handle_request):
    async def handle(method, path, headers, body, query_params):
        params = app._routing_params(method, path, headers, body, query_params)
        if app.AUTH and helpers._p(params, "Action") in _OPERATIONS:
            refusal = _refusal(params)
            if refusal:
                return refusal
        return await handle_request(method, path, headers, body, query_params)
    return handle


def _refusal(params):
    stack = handlers._resolve_stack(helpers._p(params, "StackName")) or {}
    role_arn = helpers._p(params, "RoleARN") or stack.get("RoleARN")
    if not role_arn:
        return None
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    if role is None or not _trusts_cloudformation(role):
        return helpers._error("ValidationError", f"Role {role_arn} is invalid or cannot be assumed")
    return None


def _trusts_cloudformation(role):
    document = role.get("AssumeRolePolicyDocument") or {}
    document = json.loads(document) if isinstance(document, str) else document
    statements = document.get("Statement", [])
    return any(statement.get("Effect") == "Allow" and "sts:AssumeRole" in str(statement.get("Action"))
               and _service_principal_matches(statement.get("Principal"), _SERVICE)
               for statement in ([statements] if isinstance(statements, dict) else statements))


def _role_calls(name):
    role = iam._roles.get(name) or {}
    actions = ["iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"]
    actions += ["iam:DeleteRolePolicy"] if role.get("InlinePolicies") else []
    actions += ["iam:DetachRolePolicy"] if role.get("AttachedPolicies") else []
    return [(action, role.get("Arn", "*")) for action in (*actions, "iam:DeleteRole")]


def _user_calls(name):
    user = iam._users.get(name) or {}
    groups = [group["Arn"] for group in iam._groups.values() if name in group["Users"]]
    actions = ["iam:GetUser", "iam:ListGroupsForUser", "iam:ListAttachedUserPolicies", "iam:ListUserPolicies",
               "iam:ListAccessKeys", "iam:GetLoginProfile"]
    actions += ["iam:DetachUserPolicy"] if user.get("AttachedPolicies") else []
    actions += ["iam:DeleteUserPolicy"] if iam._user_inline_policies.get(name) else []
    actions += ["iam:DeleteLoginProfile"] if name in iam._login_profiles else []
    actions += ["iam:DeleteAccessKey"] if any(key["UserName"] == name for key in iam._access_keys.values()) else []
    return [*(("iam:RemoveUserFromGroup", arn) for arn in groups),
            *((action, user.get("Arn", "*")) for action in (*actions, "iam:DeleteUser"))]


def _group_calls(name):
    group = iam._groups.get(name) or {}
    actions = ["iam:GetGroup", "iam:ListAttachedGroupPolicies", "iam:ListGroupPolicies"]
    actions += ["iam:DetachGroupPolicy"] if group.get("AttachedPolicies") else []
    actions += ["iam:DeleteGroupPolicy"] if iam._group_inline_policies.get(name) else []
    return [(action, group.get("Arn", "*")) for action in (*actions, "iam:DeleteGroup")]


_IAM_CALLS = {"AWS::IAM::Role": _role_calls, "AWS::IAM::User": _user_calls, "AWS::IAM::Group": _group_calls}


def _calls(resource_type, physical_id, properties):
    """The actions that deleting a resource needs, with their ARNs: those of its type's delete handler, as far as there is
    something for them to do."""
    if _CUSTOM.match(resource_type):
        return [("lambda:InvokeFunction", properties.get("ServiceToken", "*"))]
    if resource_type in _IAM_CALLS:
        return _IAM_CALLS[resource_type](physical_id)
    if resource_type == "AWS::IAM::UserToGroupAddition":
        group = iam._groups.get(properties.get("GroupName")) or {}
        return [("iam:RemoveUserFromGroup", group.get("Arn", "*"))]
    if resource_type in _DELETES:
        actions, arn = _DELETES[resource_type]
        arn = arn.format(id=physical_id, region=get_region(), account=get_account_id())
        return [(action, arn) for action in actions]
    return []


def _with_the_rights_of_the_role(delete_resource):
    def delete(resource_type, physical_id, properties, stack_name=None, logical_id=None):
        role_arn = (cfn._stacks.get(stack_name) or {}).get("RoleARN")
        if app.AUTH and role_arn:
            for action, arn in _calls(resource_type, physical_id, properties):
                _require(role_arn, action, arn)
        return delete_resource(resource_type, physical_id, properties, stack_name, logical_id)
    return delete


def _require(role_arn, action, resource_arn):
    name, account = role_arn.rsplit("/", 1)[-1], get_account_id()
    session = f"arn:aws:sts::{account}:assumed-role/{name}/AWSCloudFormation"
    context = EvalContext(principal_arn=session, principal_type="AssumedRole", principal_account=account, action=action,
                          resource_arn=resource_arn, region=get_region())
    if evaluate(context, _gather_role_policies(name, account)).decision != "Allow":
        raise RuntimeError(
            f'Resource handler returned message: "User: {session} is not authorized to perform: {action} on resource: '
            f'{resource_arn} because no identity-based policy allows the {action} action (Status Code: 403, Request '
            f'ID: {new_uuid()})" (RequestToken: {new_uuid()}, HandlerErrorCode: AccessDenied)')


def apply():
    seam.replace("ministack.services.cloudformation.handle_request", _guarded)
    seam.replace("ministack.services.cloudformation.stacks._delete_resource", _with_the_rights_of_the_role)
