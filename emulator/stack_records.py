"""MiniStack's stack records, as several additions read and write them."""

import copy
import random
import string

from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import engine, handlers, helpers, provisioners

STACK_TYPE = "AWS::CloudFormation::Stack"
_ALPHABET = string.ascii_uppercase + string.digits


def random_suffix():
    """What CloudFormation appends to the names that it invents."""
    return "".join(random.choices(_ALPHABET, k=13))


def by_id(stack_id):
    """The record of a stack ID, or None."""
    return next((stack for stack in list(cfn._stacks.values()) if stack.get("StackId") == stack_id), None)


def key_of(stack):
    """The key under which a record is kept: its name, or its ID once it is deleted and the name is used again."""
    return next(key for key, candidate in list(cfn._stacks.items()) if candidate is stack)


def parent_of(stack):
    return by_id(stack.get("ParentId"))


def is_stack_itself(stack_id, logical_id, resource_type, physical_id):
    """Whether an event is about the stack and not about a resource of it."""
    return resource_type == STACK_TYPE and physical_id == stack_id and logical_id == stack_id.split("/")[1]


def outputs_as_attributes(stack):
    return {f"Outputs.{output['OutputKey']}": output["OutputValue"] for output in stack.get("Outputs", [])}


def nested_definition(properties, parent, previous=None):
    """What an AWS::CloudFormation::Stack resource asks for: the fields of the stack record that the template decides.

    Raises ValueError with CloudFormation's reason when the template cannot be fetched or refuses its parameters.
    """
    url = properties.get("TemplateURL")
    if not url:
        raise ValueError("Property TemplateURL cannot be empty.")
    body, error = helpers._resolve_template({"TemplateURL": [url]})
    if error is not None or not body:
        raise ValueError(f"S3 error: The specified key does not exist. ({url})")
    given = properties.get("Parameters") or {}
    if not isinstance(given, dict) or any(isinstance(value, list) for value in given.values()):
        raise ValueError("Value of property Parameters must be an object with String (or simple type) properties")
    parameters = [{"Key": key, "Value": "" if value is None else str(value)} for key, value in given.items()]
    template = engine._parse_template(body)
    provisioners._check_nested_stack_capabilities(parent["StackName"], template)
    template = engine._apply_transforms(template, parameters, (previous or {}).get("_resolved_params", {}))
    resolved = engine._resolve_parameters(template, parameters)
    conditions = engine._evaluate_conditions(template, resolved)
    engine.validate_template_support(template, conditions, params=resolved)
    return {
        "Description": template.get("Description", ""),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value["Value"], "NoEcho": value["NoEcho"]}
                       for key, value in resolved.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in provisioners._tag_map(properties.get("Tags")).items()
                 if not key.startswith("aws:")],
        "Capabilities": list(parent.get("Capabilities", [])),
        "_template": template,
        "_template_body": body,
        "_resolved_params": resolved,
        "_conditions": conditions,
    }


def new_nested_record(logical_id, properties, parent):
    """A record in CREATE_IN_PROGRESS for a nested stack, kept under its name."""
    name = f"{parent['StackName']}-{logical_id}-{random_suffix()}"
    stack_id = f"arn:aws:cloudformation:{get_region()}:{get_account_id()}:stack/{name}/{new_uuid()}"
    definition = nested_definition(properties, parent)
    record = {
        "StackName": name,
        "StackId": stack_id,
        "StackStatus": "CREATE_IN_PROGRESS",
        "StackStatusReason": "",
        "CreationTime": now_iso(),
        "LastUpdatedTime": now_iso(),
        "Outputs": [],
        "DisableRollback": bool(parent.get("DisableRollback")),
        "ParentId": parent["StackId"],
        "RootId": parent.get("RootId") or parent["StackId"],
        "_parent_stack_name": parent["StackName"],
        "_region": get_region(),
        "_resources": {},
        **definition,
    }
    if parent.get("RoleARN"):
        record["RoleARN"] = parent["RoleARN"]
    cfn._stacks[name] = record
    cfn._stack_events[stack_id] = []
    return record


def before_update(stack):
    """What an update that fails goes back to."""
    return {key: copy.deepcopy(stack.get(key)) for key in (
        "_resources", "_template", "_template_body", "_resolved_params", "_conditions", "Parameters", "Tags",
        "Outputs") if key in stack}


def has_no_updates(stack, definition):
    return handlers._stack_has_no_updates(stack, definition["_template"], definition["_resolved_params"],
                                          definition["Tags"], tags_given=True)


def keep_half_made(stack, logical_id, resource_type, physical_id, properties):
    """Keep a resource whose creation failed although it has a physical ID (see additions/failed_creates.py)."""
    stack.setdefault("_resources", {})[logical_id] = {
        "PhysicalResourceId": physical_id, "ResourceType": resource_type, "ResourceStatus": "CREATE_FAILED",
        "LogicalResourceId": logical_id, "Properties": properties, "Attributes": {}, "_half_made": True}
