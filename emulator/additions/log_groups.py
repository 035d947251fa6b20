"""Deletion protection of log groups."""

import json

import resource_handler
import seam
from authorized_arns import group_name
from ministack.core.responses import error_response_json, json_response
from ministack.services import cloudwatch_logs as logs

NAME = "log-groups"
SUMMARY = ("A log group may be protected from deletion, then neither it nor its streams can be deleted, by "
           "CloudFormation neither; CloudFormation refuses to make a group that exists.")
DOCUMENTATION = ("https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"
                 "API_PutLogGroupDeletionProtection.html")
_LOGS = "ministack.services.cloudwatch_logs"
_CLOUDFORMATION = "ministack.services.cloudformation.provisioners"
REPLACES = (f"{_LOGS}.handle_request", f"{_LOGS}._create_log_group", f"{_LOGS}._delete_log_group",
            f"{_LOGS}._delete_log_stream", f"{_LOGS}._describe_log_groups", f"{_LOGS}._describe_log_streams",
            f"{_CLOUDFORMATION}._cwlogs_create", f"{_CLOUDFORMATION}._cwlogs_update",
            f"{_CLOUDFORMATION}._cwlogs_delete")

_PROTECTED = "Cannot delete log group with deletion protection enabled. Disable deletion protection first."


def _is_true(value):
    return str(value).lower() == "true"


def put_protection(data):
    group = logs._log_groups.get(group_name(data.get("logGroupIdentifier")))
    if group is None:
        return error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)
    group["deletionProtectionEnabled"] = _is_true(data.get("deletionProtectionEnabled"))
    return json_response({})


def make_handle(handle_request):
    async def handle(method, path, headers, body, query_params):
        if headers.get("x-amz-target", "").endswith(".PutLogGroupDeletionProtection"):
            return put_protection(json.loads(body or b"{}"))
        return await handle_request(method, path, headers, body, query_params)
    return handle


def make_create(create_log_group):
    def create(data):
        answer = create_log_group(data)
        if answer[0] == 200 and _is_true(data.get("deletionProtectionEnabled")):
            logs._log_groups[data["logGroupName"]]["deletionProtectionEnabled"] = True
        return answer
    return create


def make_delete(delete):
    """For groups and streams alike."""
    def delete_unless_protected(data):
        group = logs._log_groups.get(data.get("logGroupName")) or {}
        if group.get("deletionProtectionEnabled"):
            return error_response_json("ValidationException", _PROTECTED, 400)
        return delete(data)
    return delete_unless_protected


def make_describe_groups(describe_log_groups):
    def describe(data):
        status, headers, body = describe_log_groups(data)
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        for entry in answer["logGroups"]:
            group = logs._log_groups.get(entry["logGroupName"]) or {}
            entry["deletionProtectionEnabled"] = bool(group.get("deletionProtectionEnabled"))
        return json_response(answer)
    return describe


def make_describe_streams(describe_log_streams):
    def describe(data):
        name = group_name(data.get("logGroupName") or data.get("logGroupIdentifier"))
        return describe_log_streams({**data, "logGroupName": name})
    return describe


def make_template_create(create):
    def create_unless_exists(logical_id, props, stack_name):
        name = props.get("LogGroupName")
        if name in logs._log_groups:
            raise resource_handler.already_exists("AWS::Logs::LogGroup", "LogGroupName", name)
        name, attributes = create(logical_id, props, stack_name)
        logs._log_groups[name]["deletionProtectionEnabled"] = _is_true(props.get("DeletionProtectionEnabled"))
        return name, attributes
    return create_unless_exists


def make_template_update(update):
    def update_protection(physical_id, old_props, new_props, stack_name, logical_id=None):
        name, attributes = update(physical_id, old_props, new_props, stack_name, logical_id)
        if old_props.get("DeletionProtectionEnabled") != new_props.get("DeletionProtectionEnabled"):
            logs._log_groups[name]["deletionProtectionEnabled"] = _is_true(new_props.get("DeletionProtectionEnabled"))
        return name, attributes
    return update_protection


def delete_for_cloudformation(physical_id, _props):
    if physical_id in logs._log_groups:
        resource_handler.require_success("CloudWatchLogs", logs._delete_log_group({"logGroupName": physical_id}))


def apply():
    makers = (make_handle, make_create, make_delete, make_delete, make_describe_groups, make_describe_streams,
              make_template_create, make_template_update, lambda _: delete_for_cloudformation)
    for dotted, make in zip(REPLACES, makers, strict=True):
        seam.replace(dotted, make)
