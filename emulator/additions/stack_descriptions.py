"""What DescribeStacks says about a stack, and how a deleted stack is found."""

import contextvars
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

_role_of_operation = contextvars.ContextVar("role_of_operation", default="")
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
        return answer
    return keep_and_create


def _with_role(operate):
    """The role of an operation stays with the stack, and its nested stacks get it."""
    def operate_with_role(params):
        role = helpers._p(params, "RoleARN")
        stack = handlers._resolve_stack(helpers._p(params, "StackName"))
        if role and stack is not None:
            stack["RoleARN"] = role
        scope = _role_of_operation.set(role)
        try:
            return operate(params)
        finally:
            _role_of_operation.reset(scope)
    return operate_with_role


def _with_role_and_deletion_time(add_event):
    def add(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", detailed_status=""):
        if records.is_stack_itself(stack_id, logical_id, resource_type, physical_id):
            stack = records.by_id(stack_id)
            if stack is not None and _role_of_operation.get():
                stack["RoleARN"] = _role_of_operation.get()
            if stack is not None and status == "DELETE_IN_PROGRESS":
                stack["DeletionTime"] = now_iso()
        add_event(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)
    return add


def apply():
    prefix = "ministack.services.cloudformation."
    seam.replace(f"{prefix}handlers._describe_stacks", _with_more_fields)
    seam.replace(f"{prefix}handlers._resolve_stack", _find_deleted_by_id_only)
    for create in ("handlers._create_stack", "changesets._create_change_set"):
        seam.replace(f"{prefix}{create}", lambda current: _with_role(_keep_deleted(current)))
    for operation in ("handlers._update_stack", "handlers._delete_stack"):
        seam.replace(f"{prefix}{operation}", _with_role)
    seam.replace(f"{prefix}stacks._add_event", _with_role_and_deletion_time)
