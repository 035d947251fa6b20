"""CloudFormation's sentences for a stack that fails, instead of MiniStack's."""

import re

import seam
import stack_records as records
from ministack.services import cloudformation as cfn

NAME = "failure-reasons"
SUMMARY = "A stack that fails names the resources: \"The following resource(s) failed to create: [..]\"."
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html"
REPLACES = ("ministack.services.cloudformation.stacks._add_event",)

_MINISTACK_REASON = re.compile(r"Resource (\S+) failed: ", re.DOTALL)


def _failed_resources(stack_id, status):
    failed = []
    for event in cfn._stack_events.get(stack_id, []):
        if records.is_stack_itself(stack_id, event["LogicalResourceId"], event["ResourceType"],
                                   event["PhysicalResourceId"]):
            if event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
                failed = []  # an operation begins
        elif event["ResourceStatus"] == status and event["LogicalResourceId"] not in failed:
            failed.append(event["LogicalResourceId"])
    return failed


def _reason(stack_id, status, reason):
    failed = _MINISTACK_REASON.match(reason)
    if status in ("CREATE_FAILED", "UPDATE_FAILED") and failed:
        verb = "create" if status == "CREATE_FAILED" else "update"
        return f"The following resource(s) failed to {verb}: [{failed[1]}]. "
    if status == "ROLLBACK_IN_PROGRESS" and reason == "Rollback requested":
        if names := _failed_resources(stack_id, "CREATE_FAILED"):
            return f"The following resource(s) failed to create: [{', '.join(names)}]. Rollback requested by user."
    return reason


def _with_reasons(add_event):
    def add(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", detailed_status=""):
        if records.is_stack_itself(stack_id, logical_id, resource_type, physical_id):
            reason = _reason(stack_id, status, reason)
            stack = records.by_id(stack_id)
            if stack is not None and stack.get("StackStatus") == status:
                stack["StackStatusReason"] = reason
        add_event(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)
    return add


def apply():
    seam.replace("ministack.services.cloudformation.stacks._add_event", _with_reasons)
