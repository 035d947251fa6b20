"""What a create that fails has made: the rollback deletes it, and what it cannot delete stays in the stack."""

import seam
from ministack.core.responses import now_iso

NAME = "failed-creates"
SUMMARY = ("The rollback deletes a resource that was half made when it failed; what the rollback cannot delete stays "
           "in the stack in ROLLBACK_FAILED, and DeleteStack tries again.")
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html"
REPLACES = ("ministack.services.cloudformation.stacks._roll_back_operation",)


def _with_half_made_and_leftovers(roll_back_operation):
    async def roll_back(stack_name, stack_id, stack, operation, *rest, **options):
        half_made = [logical_id for logical_id, resource in stack.get("_resources", {}).items()
                     if resource.get("_half_made") and logical_id not in operation["created"]]
        operation["created"] = [*operation["created"], *half_made]
        await roll_back_operation(stack_name, stack_id, stack, operation, *rest, **options)
        if stack["StackStatus"] == "ROLLBACK_FAILED":
            for logical_id, resource in stack["_rollback_failed"].items():
                stack["_resources"][logical_id] = {
                    **resource, "LogicalResourceId": logical_id, "ResourceStatus": "DELETE_FAILED", "Attributes": {},
                    "Timestamp": now_iso()}
    return roll_back


def apply():
    seam.replace("ministack.services.cloudformation.stacks._roll_back_operation", _with_half_made_and_leftovers)
