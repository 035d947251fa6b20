"""What DescribeStacks says about a stack, and how a deleted stack is found."""

import re

import seam
import stack_records as records
from ministack.core.responses import now_iso
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import handlers, helpers

NAME = "stack-descriptions"
SUMMARY = ("DescribeStacks gives ParentId, RootId, RoleARN and DeletionTime; a deleted stack is found by its ID only, "
           "also after its name was used again.")
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html"
REPLACES = (
    "ministack.services.cloudformation.changesets._create_change_set",
    "ministack.services.cloudformation.handlers._create_stack",
    "ministack.services.cloudformation.handlers._delete_stack",
    "ministack.services.cloudformation.handlers._describe_stacks",
    "ministack.services.cloudformation.handlers._resolve_stack",
    "ministack.services.cloudformation.handlers._update_stack",
    "ministack.services.cloudformation.stacks._add_event",
)

_STACK_ID = re.compile(r"<StackId>([^<]+)</StackId>")


def _with_more_fields(describe_stacks):
    def describe(params):
        status, headers, body = describe_stacks(params)
        if status != 200:
            return status, headers, body

        def add(match):
            stack = records.by_id(match[1]) or {}
            fields = "".join(f"<{field}>{helpers._esc(stack[field])}</{field}>"
                             for field in ("ParentId", "RootId", "RoleARN", "DeletionTime") if stack.get(field))
            return match[0] + fields
        return status, headers, _STACK_ID.sub(add, body.decode()).encode()
    return describe


def _find_deleted_by_id_only(_resolve_stack):
    def resolve(name):
        stack = cfn._stacks.get(name)
        if stack is not None and (stack["StackStatus"] != "DELETE_COMPLETE" or name == stack["StackId"]):
            return stack
        return records.by_id(name)
    return resolve


def _keep_deleted(create):
    """A stack that takes the name of a deleted one leaves that one under its ID."""
    def keep_and_create(params):
        name = helpers._p(params, "StackName")
        former = cfn._stacks.get(name)
        answer = create(params)
        if former is not None and former["StackStatus"] == "DELETE_COMPLETE" and cfn._stacks.get(name) is not former:
            cfn._stacks[former["StackId"]] = former
        return _keep_role(answer, params)
    return keep_and_create


def _keep_role(answer, params):
    stack, role = handlers._resolve_stack(helpers._p(params, "StackName")), helpers._p(params, "RoleARN")
    if answer[0] == 200 and stack is not None and role:
        stack["RoleARN"] = role
    return answer


def _keep_role_of_operation(operate):
    return lambda params: _keep_role(operate(params), params)


def _keep_role_of_delete(delete_stack):
    def delete(params):
        # Before the operation: its nested stacks take the role from here.
        _keep_role((200,), params)
        return delete_stack(params)
    return delete


def _with_deletion_time(add_event):
    def add(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", detailed_status=""):
        stack = records.by_id(stack_id)
        if (status == "DELETE_IN_PROGRESS" and stack is not None
                and records.is_stack_itself(stack_id, logical_id, resource_type, physical_id)):
            stack["DeletionTime"] = now_iso()
        add_event(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)
    return add


def apply():
    prefix = "ministack.services.cloudformation."
    seam.replace(f"{prefix}handlers._describe_stacks", _with_more_fields)
    seam.replace(f"{prefix}handlers._resolve_stack", _find_deleted_by_id_only)
    seam.replace(f"{prefix}handlers._create_stack", _keep_deleted)
    seam.replace(f"{prefix}changesets._create_change_set", _keep_deleted)
    seam.replace(f"{prefix}handlers._update_stack", _keep_role_of_operation)
    seam.replace(f"{prefix}handlers._delete_stack", _keep_role_of_delete)
    seam.replace(f"{prefix}stacks._add_event", _with_deletion_time)
