"""The ARNs that AWS authorizes a call on, for the services whose calls MiniStack authorizes on others.

Every function returns a list (all of its ARNs must be allowed), or None to leave the answer to MiniStack.
"""

from ministack.core.iam_actions import _query_param
from ministack.services import codebuild, iam
from ministack.services import cloudformation


def logs(action, data, scope, _params):
    """AWS names a group as log-group:NAME:log-stream: in every check but those on tags, so a statement needs
    `log-group:NAME:*`; DescribeLogGroups is checked on an empty name, also when it is called with a prefix."""
    if action in ("TagResource", "UntagResource", "ListTagsForResource"):
        return [data.get("resourceArn") or "*"]
    if action == "DescribeLogGroups":
        return [scope("logs", "log-group::log-stream:")]
    name = group_name(data.get("logGroupName") or data.get("logGroupIdentifier") or data.get("resourceIdentifier"))
    if name is None:
        return None
    return [scope("logs", f"log-group:{name}:log-stream:{data.get('logStreamName') or ''}")]


def group_name(identifier):
    if isinstance(identifier, str) and identifier.startswith("arn:"):
        return identifier.split(":log-group:", 1)[-1].split(":", 1)[0]
    return identifier if isinstance(identifier, str) and identifier else None


def ecr(action, data, scope, _params):
    if data.get("resourceArn"):
        return [data["resourceArn"]]
    if action == "DescribeRepositories":
        return [scope("ecr", f"repository/{name}") for name in data.get("repositoryNames") or ["*"]]
    return None


def codebuild_project(action, data, scope, _params):
    """Builds have no resource of their own: a call that names a build is authorized on its project."""
    if action in ("GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy"):
        return [data.get("resourceArn") or "*"]
    if action in ("StopBuild", "RetryBuild"):
        named = [data.get("id")]
    else:
        named = data.get("ids") if action in ("BatchGetBuilds", "BatchDeleteBuilds") else None
        named = named or data.get("names") or [data.get("projectName") or data.get("name")]
    if action in ("BatchGetReportGroups", "DeleteReportGroup", "DeleteReport", "ListReportsForReportGroup"):
        arns = data.get("reportGroupArns") or [data.get("reportGroupArn") or data.get("arn")]
        return [str(arn).replace(":report/", ":report-group/").rsplit(":", 1)[0]
                if ":report/" in str(arn) else str(arn) for arn in arns]
    projects = list(dict.fromkeys(_project(name) for name in named if isinstance(name, str) and name))
    return [scope("codebuild", f"project/{name}") for name in projects] or None


def _project(identifier):
    """The project's name from its name, its ARN, a build's id or a build's ARN."""
    name = identifier.rsplit("/", 1)[-1] if identifier.startswith("arn:") else identifier
    return name.split(":", 1)[0]


_ENTITIES = (("RoleName", "role", iam._roles), ("UserName", "user", iam._users), ("GroupName", "group", iam._groups),
             ("InstanceProfileName", "instance-profile", iam._instance_profiles))
_ON_PROFILE = {"AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"}
_ON_GROUP = {"AddUserToGroup", "RemoveUserFromGroup"}


def iam_entity(action, _data, scope, params):
    """The entity's own ARN with its path; the group for memberships, the instance profile for its roles."""
    if action == "DeleteVirtualMFADevice":
        return [_query_param(params, "SerialNumber") or "*"]
    for field, kind, entities in _ENTITIES:
        name = _query_param(params, field)
        if not name or (action in _ON_PROFILE and kind != "instance-profile") or (
                action in _ON_GROUP and kind != "group"):
            continue
        entity = entities.get(name)
        if entity and entity.get("Arn"):
            return [entity["Arn"]]
        return [f"arn:aws:iam::{scope.account}:{kind}{_query_param(params, 'Path') or '/'}{name}"]
    return None


def stack(action, _data, scope, params):
    """The stack's real ARN; of a call that names no stack but may, `stack/*/*`."""
    name = _query_param(params, "StackName")
    if not name:
        return [scope("cloudformation", "stack/*/*")] if action == "DescribeStacks" else None
    if name.startswith("arn:"):
        return [name]
    found = cloudformation._stacks.get(name)
    return [found["StackId"]] if found else [scope("cloudformation", f"stack/{name}/*")]


def parameter(action, data, scope, _params):
    if action == "GetParametersByPath":
        return [_parameter(scope, data.get("Path") or "/")]
    if action in ("GetParameters", "DeleteParameters"):
        return [_parameter(scope, name) for name in data.get("Names") or ()] or None
    return [_parameter(scope, data["Name"])] if data.get("Name") and "Parameter" in action else None


def _parameter(scope, name):
    if name.startswith("arn:"):
        return name
    return scope("ssm", f"parameter/{name.split(':', 1)[0].lstrip('/')}")


SERVICES = {
    "logs": logs, "ecr": ecr, "codebuild": codebuild_project, "iam": iam_entity, "cloudformation": stack,
    "ssm": parameter,
}


class Scope:
    """Makes ARNs of an account and Region."""

    def __init__(self, region, account):
        self.region = region
        self.account = account

    def __call__(self, service, resource):
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"
