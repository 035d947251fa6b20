"""Writing a build's log with the rights of its role, as CodeBuild does."""

import time

import role_rights
from ministack.services import cloudwatch_logs


def write(role_arn, group, stream, lines):
    """Write the lines. Return why nothing was written, or None."""
    reason = role_rights.why_not_log(role_arn, group, stream)
    if reason:
        return reason
    names = {"logGroupName": group, "logStreamName": stream}
    cloudwatch_logs._create_log_group({"logGroupName": group})  # these two refuse harmlessly what exists
    cloudwatch_logs._create_log_stream(names)
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line if line.endswith("\n") else f"{line}\n"} for line in lines]
    cloudwatch_logs._put_log_events({**names, "logEvents": events})
    return None
