"""Every API call, kept for tests and the bench."""

NAME = "call-log"
SUMMARY = "Every API call is recorded with its principal, as in a CloudTrail event."
DOCUMENTATION = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"
REPLACES = ("ministack.app._dispatch_service_request",)


def apply():
    pass
