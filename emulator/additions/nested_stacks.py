"""Nested stacks are created and deleted by the code of a root stack, so that everything a root does, they do."""

import asyncio
import contextvars

import seam
import stack_records as records
from ministack.core.concurrency import spawn_background
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import stacks

NAME = "nested-stacks"
SUMMARY = ("A nested stack is transformed, exports, fails and is deleted as any stack is: its failure is the parent's, "
           "and its siblings go on.")
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html"
REPLACES = (
    "ministack.services.cloudformation.provisioners._cfn_nested_stack_create",
    "ministack.services.cloudformation.provisioners._cfn_nested_stack_delete",
    "ministack.services.cloudformation.stacks._create_stack_task_in_region",
    "ministack.services.cloudformation.stacks._resource_policy",
)

# Set while the stack that a failed create or update had made is deleted: RetainExceptOnCreate does not retain then.
_undoing_its_creation = contextvars.ContextVar("undoing_its_creation", default=False)


def run_operation(operation, stack, stack_id=None):
    """Run a stack operation on a thread with a loop of its own, so that it may wait for nested stacks."""
    with stacks._stack_region_context(stack, stack_id):
        spawn_background(asyncio.run, operation, thread_name=f"stack-{stack['StackName']}")


def create(logical_id, properties, parent_name):
    """Create a nested stack: (stack ID, {"Outputs.Name": value}). Raises RuntimeError with CloudFormation's reason."""
    parent = cfn._stacks[parent_name]
    child = records.new_nested_record(logical_id, properties, parent)
    name, stack_id = child["StackName"], child["StackId"]
    stacks._add_event(parent["StackId"], parent_name, logical_id, records.STACK_TYPE, "CREATE_IN_PROGRESS",
                      "Resource creation Initiated", stack_id)
    stacks._add_event(stack_id, name, name, records.STACK_TYPE, "CREATE_IN_PROGRESS", physical_id=stack_id)
    asyncio.run(stacks._deploy_stack_async(name, stack_id, child["_template"], child["_resolved_params"],
                                           disable_rollback=True, tags=child["Tags"]))
    if child["StackStatus"] != "CREATE_COMPLETE":
        records.keep_half_made(parent, logical_id, records.STACK_TYPE, stack_id, properties)
        raise RuntimeError(f"Embedded stack {stack_id} was not successfully created: {child['StackStatusReason']}")
    return stack_id, records.outputs_as_attributes(child)


def delete(stack_id, _properties):
    """Delete a nested stack. Raises RuntimeError with CloudFormation's reason when something in it stays."""
    child = records.by_id(stack_id)
    if child is None or child["StackStatus"] == "DELETE_COMPLETE":
        return
    parent = records.parent_of(child) or {}
    if parent.get("RoleARN"):
        child["RoleARN"] = parent["RoleARN"]
    scope = _undoing_its_creation.set(_undoing_its_creation.get() or "ROLLBACK" in parent.get("StackStatus", ""))
    try:
        asyncio.run(stacks._delete_stack_async(records.key_of(child), stack_id))
    finally:
        _undoing_its_creation.reset(scope)
    if child["StackStatus"] != "DELETE_COMPLETE":
        raise RuntimeError(f"Embedded stack {stack_id} was not successfully deleted: {child['StackStatusReason']}")


def _policy_of_undone_resources(resource_policy):
    def policy(*arguments):
        value = resource_policy(*arguments)
        return "Delete" if value == "RetainExceptOnCreate" and _undoing_its_creation.get() else value
    return policy


def apply():
    seam.replace("ministack.services.cloudformation.stacks._create_stack_task_in_region", lambda _: run_operation)
    seam.replace("ministack.services.cloudformation.stacks._resource_policy", _policy_of_undone_resources)
    seam.replace("ministack.services.cloudformation.provisioners._cfn_nested_stack_create", lambda _: create)
    seam.replace("ministack.services.cloudformation.provisioners._cfn_nested_stack_delete", lambda _: delete)
