"""Events of AWS services, put on the bus by a test."""

import json

import control
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge

NAME = "injected-events"
SUMMARY = "The default bus carries events whose source begins with aws., which PutEvents refuses from anybody else."
DOCUMENTATION = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html"
REPLACES = ("ministack.services.eventbridge._put_events",)


async def _put(request):
    event = request.json()
    for field in ("source", "detailType"):
        if not isinstance(event.get(field), str) or not event[field]:
            raise control.BadRequest(f"{field} is missing")
    entry = {"Source": event["source"], "DetailType": event["detailType"],
             "Detail": json.dumps(event.get("detail", {})), "Resources": event.get("resources", [])}
    with request_scope(get_account_id(), event.get("region") or get_region()):
        _status, _headers, body = await run_reentrant(eventbridge._put_events, {"Entries": [entry]}, True)
    return 200, {"eventId": json.loads(body)["Entries"][0].get("EventId")}


def apply():
    control.route("POST", "/events")(_put)
