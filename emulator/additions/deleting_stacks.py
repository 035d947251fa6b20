"""When CloudFormation takes a DeleteStack, and when it does not."""

import time

import seam
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import handlers, helpers

NAME = "deleting-stacks"
SUMMARY = ("DeleteStack refuses a stack that is being updated, also while that cleans up, and a second one while the "
           "stack is being deleted changes nothing.")
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html"
REPLACES = ("ministack.services.cloudformation.handlers._delete_stack",)

_LONGEST_BEGINNING = 1  # seconds


def _guarded(delete_stack):
    def delete(params):
        stack = handlers._resolve_stack(helpers._p(params, "StackName"))
        status = (stack or {}).get("StackStatus", "")
        events_before = len(cfn._stack_events.get((stack or {}).get("StackId"), []))
        if status == "DELETE_IN_PROGRESS":
            return helpers._xml(200, "DeleteStackResponse", "")
        if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            return helpers._error("ValidationError",
                                  f"Stack [{stack['StackId']}] cannot be deleted while in status {status}")
        answer = delete_stack(params)
        if stack is not None and answer[0] == 200 and status != "DELETE_COMPLETE":
            _wait_for_its_beginning(stack["StackId"], events_before)
        return answer
    return delete


def _wait_for_its_beginning(stack_id, events_before):
    """The operation runs on a thread: whoever asks next must find the stack in DELETE_IN_PROGRESS."""
    deadline = time.monotonic() + _LONGEST_BEGINNING
    while len(cfn._stack_events.get(stack_id, [])) == events_before and time.monotonic() < deadline:
        time.sleep(0.0005)


def apply():
    seam.replace("ministack.services.cloudformation.handlers._delete_stack", _guarded)
