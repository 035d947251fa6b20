"""The resources of a stack with their status, in progress, failed and deleted ones too."""

import seam
import stack_records as records
from ministack.core.responses import now_iso
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import handlers, helpers

NAME = "stack-resources"
SUMMARY = "ListStackResources and DescribeStackResources show every resource with status and reason, deleted ones too."
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html"
REPLACES = (
    "ministack.services.cloudformation.handlers._describe_stack_resources",
    "ministack.services.cloudformation.handlers._list_stack_resources",
    "ministack.services.cloudformation.stacks._add_event",
)

# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
_DESCRIBED_AT_MOST = 100
_rows = {}  # stack ID -> logical ID -> row


def _keep_row(add_event):
    def add(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", detailed_status=""):
        if not records.is_stack_itself(stack_id, logical_id, resource_type, physical_id):
            row = _rows.setdefault(stack_id, {}).setdefault(logical_id, {"PhysicalResourceId": ""})
            row.update(ResourceType=resource_type, ResourceStatus=status, ResourceStatusReason=reason,
                       Timestamp=now_iso(), PhysicalResourceId=physical_id or row["PhysicalResourceId"])
            # MiniStack gives a physical ID only with the end of an operation: the next one starts with the one before.
            physical_id = row["PhysicalResourceId"]
        add_event(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)
    return add


def _rows_of(stack):
    """Every row of a stack. A resource that MiniStack keeps without an event (an update's leftover) has its record."""
    rows = dict(_rows.get(stack["StackId"], {}))
    for logical_id, resource in list(stack.get("_resources", {}).items()):
        rows.setdefault(logical_id, resource)
    return rows


def _find(name):
    stack = handlers._resolve_stack(name)
    return stack, None if stack else helpers._error("ValidationError", f"Stack with id {name} does not exist")


def _fields(logical_id, row, timestamp):
    return (f"<LogicalResourceId>{helpers._esc(logical_id)}</LogicalResourceId>"
            f"<PhysicalResourceId>{helpers._esc(row['PhysicalResourceId'])}</PhysicalResourceId>"
            f"<ResourceType>{helpers._esc(row['ResourceType'])}</ResourceType>"
            f"<{timestamp}>{row.get('Timestamp', '')}</{timestamp}>"
            f"<ResourceStatus>{row['ResourceStatus']}</ResourceStatus>"
            f"{handlers._resource_status_reason_xml(row)}{handlers._resource_drift_information_xml(row)}")


def _list_stack_resources(params):
    name = helpers._p(params, "StackName")
    stack, error = _find(name)
    if error:
        return error
    page, next_token, error = helpers._page(list(_rows_of(stack).items()), params, "ListStackResources")
    if error:
        return error
    members = "".join(f"<member>{_fields(logical_id, row, 'LastUpdatedTimestamp')}</member>"
                      for logical_id, row in page)
    return helpers._xml(200, "ListStackResourcesResponse",
                        f"<ListStackResourcesResult><StackResourceSummaries>{members}</StackResourceSummaries>"
                        f"{next_token}</ListStackResourcesResult>")


def _stack_that_owns(physical_id):
    for stack in list(cfn._stacks.values()):
        if any(row["PhysicalResourceId"] == physical_id and row["ResourceStatus"] != "DELETE_COMPLETE"
               for row in _rows_of(stack).values()):
            return stack
    return None


def _describe_stack_resources(params):
    name, physical_id = helpers._p(params, "StackName"), helpers._p(params, "PhysicalResourceId")
    if name:
        stack, error = _find(name)
        if error:
            return error
    else:
        stack = _stack_that_owns(physical_id)
        if not stack:
            return helpers._error("ValidationError", f"Stack for {physical_id} does not exist")
    rows, wanted = _rows_of(stack), helpers._p(params, "LogicalResourceId")
    if wanted and wanted not in rows:
        return helpers._error("ValidationError", f"Resource {wanted} does not exist for stack {stack['StackName']}")
    shown = [(wanted, rows[wanted])] if wanted else list(rows.items())[:_DESCRIBED_AT_MOST]
    members = "".join(
        f"<member>{_fields(logical_id, row, 'Timestamp')}<StackName>{helpers._esc(stack['StackName'])}</StackName>"
        f"<StackId>{helpers._esc(stack['StackId'])}</StackId></member>" for logical_id, row in shown)
    return helpers._xml(200, "DescribeStackResourcesResponse",
                        f"<DescribeStackResourcesResult><StackResources>{members}</StackResources>"
                        "</DescribeStackResourcesResult>")


def apply():
    prefix = "ministack.services.cloudformation."
    seam.replace(f"{prefix}stacks._add_event", _keep_row)
    seam.replace(f"{prefix}handlers._list_stack_resources", lambda _: _list_stack_resources)
    seam.replace(f"{prefix}handlers._describe_stack_resources", lambda _: _describe_stack_resources)
