"""The event that CodeBuild sends when a build changes its state."""

import json
import time

from codebuild_record import deep_link
from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_region
from ministack.services import eventbridge


def _moment(seconds):
    """A time as CodeBuild writes it: `Sep 1, 2017 4:12:29 PM`, in UTC without saying so."""
    return time.strftime("%b %-d, %Y %-I:%M:%S %p", time.gmtime(seconds))


def _phase(phase):
    event = {}
    if "contexts" in phase:
        event["phase-context"] = [f"{context.get('statusCode', '')}: {context.get('message', '')}"
                                  for context in phase["contexts"]]
    event["start-time"] = _moment(phase["startTime"])
    if "endTime" in phase:
        event["end-time"] = _moment(phase["endTime"])
        event["duration-in-seconds"] = float(int(phase["durationInSeconds"]))
    event["phase-type"] = phase["phaseType"]
    if "phaseStatus" in phase:
        event["phase-status"] = phase["phaseStatus"]
    return event


def _environment(environment):
    return {
        "image": environment.get("image", ""),
        "privileged-mode": environment.get("privilegedMode", False) in (True, "true"),
        "image-pull-credentials-type": environment.get("imagePullCredentialsType", "CODEBUILD"),
        "compute-type": environment.get("computeType", ""),
        "type": environment.get("type", ""),
        "environment-variables": [{"name": variable.get("name"), "type": variable.get("type", "PLAINTEXT"),
                                   "value": variable.get("value")}
                                  for variable in environment.get("environmentVariables") or ()],
    }


def detail(build):
    """The detail of the build's event, in its state of now."""
    logs = build.get("logs") or {}
    group, stream = logs.get("groupName"), logs.get("streamName")
    information = {
        "cache": {"type": (build.get("cache") or {}).get("type", "NO_CACHE")},
        "build-number": float(build["buildNumber"]),
        "timeout-in-minutes": float(build["timeoutInMinutes"]),
        "build-complete": build["buildComplete"],
        "initiator": build["initiator"],
        "build-start-time": _moment(build["startTime"]),
        "source": {key: build["source"][key] for key in ("location", "type") if key in build["source"]},
        "artifact": {"location": (build.get("artifacts") or {}).get("location", "")},
        "environment": _environment(build.get("environment") or {}),
        "project-file-system-locations": [],
        "logs": {"group-name": group, "stream-name": stream, "deep-link": deep_link(get_region(), group, stream)},
        "phases": [_phase(phase) for phase in build["phases"]],
        "queued-timeout-in-minutes": float(build["queuedTimeoutInMinutes"]),
    }
    if build.get("sourceVersion"):
        information["source-version"] = build["sourceVersion"]
    if build.get("exportedEnvironmentVariables"):
        information["exported-environment-variables"] = build["exportedEnvironmentVariables"]
    complete = build["buildComplete"]
    return {
        "build-status": build["buildStatus"], "project-name": build["projectName"], "build-id": build["arn"],
        "additional-information": information, "current-phase": "COMPLETED" if complete else "SUBMITTED",
        "current-phase-context": "[: ]" if complete and build["buildStatus"] != "SUCCEEDED" else "[]", "version": "1",
    }


def publish(build):
    """Send the event of the build's present state."""
    entry = {"Source": "aws.codebuild", "DetailType": "CodeBuild Build State Change", "Resources": [build["arn"]],
             "Detail": json.dumps(detail(build))}
    spawn_background(eventbridge._put_events, {"Entries": [entry]}, allow_aws_source=True,
                     thread_name="codebuild-event")
