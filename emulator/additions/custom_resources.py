"""The conversation between CloudFormation and a Lambda-backed custom resource."""

import json

import seam
import stack_records as records
from ministack.core.responses import get_region, new_uuid
from ministack.services import lambda_svc
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import custom_resource

NAME = "custom-resources"
SUMMARY = ("A custom resource's function is invoked asynchronously (two retries, the same RequestId), gets a Delete "
           "after a failed Create, and its answer is checked: size, physical ID, no content type.")
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html"
REPLACES = (
    "ministack.app._handle_post_body_shortcuts",
    "ministack.services.cloudformation.custom_resource.invoke_custom_resource",
)

_LONGEST_ANSWER = 4096  # bytes, of the whole body
_LONGEST_PHYSICAL_ID = 1024  # bytes
_LONGEST_WAIT = 3600  # seconds, and the default of ServiceTimeout
_RESPONSE_PATH = "/_ministack/cfn-response/"


def invoke(request_type, logical_id, properties, stack_name, stack_id, resource_type, physical_id=None, old_props=None):
    """Ask the function behind ServiceToken and wait: (physical ID, Data). Raises with CloudFormation's reason."""
    if request_type == "Update" and old_props and old_props.get("ServiceToken") != properties.get("ServiceToken"):
        raise ValueError("Modifying service token is not allowed.")
    function = _function(properties.get("ServiceToken", ""))
    token, request_id = new_uuid(), new_uuid()
    event = {
        "RequestType": request_type,
        "ServiceToken": properties.get("ServiceToken", ""),
        "ResponseURL": custom_resource._response_url(token),
        "StackId": stack_id,
        "RequestId": request_id,
        "LogicalResourceId": logical_id,
        "ResourceType": resource_type,
        "ResourceProperties": custom_resource._normalise_resource_properties(properties),
    }
    if physical_id is not None:
        event["PhysicalResourceId"] = physical_id
    if old_props is not None:
        event["OldResourceProperties"] = custom_resource._normalise_resource_properties(old_props)
    answered = custom_resource.register_token(token)
    lambda_svc.invoke_async_with_retry(function, event)
    answered.wait(timeout=_wait_seconds(properties))
    with custom_resource._lock:
        answer = custom_resource._pending.pop(token)["result"]
    try:
        return _outcome(answer, request_type, request_id, physical_id)
    except Exception:
        if request_type == "Create":
            made = (answer or {}).get("PhysicalResourceId")
            invented = f"{stack_name}-{logical_id}-{records.random_suffix()}"
            records.keep_half_made(cfn._stacks[stack_name], logical_id, resource_type,
                                   made if isinstance(made, str) and made else invented, properties)
        raise


def _function(service_token):
    region = service_token.split(":")[3] if service_token.startswith("arn:") else get_region()
    if region != get_region():
        raise ValueError(f"Custom resource ServiceToken {service_token} must be in the stack's Region {get_region()}")
    record, config, _ = lambda_svc._get_func_record_for_ref(service_token)
    if record is None or config is None:
        raise ValueError(f"Function not found: {service_token} (Service: Lambda, Status Code: 404, "
                         f"Request ID: {new_uuid()})")
    return lambda_svc._execution_record_for_config(record, config)


def _wait_seconds(properties):
    try:
        return min(max(int(properties.get("ServiceTimeout", _LONGEST_WAIT)), 1), _LONGEST_WAIT)
    except (TypeError, ValueError):
        return _LONGEST_WAIT


def _outcome(answer, request_type, request_id, physical_id):
    if answer is None:
        raise TimeoutError(
            "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId "
            f"[{request_id}]. If you are using the Python cfn-response module, you may need to update your Lambda "
            "function code so that CloudFormation can attach the updated version.")
    if refusal := answer.get("_refusal"):
        raise RuntimeError(refusal)
    if answer.get("Status") != "SUCCESS":
        raise RuntimeError(f"Received response status [{answer.get('Status')}] from custom resource. Message returned: "
                           f"{answer.get('Reason', '')} (RequestId: {request_id})")
    answered_id = answer.get("PhysicalResourceId") or (physical_id if request_type != "Create" else None)
    if not isinstance(answered_id, str) or not answered_id or len(answered_id.encode()) > _LONGEST_PHYSICAL_ID:
        raise RuntimeError("Invalid PhysicalResourceId")
    return answered_id, answer.get("Data") or {}


def _like_a_presigned_url(handle):
    async def answer_response_url(method, path, headers, body, query_params, request_id):
        if method != "PUT" or not path.startswith(_RESPONSE_PATH):
            return await handle(method, path, headers, body, query_params, request_id)
        if headers.get("content-type"):  # it is signed without one
            return 403, {"Content-Type": "application/xml"}, (
                b"<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match "
                b"the signature you provided. Check your key and signing method.</Message></Error>")
        custom_resource.deliver_response(path[len(_RESPONSE_PATH):], _read(body))
        return 200, {}, b""
    return answer_response_url


def _read(body):
    if len(body) > _LONGEST_ANSWER:
        return {"_refusal": "Response object is too long."}
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    refusal = "Invalid Response object: Value of property must be an object"
    return answer if isinstance(answer, dict) else {"_refusal": refusal}


def apply():
    seam.replace("ministack.app._handle_post_body_shortcuts", _like_a_presigned_url)
    seam.replace("ministack.services.cloudformation.custom_resource.invoke_custom_resource", lambda _: invoke)
