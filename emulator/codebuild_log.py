"""Writing a build's log with the rights of its role, as CodeBuild does."""

import time

from ministack.core.iam_evaluator import EvalContext, _gather_role_policies, evaluate
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, iam


def _allowed(role_arn, action, group, stream=""):
    """Whether the role's policies allow a Logs action. Without enforcement, and for a role that does not exist
    (MiniStack accepts such projects), everything is allowed."""
    from ministack.app import AUTH
    role_name = role_arn.rsplit("/", 1)[-1]
    if not AUTH or role_name not in iam._roles:
        return True
    account, region = get_account_id(), get_region()
    context = EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{role_name}/AWSCodeBuild", principal_type="AssumedRole",
        principal_account=account, action=f"logs:{action}", region=region,
        resource_arn=f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{stream}")
    return evaluate(context, _gather_role_policies(role_name, account)).decision == "Allow"


def write(role_arn, group, stream, lines):
    """Write the lines; a group that is gone is made again if the role may. Return why nothing was written, or None."""
    if group not in cloudwatch_logs._log_groups:
        if not _allowed(role_arn, "CreateLogGroup", group):
            return f"log group {group} does not exist and the build's role may not make it"
        cloudwatch_logs._create_log_group({"logGroupName": group})
    for action in ("CreateLogStream", "PutLogEvents"):
        if not _allowed(role_arn, action, group, stream):
            return f"the build's role may not logs:{action} in {group}"
    names = {"logGroupName": group, "logStreamName": stream}
    cloudwatch_logs._create_log_stream(names)  # refuses harmlessly when the stream is there
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line if line.endswith("\n") else f"{line}\n"} for line in lines]
    cloudwatch_logs._put_log_events({**names, "logEvents": events})
    return None
