"""Builds that last until they are ended."""

import copy
import time

import codebuild_events
import codebuild_log
import codebuild_record
import control
import seam
from ministack.core.concurrency import spawn_background
from ministack.core.iam_evaluator import caller_arn
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import codebuild

NAME = "codebuild-builds"
SUMMARY = ("A build is IN_PROGRESS until it ends or is stopped, writes into the log group of its project with its "
           "role's rights, and sends a state-change event when it starts and ends; lists of builds page by 100.")
DOCUMENTATION = "https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html"
REPLACES = tuple(f"ministack.services.codebuild.{name}" for name in (
    "_start_build", "_stop_build", "_batch_get_builds", "_list_builds_for_project", "_list_builds"))

# StopBuild answers before the build has stopped; a client that does not wait must notice.
STOPPING_SECONDS = 0.3
PAGE = 100


def _invalid(message):
    return error_response_json("InvalidInputException", message, 400)


def _initiator():
    kind, _, rest = caller_arn().split(":", 5)[5].partition("/")
    return rest if rest and kind in ("user", "assumed-role") else get_account_id()


def start_build(data):
    name = codebuild._project_name_from_identifier(data.get("projectName", ""))
    project = codebuild._projects.get(name) if name else None
    if project is None:
        return error_response_json("ResourceNotFoundException",
                                   f"Project cannot be found: {codebuild._project_arn(data.get('projectName', ''))}", 400)
    build_id, now = codebuild._build_id(name), time.time()
    project["lastBuildNumber"] = project.get("lastBuildNumber", 0) + 1
    environment = copy.deepcopy(project.get("environment") or {})
    overridden = {variable["name"]: variable for variable in environment.get("environmentVariables") or ()}
    overridden.update({variable["name"]: variable for variable in data.get("environmentVariablesOverride") or ()})
    environment["environmentVariables"] = list(overridden.values())
    build = {
        "id": build_id, "arn": codebuild._build_arn(build_id), "buildNumber": project["lastBuildNumber"],
        "startTime": now, "currentPhase": "QUEUED", "buildStatus": "IN_PROGRESS", "buildComplete": False,
        "projectName": name, "serviceRole": project.get("serviceRole", ""), "initiator": _initiator(),
        "phases": [{"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED", "startTime": now, "endTime": now,
                    "durationInSeconds": 0, "contexts": []}, {"phaseType": "QUEUED", "startTime": now}],
        "source": copy.deepcopy(project.get("source") or {}), "artifacts": project.get("artifacts") or {},
        "cache": project.get("cache") or {"type": "NO_CACHE"}, "environment": environment,
        "timeoutInMinutes": data.get("timeoutInMinutesOverride") or project.get("timeoutInMinutes", 60),
        "queuedTimeoutInMinutes": project.get("queuedTimeoutInMinutes", 480),
        "encryptionKey": project.get("encryptionKey", ""),
        "logs": {"deepLink": codebuild_record.deep_link(get_region(), None, None),
                 **({"cloudWatchLogs": project["logsConfig"]["cloudWatchLogs"]}
                    if (project.get("logsConfig") or {}).get("cloudWatchLogs") else {})},
    }
    source_version = data.get("sourceVersion") or project.get("sourceVersion")
    if source_version:
        build["sourceVersion"] = source_version
    codebuild._builds[build_id] = build
    codebuild_events.publish(build)
    return json_response({"build": build})


def _end(build, status, phases=(), lines=()):
    """Write the log, close the build and send its event. Return why no line was written, or None."""
    project = codebuild._projects.get(build["projectName"]) or {"name": build["projectName"]}
    place, unwritten = codebuild_record.log_place(project, build["id"]), None
    if place and lines:
        unwritten = codebuild_log.write(build["serviceRole"], *place, lines)
        if unwritten is None:
            group, stream = place
            build["logs"] = {**build["logs"], "groupName": group, "streamName": stream,
                             "deepLink": codebuild_record.deep_link(get_region(), group, stream)}
    codebuild_record.end(build, status, phases)
    codebuild_events.publish(build)
    return unwritten


def _stop_later(build):
    time.sleep(STOPPING_SECONDS)
    if not build["buildComplete"]:
        _end(build, "STOPPED")


def _find(identifier):
    return codebuild._builds.get(identifier.rsplit("/", 1)[-1]) if isinstance(identifier, str) else None


def stop_build(data):
    build = _find(data.get("id"))
    if build is None:
        return error_response_json("ResourceNotFoundException", f"Build cannot be found: {data.get('id')}", 400)
    if not build["buildComplete"]:
        spawn_background(_stop_later, build, thread_name="codebuild-stop")
    return json_response({"build": build})


def batch_get_builds(data):
    ids = data.get("ids") or []
    if not 1 <= len(ids) <= PAGE:
        return _invalid("Invalid input: ids must have between 1 and 100 items")
    found = [(identifier, _find(identifier)) for identifier in ids]
    return json_response({"builds": [build for _, build in found if build],
                          "buildsNotFound": [identifier for identifier, build in found if not build]})


def _page(data, builds):
    """Newest first unless ASCENDING is asked for; the token is the last id of the page before."""
    ordered = sorted(builds, key=lambda build: (build["startTime"], build["buildNumber"]),
                     reverse=data.get("sortOrder", "DESCENDING") == "DESCENDING")
    ids, token = [build["id"] for build in ordered], data.get("nextToken")
    if token:
        if token not in ids:
            return _invalid("Invalid nextToken")
        ids = ids[ids.index(token) + 1:]
    return json_response({"ids": ids[:PAGE], **({"nextToken": ids[PAGE - 1]} if len(ids) > PAGE else {})})


def list_builds_for_project(data):
    name = codebuild._project_name_from_identifier(data.get("projectName", ""))
    if name not in codebuild._projects:
        return error_response_json("ResourceNotFoundException",
                                   f"The provided project {codebuild._project_arn(name)} does not exist", 400)
    return _page(data, [build for build in codebuild._builds.values() if build["projectName"] == name])


def list_builds(data):
    return _page(data, codebuild._builds.values())


def _list_of(body, field, keys):
    value = body.get(field, [])
    if not isinstance(value, list) or any(not isinstance(item, dict) or any(key not in item for key in keys)
                                          for item in value):
        raise control.BadRequest(f"{field}: must be a list of objects with {', '.join(keys)}")
    return value


async def _finish(request):
    body = request.json()
    build, status = _find(body.get("id")), body.get("status")
    if build is None:
        raise control.BadRequest(f"id: there is no build {body.get('id')!r}")
    if status not in codebuild_record.ENDED:
        raise control.BadRequest(f"status: {status!r} is none of {', '.join(codebuild_record.ENDED)}")
    if build["buildComplete"]:
        raise control.BadRequest(f"id: the build has already ended ({build['buildStatus']})")
    phases = _list_of(body, "phases", ("phaseType", "phaseStatus"))
    if unknown := [phase["phaseType"] for phase in phases if phase["phaseType"] not in codebuild_record.PHASES]:
        raise control.BadRequest(f"phases: {', '.join(map(str, unknown))} is none of {', '.join(codebuild_record.PHASES)}")
    variables = _list_of(body, "exportedEnvironmentVariables", ("name", "value"))
    lines = body.get("logLines", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise control.BadRequest("logLines: must be a list of strings")
    for field in ("sourceVersion", "resolvedSourceVersion", "initiator"):
        if isinstance(body.get(field), str):
            build[field] = body[field]
    if variables:
        build["exportedEnvironmentVariables"] = variables
    unwritten = _end(build, status, phases, lines)
    return 200, {"id": build["id"], "status": status, **({"logNotWritten": unwritten} if unwritten else {})}


def apply():
    for dotted, function in zip(REPLACES, (start_build, stop_build, batch_get_builds, list_builds_for_project,
                                           list_builds), strict=True):
        seam.replace(dotted, lambda _, function=function: function)
    control.route("POST", "/builds/finish")(_finish)
