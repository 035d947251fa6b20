"""Repositories: deleting them, and the size of their policy."""

import ecr_store
import resource_handler
import seam
from ministack.core.responses import get_account_id, json_response
from ministack.services import ecr

NAME = "ecr-repositories"
SUMMARY = ("A repository that holds images, archived ones too, is deleted only with force (EmptyOnDelete in "
           "CloudFormation, which refuses to make one that exists); a repository policy has at most 10,240 characters.")
DOCUMENTATION = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html"
REPLACES = ("ministack.services.ecr._delete_repository", "ministack.services.ecr._set_repository_policy",
            "ministack.services.ecr._describe_repositories",
            "ministack.services.cloudformation.provisioners._ecr_repo_delete",
            "ministack.services.cloudformation.provisioners._ecr_repo_create")

LONGEST_POLICY = 10_240


def delete_repository(data):
    name = data.get("repositoryName", "")
    refusal = ecr_store.no_repository(name)
    if refusal:
        return refusal
    if len(ecr_store.store(name)) and not data.get("force", False):
        return ecr_store.error("RepositoryNotEmptyException", (
            f"The repository with name '{name}' in registry with id '{get_account_id()}' cannot be deleted because it "
            f"still contains images"))
    repository = ecr._repositories.pop(name)
    for kept in (ecr._images, ecr._lifecycle_policies, ecr._repo_policies, ecr._layer_blobs, ecr._manifest_blobs,
                 ecr._uploads):
        kept.pop(name, None)
    return json_response({"repository": ecr._repo_shape(repository)})


def make_set_repository_policy(set_repository_policy):
    def with_limits(data):
        refusal = ecr_store.no_repository(data.get("repositoryName", ""))
        if refusal:
            return refusal
        text = data.get("policyText", "")
        if len(text) > LONGEST_POLICY:
            return ecr_store.invalid("Invalid parameter at 'PolicyText' failed to satisfy constraint: "
                                     f"'Member must have length less than or equal to {LONGEST_POLICY}'")
        policy = ecr_store.parse_manifest(text)
        statements = policy.get("Statement")
        for statement in statements if isinstance(statements, list) else [statements]:
            if not isinstance(statement, dict) or "Resource" in statement or "NotResource" in statement:
                return ecr_store.invalid("Invalid parameter at 'PolicyText' failed to satisfy constraint: "
                                         "'Invalid repository policy provided'")
        return set_repository_policy(data)
    return with_limits


def describe_repositories(data):
    names, limit, token = data.get("repositoryNames"), data.get("maxResults", 100), data.get("nextToken")
    if names is not None:
        for name in names:
            refusal = ecr_store.no_repository(name)
            if refusal:
                return refusal
        return json_response({"repositories": [ecr._repo_shape(ecr._repositories[name]) for name in names]})
    if not isinstance(limit, int) or not 1 <= limit <= 1000:
        return ecr_store.invalid("Invalid parameter at 'maxResults' failed to satisfy constraint: "
                                 "'Member must be between 1 and 1000'")
    every = sorted(ecr._repositories)
    page = [name for name in every if token is None or name >= token]
    answer = {"repositories": [ecr._repo_shape(ecr._repositories[name]) for name in page[:limit]]}
    if len(page) > limit:
        answer["nextToken"] = page[limit]
    return json_response(answer)


def delete_for_cloudformation(physical_id, props):
    """Raise with the message of CloudFormation's resource handler when ECR refuses."""
    if physical_id not in ecr._repositories:
        return
    resource_handler.require_success("Ecr", ecr._delete_repository({
        "repositoryName": physical_id, "force": str(props.get("EmptyOnDelete", False)).lower() == "true"}))


def make_template_create(create):
    def create_unless_exists(logical_id, props, stack_name):
        if props.get("RepositoryName") in ecr._repositories:
            raise resource_handler.already_exists("AWS::ECR::Repository", "RepositoryName", props["RepositoryName"])
        return create(logical_id, props, stack_name)
    return create_unless_exists


def apply():
    seam.replace(REPLACES[0], lambda _: delete_repository)
    seam.replace(REPLACES[1], make_set_repository_policy)
    seam.replace(REPLACES[2], lambda _: describe_repositories)
    seam.replace(REPLACES[3], lambda _: delete_for_cloudformation)
    seam.replace(REPLACES[4], make_template_create)
