"""One API call as the additions that watch or disturb it see it."""

import json
from urllib.parse import parse_qs

from ministack import app
from ministack.core.iam_actions import extract_iam_action
from ministack.core.iam_evaluator import request_caller_arn
from ministack.core.router import detect_service


class ApiCall:
    """Service, operation, caller and parameters of a request that app._dispatch_service_request got."""

    def __init__(self, method, path, headers, body, query_params):
        routing = app._routing_params(method, path, headers, body, query_params)
        self.method = method
        self.path = path
        self.headers = headers
        self.service = detect_service(method, path, headers, routing)
        self.raw = body.decode("utf-8", "replace")
        self._query = query_params
        action = extract_iam_action(self.service, method, path, headers, body, routing) or ""
        # The IAM action of an operation is not always named like it (Invoke is lambda:InvokeFunction).
        target = headers.get("x-amz-target", "").rpartition(".")[2]
        named = target or (routing.get("Action") or [""])[0]
        self.operation = named or action.partition(":")[2] or f"{method} {path}"

    @property
    def principal(self):
        """The caller's ARN; "root" for the account's own key."""
        arn = request_caller_arn(self.headers, self._query)
        return "root" if arn.endswith(":root") else arn

    @property
    def parameters(self):
        """The parameters as parsed: a JSON body, a form, or the query string (of S3 with the path, which names the
        bucket, also where the body is a policy)."""
        if self.service == "s3":
            return {"path": self.path, **{name: values[0] for name, values in self._query.items() if values}}
        content_type = self.headers.get("content-type", "")
        if "json" in content_type or self.raw[:1] == "{":
            try:
                return json.loads(self.raw or "{}")
            except ValueError:
                return {}
        if "x-www-form-urlencoded" in content_type:
            return {name: values[0] for name, values in parse_qs(self.raw, keep_blank_values=True).items()}
        return {"path": self.path, **{name: values[0] for name, values in self._query.items() if values}}
