"""What Lambda says of an invocation that failed."""

from contextvars import ContextVar

import seam

NAME = "error-names"
SUMMARY = ("A failed invocation of a Node function is reported with the name of its error and its stack trace, one whose "
           "process ended as Runtime.ExitError.")
DOCUMENTATION = "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html"
REPLACES = (
    "ministack.core.lambda_runtime._NODEJS_WORKER_SCRIPT",
    "ministack.core.lambda_runtime.Worker.invoke",
    "ministack.services.lambda_svc._execute_function_warm",
)

_WITHOUT_NAME = (
    'status: "error", error: String(err.message || err), trace: err.stack || ""',
    'status: "error", error: e.message, trace: e.stack',
)
# MiniStack's words for a process that is gone.
_ENDED = ("Worker process died", "Worker returned no response")

_told = ContextVar("clean_exit_told_by_worker", default=None)


def make_script(script):
    for error, text in zip(("err", "e"), _WITHOUT_NAME, strict=True):
        if script.count(text) != 1:
            raise RuntimeError(f"the worker's script does not hold {text!r} once")
        script = script.replace(text, f"{text}, errorType: {error}.name || typeof {error}")
    return script


def make_invoke(invoke):
    def remember(self, *arguments, **options):
        response = invoke(self, *arguments, **options)
        _told.set(response)
        return response
    return remember


def make_execute(execute):
    def named(func, event, request_id):
        _told.set(None)
        result = execute(func, event, request_id)
        told, body = _told.get() or {}, result.get("body")
        if result.get("error") and isinstance(body, dict) and told.get("status") == "error":
            if told.get("errorType"):
                body.update(errorType=told["errorType"], trace=(told.get("trace") or "").split("\n"))
            elif told.get("error") in _ENDED:
                body.update(errorType="Runtime.ExitError",
                            errorMessage=f"RequestId: {request_id} Error: Runtime exited without providing a reason")
        return result
    return named


def apply():
    for dotted, make in zip(REPLACES, (make_script, make_invoke, make_execute), strict=True):
        seam.replace(dotted, make)
