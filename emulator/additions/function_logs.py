"""The log of a Lambda function."""

import role_rights
import seam

NAME = "function-logs"
SUMMARY = ("Lambda writes a function's log, every line of it, with the rights of its role: without logs:CreateLogGroup a "
           "log group that was deleted is not made again.")
DOCUMENTATION = "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"
REPLACES = ("ministack.services.lambda_svc._emit_lambda_logs", "ministack.core.lambda_runtime.Worker._drain_stderr_bounded")

# A function's lines are in the pipe before its result is; on a busy machine the thread that reads them comes later than
# MiniStack waits for it, and lines would be missing.
QUIET_SECONDS = 0.05
LONGEST_SECONDS = 5


def make_emit(emit_lambda_logs):
    def emit(func, request_id, log_text, error, duration_ms, *, log_source=None):
        config = func.get("config") or func
        name = config.get("FunctionName", "unknown")
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        if role_rights.why_not_log(config.get("Role", ""), group, "") is None:
            emit_lambda_logs(func, request_id, log_text, error, duration_ms, log_source=log_source)
    return emit


def make_drain(drain):
    def patient(self, first_line_wait=QUIET_SECONDS, idle_confirm=QUIET_SECONDS, hard_cap=LONGEST_SECONDS):
        return drain(self, first_line_wait, idle_confirm, hard_cap)
    return patient


def apply():
    seam.replace(REPLACES[0], make_emit)
    seam.replace(REPLACES[1], make_drain)
