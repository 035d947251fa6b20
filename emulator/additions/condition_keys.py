"""Condition keys of policies."""

import seam
from ministack.core.iam_actions import _query_param
from ministack.core.iam_evaluator import _role_name_from_assumed_arn
from ministack.services import codebuild, iam

NAME = "condition-keys"
SUMMARY = ("iam:PolicyARN and iam:PermissionsBoundary are set by the IAM calls that name a policy, cloudformation:RoleArn "
           "by the calls that pass CloudFormation a role; aws:PrincipalArn of a session is its role; aws:ResourceTag is "
           "known for ECR repositories, CodeBuild projects and stacks.")
DOCUMENTATION = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html"
REPLACES = ("ministack.core.iam_actions.request_tag_context", "ministack.core.iam_evaluator._resolve_condition_key",
            "ministack.services.tagging.resource_tags")


def make_request_context(request_tag_context):
    def with_policy_arn(service, iam_action, body, params):
        context = request_tag_context(service, iam_action, body, params)
        if service == "iam":
            policy, boundary = _query_param(params, "PolicyArn"), _query_param(params, "PermissionsBoundary")
            if policy and ("Attach" in iam_action or "Detach" in iam_action):
                context["iam:PolicyARN"] = policy
            if boundary:
                context["iam:PermissionsBoundary"] = boundary
        if service == "cloudformation" and (role := _query_param(params, "RoleARN")):
            context["cloudformation:RoleArn"] = role
        return context
    return with_policy_arn


def make_resolve(resolve):
    def with_role_arn(key, ctx):
        if key.lower() == "aws:principalarn" and ":assumed-role/" in ctx.principal_arn:
            role = iam._roles.get_scoped(ctx.principal_account, None, _role_name_from_assumed_arn(ctx.principal_arn))
            if role:
                return role["Arn"]
        return resolve(key, ctx)
    return with_role_arn


def make_resource_tags(resource_tags):
    def with_more_services(arn):
        found = resource_tags(arn)
        if found is not None:
            return found
        parts = arn.split(":", 5)
        collect = _MORE.get(parts[2]) if len(parts) == 6 else None
        tags = collect(parts[5], arn) if collect else None
        if tags is None:
            return None
        return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) for tag in tags}
    return with_more_services


def _repository_tags(resource, _arn):
    from ministack.services import ecr
    repository = ecr._repositories.get(resource.removeprefix("repository/"))
    return repository.get("tags") or [] if repository else None


def _project_tags(resource, _arn):
    project = codebuild._projects.get(resource.removeprefix("project/"))
    return project.get("tags") or [] if project else None


def _stack_tags(resource, arn):
    from ministack.services import cloudformation
    stack = cloudformation._stacks.get(resource.split("/")[1]) if resource.startswith("stack/") else None
    return stack.get("Tags") or [] if stack and stack.get("StackId") == arn else None


_MORE = {"ecr": _repository_tags, "codebuild": _project_tags, "cloudformation": _stack_tags}


def apply():
    seam.replace(REPLACES[0], make_request_context)
    seam.replace(REPLACES[1], make_resolve)
    seam.replace(REPLACES[2], make_resource_tags)
