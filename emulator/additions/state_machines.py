"""What a state machine may do, how much it may carry, and that it can be stopped."""

import json
from contextvars import ContextVar

import role_rights
import seam
from ministack.core.responses import new_uuid
from ministack.services import lambda_svc, stepfunctions

NAME = "state-machines"
SUMMARY = ("A state machine invokes a function only if its role may; what passes from state to state has 256 KiB at the "
           "most, which nothing but its own name catches; a stopped execution begins nothing more, in a Map neither.")
DOCUMENTATION = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html"
REPLACES = (
    "ministack.services.stepfunctions._run_execution",
    "ministack.services.stepfunctions._call_lambda",
    "ministack.services.stepfunctions._execute_map",
    "ministack.services.stepfunctions._error_matches",
    "ministack.services.stepfunctions._fail_execution",
)

_MOST_BYTES = 262_144
_TOO_LARGE = "States.DataLimitExceeded"
_STOPPED = "CleanExit.Stopped"

_running = ContextVar("clean_exit_running_execution", default=None)


def _within_limit(data, what):
    if len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()) > _MOST_BYTES:
        raise stepfunctions._ExecutionError(
            _TOO_LARGE, f"The state/task {what} returned a result with a size exceeding the maximum number of bytes "
                        "service limit.")
    return data


def _require_running(execution):
    if execution and execution["status"] != "RUNNING":
        raise stepfunctions._ExecutionError(_STOPPED, "The execution was stopped.")


def _require_right(execution, reference):
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
    _, config, name = lambda_svc._get_func_record_for_ref(reference)
    function = (config or {}).get("FunctionArn", name)
    role = machine.get("roleArn", "")
    if not role_rights.may(role, "lambda:InvokeFunction", function):
        raise stepfunctions._ExecutionError(
            "Lambda.AWSLambdaException",
            f"User: {role} is not authorized to perform: lambda:InvokeFunction on resource: {function} because no "
            "identity-based policy allows the lambda:InvokeFunction action (Service: Lambda, Status Code: 403, "
            f"Request ID: {new_uuid()})")


def make_run(run_execution):
    def run(exec_arn):
        _running.set(stepfunctions._executions.get(exec_arn))
        run_execution(exec_arn)
    return run


def make_call(call_lambda):
    def call(reference, event):
        execution = _running.get()
        if execution is None:
            return call_lambda(reference, event)
        _require_running(execution)
        _require_right(execution, reference)
        _within_limit(event, "'s input: it")
        return _within_limit(call_lambda(reference, event), reference)
    return call


def make_map(execute_map):
    def execute(state_def, raw_input, execution, ctx):
        _require_running(execution)
        output, following = execute_map(state_def, raw_input, execution, ctx)
        return _within_limit(output, ctx["State"]["Name"]), following
    return execute


def make_matches(error_matches):
    def matches(error_equals, error):
        if error == _STOPPED:
            return False
        return error in error_equals if error == _TOO_LARGE else error_matches(error_equals, error)
    return matches


def make_fail(fail_execution):
    def fail(execution, error, cause):
        if execution["status"] == "RUNNING":
            fail_execution(execution, error, cause)
    return fail


def apply():
    for dotted, make in zip(REPLACES, (make_run, make_call, make_map, make_matches, make_fail), strict=True):
        seam.replace(dotted, make)
