"""What a service may do with a role that it has assumed."""

from ministack.core.iam_evaluator import EvalContext, _gather_role_policies, evaluate
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, iam


def may(role_arn, action, resource):
    """Whether the role's policies allow the action. Without enforcement, and for a role that does not exist (MiniStack
    accepts such roles), everything is allowed."""
    from ministack.app import AUTH
    role_name = role_arn.rsplit("/", 1)[-1]
    if not AUTH or role_name not in iam._roles:
        return True
    account = get_account_id()
    context = EvalContext(principal_arn=f"arn:aws:sts::{account}:assumed-role/{role_name}/service",
                          principal_type="AssumedRole", principal_account=account, action=action,
                          resource_arn=resource, region=get_region())
    return evaluate(context, _gather_role_policies(role_name, account)).decision == "Allow"


def why_not_log(role_arn, group, stream):
    """Why the role cannot write into the stream of a log group, which it makes if it is gone and the role may; else
    None."""
    resource = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:"
    if group not in cloudwatch_logs._log_groups and not may(role_arn, "logs:CreateLogGroup", resource):
        return f"log group {group} does not exist and {role_arn} may not make it"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        if not may(role_arn, action, resource + stream):
            return f"{role_arn} may not {action} in {group}"
    return None
