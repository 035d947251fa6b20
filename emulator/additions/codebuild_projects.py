"""Projects: webhooks, log configuration, resource policies."""

import json
import secrets
import time

import resource_handler
import seam
from ministack.core.responses import error_response_json, json_response
from ministack.services import codebuild

NAME = "codebuild-projects"
SUMMARY = ("A project keeps its webhook with filter groups, its logsConfig and further settings, in the API and in "
           "CloudFormation; one with builds and a resource policy cannot be deleted; its builds survive it.")
DOCUMENTATION = "https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DeleteProject.html"
_CLOUDFORMATION = "ministack.services.cloudformation.provisioners"
REPLACES = (
    "ministack.services.codebuild._handle_request_sync", "ministack.services.codebuild._create_project",
    "ministack.services.codebuild._update_project", "ministack.services.codebuild._project_shape",
    "ministack.services.codebuild._delete_project", f"{_CLOUDFORMATION}._codebuild_project_create",
    f"{_CLOUDFORMATION}._codebuild_project_update", f"{_CLOUDFORMATION}._codebuild_project_delete",
)

# Settings of a project that MiniStack drops.
_SETTINGS = ("logsConfig", "cache", "queuedTimeoutInMinutes", "concurrentBuildLimit", "autoRetryLimit", "vpcConfig",
             "secondarySources", "secondarySourceVersions", "secondaryArtifacts", "fileSystemLocations",
             "buildBatchConfig", "resourceAccessRole")
_HOSTED = ("GITHUB", "GITHUB_ENTERPRISE", "BITBUCKET", "GITLAB", "GITLAB_SELF_MANAGED")


def _missing(name):
    return error_response_json("ResourceNotFoundException", f"Project cannot be found: {codebuild._project_arn(name)}", 400)


def _invalid(message):
    return error_response_json("InvalidInputException", message, 400)


def _keep_settings(project, data):
    project.update({key: data[key] for key in _SETTINGS if key in data})


def make_create(create_project):
    def create(data):
        answer = create_project(data)
        if answer[0] == 200:
            project = codebuild._projects[data["name"]]
            _keep_settings(project, data)
            return json_response({"project": codebuild._project_shape(project)})
        return answer
    return create


def make_update(update_project):
    def update(data):
        if data.get("name") in codebuild._projects:
            _keep_settings(codebuild._projects[data["name"]], data)
        return update_project(data)
    return update


def make_shape(project_shape):
    def shape(project):
        return {**project_shape(project), **{key: project[key] for key in (*_SETTINGS, "webhook") if key in project}}
    return shape


def delete_project(data):
    """Builds of the project, running ones too, are kept and go on: AWS says that deleting a project does not delete
    its builds, and nothing about stopping them."""
    name = codebuild._project_name_from_identifier(data.get("name", ""))
    project = codebuild._projects.get(name) if name else None
    if project is None:
        return json_response({})
    if project.get("resourcePolicy") and any(build["projectName"] == name for build in codebuild._builds.values()):
        return _invalid(f"Project {project['arn']} has builds and a resource policy: delete its resource policy before "
                        "the project")
    del codebuild._projects[name]
    return json_response({})


def create_webhook(data):
    name = data.get("projectName", "")
    project = codebuild._projects.get(name)
    if project is None:
        return _missing(name)
    if "webhook" in project:
        return error_response_json("ResourceAlreadyExistsException", f"Webhook already exists for project {name}", 400)
    source = project.get("source") or {}
    if source.get("type") not in _HOSTED:
        return _invalid(f"Project source type {source.get('type')} does not support webhooks")
    repository = source.get("location", "").removeprefix("https://github.com/").removesuffix(".git")
    project["webhook"] = {
        "url": f"https://api.github.com/repos/{repository}/hooks/{secrets.randbelow(10**9)}",
        "payloadUrl": f"https://codebuild.amazonaws.com/webhooks?t={secrets.token_hex(16)}",
        "lastModifiedSecret": time.time(), "buildType": data.get("buildType", "BUILD"),
    }
    _set_filters(project["webhook"], data)
    return json_response({"webhook": {**project["webhook"], "secret": secrets.token_hex(16)}})


def _set_filters(webhook, data):
    if data.get("branchFilter") and data.get("filterGroups"):
        del data["branchFilter"]  # AWS ignores the branch filter beside filter groups
    for key in ("branchFilter", "filterGroups", "buildType"):
        if data.get(key):
            webhook[key] = data[key]


def update_webhook(data):
    project = codebuild._projects.get(data.get("projectName", ""))
    if project is None or "webhook" not in project:
        return _missing(data.get("projectName", ""))
    _set_filters(project["webhook"], data)
    if data.get("rotateSecret"):
        project["webhook"]["lastModifiedSecret"] = time.time()
    return json_response({"webhook": project["webhook"]})


def delete_webhook(data):
    project = codebuild._projects.get(data.get("projectName", ""))
    if project is None or "webhook" not in project:
        return error_response_json("ResourceNotFoundException",
                                   f"Webhook cannot be found for project {data.get('projectName', '')}", 400)
    del project["webhook"]
    return json_response({})


def _shared(arn):
    name = codebuild._project_name_from_identifier(arn) if isinstance(arn, str) else None
    return codebuild._projects.get(name) if name else None


def put_resource_policy(data):
    project = _shared(data.get("resourceArn"))
    if project is None:
        return error_response_json("ResourceNotFoundException", f"Resource not found: {data.get('resourceArn')}", 400)
    project["resourcePolicy"] = data.get("policy", "")
    return json_response({"resourceArn": project["arn"]})


def get_resource_policy(data):
    project = _shared(data.get("resourceArn"))
    if project is None or not project.get("resourcePolicy"):
        return error_response_json("ResourceNotFoundException",
                                   f"Resource policy not found: {data.get('resourceArn')}", 400)
    return json_response({"policy": project["resourcePolicy"]})


def delete_resource_policy(data):
    project = _shared(data.get("resourceArn"))
    if project is not None:
        project.pop("resourcePolicy", None)
    return json_response({})


_OPERATIONS = {
    "CreateWebhook": create_webhook, "UpdateWebhook": update_webhook, "DeleteWebhook": delete_webhook,
    "PutResourcePolicy": put_resource_policy, "GetResourcePolicy": get_resource_policy,
    "DeleteResourcePolicy": delete_resource_policy,
}


def make_dispatch(handle_request):
    def dispatch(method, path, headers, body, query_params):
        operation = _OPERATIONS.get(headers.get("x-amz-target", "").rsplit(".", 1)[-1])
        if operation is None:
            return handle_request(method, path, headers, body, query_params)
        return operation(json.loads(body or b"{}"))
    return dispatch


def _settings_of_template(props):
    camel = {key[:1].lower() + key[1:]: value for key, value in props.items()}
    settings = {key: _lower(camel[key]) for key in _SETTINGS if key in camel}
    for key in ("queuedTimeoutInMinutes", "concurrentBuildLimit", "autoRetryLimit"):
        if key in settings:
            settings[key] = int(settings[key])
    return settings


def _lower(value):
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _lower(item) for key, item in value.items()}
    return [_lower(item) for item in value] if isinstance(value, list) else value


def _set_triggers(name, props):
    """Make, change or remove the webhook as the property Triggers says."""
    triggers = props.get("Triggers") or {}
    wanted = str(triggers.get("Webhook", False)).lower() == "true"
    groups = [[{**_lower(one), **({"excludeMatchedPattern": str(one["ExcludeMatchedPattern"]).lower() == "true"}
                                  if "ExcludeMatchedPattern" in one else {})} for one in group]
              for group in triggers.get("FilterGroups") or ()]
    data = {"projectName": name, "filterGroups": groups, "buildType": triggers.get("BuildType", "BUILD")}
    exists = "webhook" in codebuild._projects[name]
    if wanted:
        resource_handler.require_success("CodeBuild", update_webhook(data) if exists else create_webhook(data))
    elif exists:
        delete_webhook(data)


def make_template_create(create):
    def create_with_settings(logical_id, props, stack_name):
        name, attributes = create(logical_id, props, stack_name)
        codebuild._projects[name].update(_settings_of_template(props))
        try:
            _set_triggers(name, props)
        except ValueError:
            del codebuild._projects[name]
            raise
        return name, attributes
    return create_with_settings


def make_template_update(update):
    def update_with_settings(physical_id, old_props, new_props, stack_name):
        name, attributes = update(physical_id, old_props, new_props, stack_name)
        if name == physical_id:  # a replacement went through create
            project = codebuild._projects[name]
            for key in _SETTINGS:
                project.pop(key, None)
            project.update(_settings_of_template(new_props))
            _set_triggers(name, new_props)
        return name, attributes
    return update_with_settings


def delete_for_cloudformation(physical_id, _props):
    resource_handler.require_success("CodeBuild", codebuild._delete_project({"name": physical_id}))


def apply():
    wrappers = (make_dispatch, make_create, make_update, make_shape, lambda _: delete_project, make_template_create,
                make_template_update, lambda _: delete_for_cloudformation)
    for dotted, make in zip(REPLACES, wrappers, strict=True):
        seam.replace(dotted, make)
