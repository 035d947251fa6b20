"""The update of a nested stack keeps what it replaces and removes until the whole tree has been updated."""

import asyncio
import threading

import seam
import stack_records as records
from additions import nested_stacks
from ministack.core.concurrency import spawn_background
from ministack.core.responses import now_iso
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import stacks

NAME = "nested-updates"
SUMMARY = ("An update cleans up only when every nested stack has been updated: until then, in "
           "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, a nested stack can still go back; a failing one makes its parents go "
           "back.")
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html"
REPLACES = (
    "ministack.services.cloudformation.provisioners._cfn_nested_stack_update",
    "ministack.services.cloudformation.stacks._add_event",
    "ministack.services.cloudformation.stacks._delete_resource",
    "ministack.services.cloudformation.stacks._deploy_stack_async",
    "ministack.services.cloudformation.stacks._resolve_stack_outputs",
    "ministack.services.cloudformation.stacks._roll_back_operation",
)

CLEANUP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
_PARENT_WENT_BACK = "the parent stack rolled its update back"
_waiting = {}  # stack ID of a nested stack -> its update that waits for the root's verdict


class _ParentWentBack(Exception):
    """Makes the update of a nested stack roll back as a failure of its own would."""


class _Update:
    """The update of one nested stack, on its own thread, between its own success and the end of the root's update."""

    def __init__(self, stack):
        self.stack = stack
        self.settled = threading.Event()  # its resources are updated, or it failed and went back
        self.decided = threading.Event()
        self.ended = threading.Event()
        self.goes_back = False
        self.outputs = None

    def run(self, operation):
        try:
            asyncio.run(operation)
        finally:
            _waiting.pop(self.stack["StackId"], None)
            self.settled.set()
            self.ended.set()

    def wait_for_verdict(self, outputs):
        self.outputs = outputs
        self.settled.set()
        self.decided.wait()
        if self.goes_back:
            raise _ParentWentBack(_PARENT_WENT_BACK)

    def decide(self, goes_back):
        self.goes_back = goes_back
        self.decided.set()
        self.ended.wait()


def update(stack_id, _old_properties, properties, parent_name):
    """Update a nested stack in place, or send it back when the parent is rolling back."""
    child, parent = records.by_id(stack_id), cfn._stacks[parent_name]
    if child is None or child["StackStatus"] == "DELETE_COMPLETE":
        raise RuntimeError(f"Stack [{stack_id}] does not exist")
    if "ROLLBACK" in parent["StackStatus"]:
        _send_back(child)
    else:
        definition = records.nested_definition(properties, parent, child)
        if not records.has_no_updates(child, definition):
            return stack_id, _update_to(child, definition)
    return stack_id, records.outputs_as_attributes(child)


def _update_to(child, definition):
    name, stack_id, previous = child["StackName"], child["StackId"], records.before_update(child)
    child.update(definition, StackStatus="UPDATE_IN_PROGRESS", StackStatusReason="", LastUpdatedTime=now_iso())
    stacks._add_event(stack_id, name, name, records.STACK_TYPE, "UPDATE_IN_PROGRESS", physical_id=stack_id)
    operation = _waiting[stack_id] = _Update(child)
    spawn_background(operation.run, stacks._deploy_stack_async(
        name, stack_id, definition["_template"], definition["_resolved_params"], disable_rollback=False,
        tags=definition["Tags"], is_update=True, previous_stack=previous), thread_name=f"stack-{name}")
    operation.settled.wait()
    if operation.outputs is None:
        raise RuntimeError(f"Embedded stack {stack_id} was not successfully updated. Currently in "
                           f"UPDATE_ROLLBACK_IN_PROGRESS with reason: {_rollback_reason(stack_id)}")
    return {f"Outputs.{output['OutputKey']}": output["OutputValue"] for output in operation.outputs}


def _rollback_reason(stack_id):
    began = ("UPDATE_ROLLBACK_IN_PROGRESS", stack_id)
    return next((event["ResourceStatusReason"] for event in reversed(cfn._stack_events.get(stack_id, []))
                 if (event["ResourceStatus"], event["PhysicalResourceId"]) == began), "")


def _send_back(child):
    operation = _waiting.get(child["StackId"])
    if operation:
        operation.decide(goes_back=True)
    elif child["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        asyncio.run(stacks._continue_update_rollback_async(child["StackName"], child["StackId"], frozenset()))
    if child["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        raise RuntimeError(f"Embedded stack {child['StackId']} was not successfully updated. Currently in "
                           f"UPDATE_ROLLBACK_FAILED with reason: {child['StackStatusReason']}")


def _decide_children(stack_id, goes_back):
    for operation in [update for update in list(_waiting.values()) if update.stack.get("ParentId") == stack_id]:
        operation.decide(goes_back)


def _cleanup_when_all_are_updated(resolve_outputs):
    def resolve(outputs_defs, conditions, resources, parameters, mappings, stack_name, stack_id):
        resolved = resolve_outputs(outputs_defs, conditions, resources, parameters, mappings, stack_name, stack_id)
        stack = cfn._stacks.get(stack_name, {})
        if stack.get("StackStatus") != "UPDATE_IN_PROGRESS":
            return resolved
        stack["StackStatus"] = CLEANUP
        stacks._add_event(stack_id, stack_name, stack_name, records.STACK_TYPE, CLEANUP, physical_id=stack_id)
        if operation := _waiting.get(stack_id):
            operation.wait_for_verdict(resolved[0])
        _decide_children(stack_id, goes_back=False)
        return resolved
    return resolve


def _settle_children_after_deploy(deploy):
    async def deploy_and_settle(stack_name, stack_id, *rest, **options):
        try:
            await deploy(stack_name, stack_id, *rest, **options)
        finally:  # an update that failed with DisableRollback leaves its nested stacks as they are
            _decide_children(stack_id, goes_back=False)
    return deploy_and_settle


def _children_go_back_too(roll_back_operation):
    async def roll_back(stack_name, stack_id, *rest, **options):
        await roll_back_operation(stack_name, stack_id, *rest, **options)
        _decide_children(stack_id, goes_back=True)
    return roll_back


def _without_the_marker(add_event):
    def add(stack_id, stack_name, logical_id, resource_type, status, reason="", *rest, **more):
        if reason != _PARENT_WENT_BACK:
            add_event(stack_id, stack_name, logical_id, resource_type, status, reason, *rest, **more)
    return add


def _with_cleanup_events(delete_resource):
    def delete(resource_type, physical_id, properties, stack_name=None, logical_id=None):
        stack = cfn._stacks.get(stack_name, {})
        if stack.get("StackStatus") != CLEANUP:
            return delete_resource(resource_type, physical_id, properties, stack_name, logical_id)
        event = (stack["StackId"], stack_name, logical_id, resource_type)
        stacks._add_event(*event, "DELETE_IN_PROGRESS", physical_id=physical_id)
        delete_resource(resource_type, physical_id, properties, stack_name, logical_id)
        stacks._add_event(*event, "DELETE_COMPLETE", physical_id=physical_id)
    return delete


def apply():
    # Waiting needs the thread of its own that nested_stacks gives to every operation.
    prefix = "ministack.services.cloudformation.stacks."
    if stacks._create_stack_task_in_region is not nested_stacks.run_operation:
        seam.replace(f"{prefix}_create_stack_task_in_region", lambda _: nested_stacks.run_operation)
    seam.replace("ministack.services.cloudformation.provisioners._cfn_nested_stack_update", lambda _: update)
    seam.replace(f"{prefix}_resolve_stack_outputs", _cleanup_when_all_are_updated)
    seam.replace(f"{prefix}_deploy_stack_async", _settle_children_after_deploy)
    seam.replace(f"{prefix}_roll_back_operation", _children_go_back_too)
    seam.replace(f"{prefix}_add_event", _without_the_marker)
    seam.replace(f"{prefix}_delete_resource", _with_cleanup_events)
