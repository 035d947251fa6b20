"""How CloudFormation tells that a service refused one of its calls."""

import json
import re

from ministack.core.responses import new_uuid


def refusal(service, status, message, handler_error="GeneralServiceException"):
    """The error to raise in a resource's handler: its text becomes the reason of the resource's event.

    `service` is spelled as in the reason: Ecr, Iam, CloudWatchLogs, CodeBuild.
    """
    return ValueError(f'Resource handler returned message: "{message} (Service: {service}, Status Code: {status}, '
                      f'Request ID: {new_uuid()})" (RequestToken: {new_uuid()}, HandlerErrorCode: {handler_error})')


def require_success(service, answer, handler_error="GeneralServiceException"):
    """Raise the refusal when MiniStack's handler answered an error, in JSON or XML; return the answer otherwise."""
    status, _headers, body = answer
    if status < 400:
        return answer
    text = body.decode() if isinstance(body, bytes) else body
    found = re.search(r"<Message>(.*?)</Message>", text, re.DOTALL)
    message = found[1] if found else next((value for key, value in json.loads(text).items()
                                           if key.lower() == "message"), text)
    raise refusal(service, status, message, handler_error)


def already_exists(resource_type, name_property, name):
    """The error of a create whose name is taken."""
    identifier = json.dumps({f"/properties/{name_property}": name}, separators=(",", ":"))
    return ValueError(f"Resource handler returned message: \"Resource of type '{resource_type}' with identifier "
                      f"'{identifier}' already exists.\" (RequestToken: {new_uuid()}, HandlerErrorCode: AlreadyExists)")
