"""A message that an AWS service puts on a queue."""

import hashlib
import time

from ministack.core.concurrency import esm_wake
from ministack.core.responses import get_account_id, new_uuid
from ministack.services import sqs


def put(queue_arn, body, attributes=None):
    """Put `body` with string `attributes` on a queue. Returns False when there is no such queue."""
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return False
    now = time.time()
    message = {
        "id": new_uuid(),
        "body": body,
        "md5_body": hashlib.md5(body.encode()).hexdigest(),
        "md5_attrs": "",
        "receipt_handle": None,
        "sent_at": now,
        "visible_at": now + sqs.queue_delay(queue),
        "receive_count": 0,
        "first_receive_at": None,
        "message_attributes": {name: {"DataType": "String", "StringValue": value}
                               for name, value in (attributes or {}).items()},
        "sys": {"SenderId": get_account_id(), "SentTimestamp": str(int(now * 1000))},
        "group_id": None, "dedup_id": None, "dedup_cache_key": None, "seq": None,
    }
    sqs._ensure_msg_fields(message)
    queue["messages"].append(message)
    esm_wake.set()
    return True
