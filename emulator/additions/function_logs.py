"""The log of a Lambda function."""

import role_rights
import seam

NAME = "function-logs"
SUMMARY = ("Lambda writes a function's log with the rights of its role: without logs:CreateLogGroup a log group that "
           "was deleted is not made again.")
DOCUMENTATION = "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"
REPLACES = ("ministack.services.lambda_svc._emit_lambda_logs",)


def make_emit(emit_lambda_logs):
    def emit(func, request_id, log_text, error, duration_ms, *, log_source=None):
        config = func.get("config") or func
        name = config.get("FunctionName", "unknown")
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        if role_rights.why_not_log(config.get("Role", ""), group, "") is None:
            emit_lambda_logs(func, request_id, log_text, error, duration_ms, log_source=log_source)
    return emit


def apply():
    seam.replace(REPLACES[0], make_emit)
