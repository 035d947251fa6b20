"""A build as CodeBuild keeps it: its phases, and where its log goes."""

import time

ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMED_OUT", "FAULT")
PHASES = ("SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD",
          "UPLOAD_ARTIFACTS", "FINALIZING")

# Where a build goes on after a phase that did not succeed: POST_BUILD runs after a failed BUILD.
_AFTER_FAILURE = {"PROVISIONING": (), "BUILD": ("POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING"),
                  "POST_BUILD": ("UPLOAD_ARTIFACTS", "FINALIZING")}
_BROKEN_PHASE = {"FAILED": "BUILD", "STOPPED": "BUILD", "TIMED_OUT": "BUILD", "FAULT": "PROVISIONING"}
_CONTEXTS = {
    "FAILED": [{"statusCode": "COMMAND_EXECUTION_ERROR",
                "message": "Error while executing command: docker build . Reason: exit status 1"}],
    "TIMED_OUT": [{"statusCode": "BUILD_TIMED_OUT", "message": "Build has timed out. "}],
    "FAULT": [{"statusCode": "INTERNAL_SERVICE_ERROR", "message": "CodeBuild is experiencing an issue"}],
}
_NO_CONTEXT = [{"statusCode": "", "message": ""}]


def phases_until_end(status, given):
    """The phases of a build that ended with `status`: `given` ones (by phaseType) as they are, the others as they
    are when a build ends so. Their times are still to be set."""
    given = {phase["phaseType"]: phase for phase in given}
    if not any(phase["phaseStatus"] != "SUCCEEDED" for phase in given.values()) and status != "SUCCEEDED":
        broken = _BROKEN_PHASE[status]
        given[broken] = {"phaseType": broken, "phaseStatus": status, "contexts": _CONTEXTS.get(status, _NO_CONTEXT)}
    phases, still_to_come = [], list(PHASES)
    while still_to_come:
        name = still_to_come.pop(0)
        phase = given.get(name) or {"phaseType": name, "phaseStatus": "SUCCEEDED"}
        phases.append({"phaseType": name, "phaseStatus": phase["phaseStatus"],
                       "durationInSeconds": phase.get("durationInSeconds", 0),
                       "contexts": phase.get("contexts") or ([] if name in PHASES[:2] else _NO_CONTEXT)})
        if phase["phaseStatus"] != "SUCCEEDED":
            after = () if status in ("STOPPED", "FAULT") else _AFTER_FAILURE.get(name, ("FINALIZING",))
            still_to_come = [later for later in still_to_come if later in after]
    return phases


def end(build, status, given_phases=()):
    """Close the build. Phases that lasted longer than the build has been open move its start back."""
    now = time.time()
    phases = phases_until_end(status, given_phases)
    lasted = sum(phase["durationInSeconds"] for phase in phases)
    build["startTime"] = min(build["startTime"], now - lasted)
    moment = build["startTime"]
    for phase in phases:
        phase["startTime"] = moment
        moment += phase["durationInSeconds"]
        phase["endTime"] = moment
    build.update({"phases": [*phases, {"phaseType": "COMPLETED", "startTime": moment}], "buildStatus": status,
                  "currentPhase": "COMPLETED", "endTime": now, "buildComplete": True})


def log_place(project, build_id):
    """(group, stream) that the project's logsConfig gives a build, or None when CloudWatch Logs is off."""
    config = (project.get("logsConfig") or {}).get("cloudWatchLogs") or {}
    if config.get("status", "ENABLED") == "DISABLED":
        return None
    stream = build_id.split(":", 1)[1]
    prefix = config.get("streamName")
    return config.get("groupName") or f"/aws/codebuild/{project['name']}", f"{prefix}/{stream}" if prefix else stream


def deep_link(region, group, stream):
    return (f"https://console.aws.amazon.com/cloudwatch/home?region={region}#logEvent:group={group or 'null'};"
            f"stream={stream or 'null'}")
