"""Every change of a stack's status is an event on the default bus."""

import json

import seam
import stack_records as records
from ministack.core.concurrency import spawn_background
from ministack.services import eventbridge
from ministack.services.cloudformation import stacks

NAME = "stack-status-events"
SUMMARY = "Every change of a stack's status, a nested stack's too, is sent to the default event bus."
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-events.html"
REPLACES = ("ministack.services.cloudformation.stacks._add_event",)


def _publish(stack_id, status, reason):
    detail = {"stack-id": stack_id, "status-details": {"status": status, "status-reason": reason},
              "client-request-token": stacks.CLIENT_REQUEST_TOKEN.get()}
    eventbridge._put_events({"Entries": [{
        "Source": "aws.cloudformation", "DetailType": "CloudFormation Stack Status Change", "Resources": [stack_id],
        "Detail": json.dumps(detail)}]}, allow_aws_source=True)


def _with_event(add_event):
    def add(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", detailed_status=""):
        add_event(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)
        if records.is_stack_itself(stack_id, logical_id, resource_type, physical_id):
            with stacks._stack_region_context(None, stack_id):
                spawn_background(_publish, stack_id, status, reason, thread_name="stack-status-event")
    return add


def apply():
    seam.replace("ministack.services.cloudformation.stacks._add_event", _with_event)
