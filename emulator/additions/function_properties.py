"""Properties of AWS::Lambda::Function that MiniStack's CloudFormation leaves out."""

import seam
from ministack.services import lambda_svc

NAME = "function-properties"
SUMMARY = "A function of a template keeps its DeadLetterConfig, ReservedConcurrentExecutions and RecursiveLoop."
DOCUMENTATION = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html")
REPLACES = (
    "ministack.services.cloudformation.provisioners._lambda_create",
    "ministack.services.cloudformation.provisioners._lambda_update",
)


def _keep(name, properties):
    function = lambda_svc._functions[name]
    function["config"].pop("DeadLetterConfig", None)
    if properties.get("DeadLetterConfig"):
        function["config"]["DeadLetterConfig"] = properties["DeadLetterConfig"]
    reserved = properties.get("ReservedConcurrentExecutions")
    function["concurrency"] = None if reserved is None else int(reserved)
    function["recursive_loop"] = properties.get("RecursiveLoop", "Terminate")


def _after_create(create):
    def create_and_keep(logical_id, properties, stack_name):
        name, attributes = create(logical_id, properties, stack_name)
        _keep(name, properties)
        return name, attributes
    return create_and_keep


def _after_update(update):
    def update_and_keep(physical_id, old_properties, properties, *rest):
        name, attributes = update(physical_id, old_properties, properties, *rest)
        _keep(name, properties)
        return name, attributes
    return update_and_keep


def apply():
    seam.replace("ministack.services.cloudformation.provisioners._lambda_create", _after_create)
    seam.replace("ministack.services.cloudformation.provisioners._lambda_update", _after_update)
