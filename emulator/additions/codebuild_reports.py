"""Report groups and their reports. A control endpoint puts reports in, as builds do on AWS."""

import json
import time

import control
import resource_handler
import seam
from ministack.core.responses import (
    AccountScopedDict,
    error_response_json,
    get_account_id,
    get_region,
    json_response,
    new_uuid,
)
from ministack.services.cloudformation import provisioners

NAME = "codebuild-reports"
SUMMARY = ("There are report groups, in the API and in CloudFormation; one that holds reports is not deleted, unless "
           "deleteReports (DeleteReports in CloudFormation) says so; lists of reports page by 100.")
DOCUMENTATION = "https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DeleteReportGroup.html"
REPLACES = ("ministack.services.codebuild._handle_request_sync",)

_PAGE = 100
# By ARN, with the ARNs of the reports, newest first.
_groups = AccountScopedDict()


def _arn(name):
    return f"arn:aws:codebuild:{get_region()}:{get_account_id()}:report-group/{name}"


def _invalid(message):
    return error_response_json("InvalidInputException", message, 400)


def _missing(arn):
    return error_response_json("ResourceNotFoundException", f"Report group {arn} does not exist", 400)


def _shape(group):
    return {key: value for key, value in group.items() if key != "reports"}


def create_report_group(data):
    arn = _arn(data.get("name", ""))
    if arn in _groups:
        return error_response_json("ResourceAlreadyExistsException", f"Report group already exists: {arn}", 400)
    _groups[arn] = {"arn": arn, "name": data.get("name"), "type": data.get("type", "TEST"), "status": "ACTIVE",
                    "exportConfig": data.get("exportConfig") or {"exportConfigType": "NO_EXPORT"},
                    "created": time.time(), "tags": data.get("tags") or [], "reports": []}
    return json_response({"reportGroup": _shape(_groups[arn])})


def batch_get_report_groups(data):
    arns = data.get("reportGroupArns") or []
    return json_response({"reportGroups": [_shape(_groups[arn]) for arn in arns if arn in _groups],
                          "reportGroupsNotFound": [arn for arn in arns if arn not in _groups]})


def list_reports(data):
    group = _groups.get(data.get("reportGroupArn"))
    if group is None:
        return _missing(data.get("reportGroupArn"))
    start, size = int(data.get("nextToken") or 0), int(data.get("maxResults") or _PAGE)
    end = start + min(size, _PAGE)
    more = {"nextToken": str(end)} if end < len(group["reports"]) else {}
    return json_response({"reports": group["reports"][start:end], **more})


def delete_report(data):
    for group in _groups.values():
        if data.get("arn") in group["reports"]:
            group["reports"].remove(data["arn"])
    return json_response({})


def delete_report_group(data):
    group = _groups.get(data.get("arn"))
    if group and group["reports"] and data.get("deleteReports") is not True:
        return _invalid("Report group contains reports. Delete the reports first, or set deleteReports")
    _groups.pop(data.get("arn"), None)
    return json_response({})


_OPERATIONS = {
    "CreateReportGroup": create_report_group, "BatchGetReportGroups": batch_get_report_groups,
    "ListReportsForReportGroup": list_reports, "DeleteReport": delete_report, "DeleteReportGroup": delete_report_group,
}


def make_dispatch(handle_request):
    def dispatch(method, path, headers, body, query_params):
        operation = _OPERATIONS.get(headers.get("x-amz-target", "").rsplit(".", 1)[-1])
        if operation is None:
            return handle_request(method, path, headers, body, query_params)
        return operation(json.loads(body or b"{}"))
    return dispatch


def _tags(props):
    return [{"key": tag["Key"], "value": tag["Value"]} for tag in props.get("Tags") or ()]


def create(logical_id, props, stack_name):
    name = props.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=128)
    data = {"name": name, "type": props.get("Type"), "tags": _tags(props)}
    resource_handler.require_success("CodeBuild", create_report_group(data))
    return _arn(name), {"Arn": _arn(name)}


def update(physical_id, _old_props, new_props, stack_name, logical_id=None):
    if new_props.get("Name") and _arn(new_props["Name"]) != physical_id:
        return create(logical_id or physical_id, new_props, stack_name)
    _groups[physical_id]["tags"] = _tags(new_props)
    return physical_id, {"Arn": physical_id}


def delete(physical_id, props):
    delete_reports = str(props.get("DeleteReports", False)).lower() == "true"
    resource_handler.require_success(
        "CodeBuild", delete_report_group({"arn": physical_id, "deleteReports": delete_reports}))


async def _report(request):
    body = request.json()
    group, count = _groups.get(body.get("reportGroup")), body.get("count")
    if group is None:
        raise control.BadRequest(f"reportGroup: there is no report group {body.get('reportGroup')!r}")
    if not isinstance(count, int) or count < 1:
        raise control.BadRequest(f"count: {count!r} is not a whole number of at least 1")
    base = group["arn"].replace(":report-group/", ":report/")
    group["reports"][:0] = [f"{base}:{new_uuid()}" for _ in range(count)]
    return 200, {"reports": len(group["reports"])}


def apply():
    seam.replace(REPLACES[0], make_dispatch)
    provisioners._RESOURCE_HANDLERS["AWS::CodeBuild::ReportGroup"] = {
        "create": create, "update": update, "update_with_logical_id": True, "delete": delete}
    provisioners._STACK_TAG_PROPERTY["AWS::CodeBuild::ReportGroup"] = ("Tags", "list")
    control.route("POST", "/reports")(_report)
