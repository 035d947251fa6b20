"""Roles and managed policies that something from outside of the stack holds."""

import resource_handler
import seam
from ministack.services import iam

NAME = "iam-roles"
SUMMARY = ("CloudFormation empties a role of its policies but does not take it out of an instance profile, and refuses "
           "to make a role that exists; a managed policy that is attached elsewhere, or a boundary, is not deleted.")
DOCUMENTATION = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html"
_CLOUDFORMATION = "ministack.services.cloudformation.provisioners"
REPLACES = (f"{_CLOUDFORMATION}._iam_role_delete", f"{_CLOUDFORMATION}._iam_policy_remove",
            "ministack.services.iam._delete_policy", f"{_CLOUDFORMATION}._iam_role_create")


def delete_role(physical_id, _props):
    """CloudFormation detaches managed policies and deletes inline ones by itself, those from outside too; it leaves
    instance profiles alone."""
    role = iam._roles.get(physical_id)
    if role is None:
        return
    if any(physical_id in profile.get("Roles", []) for profile in iam._instance_profiles.values()):
        raise resource_handler.refusal(
            "Iam", 409, "Cannot delete entity, must remove roles from instance profile first.", "InvalidRequest")
    for arn in list(role["AttachedPolicies"]):
        iam.detach_managed_policy(role, arn)
    role["InlinePolicies"].clear()
    resource_handler.require_success("Iam", iam._delete_role({"RoleName": physical_id}), "InvalidRequest")


def make_remove_policy(remove):
    """CloudFormation detaches a managed policy from what the template names, and deletes its other versions."""
    def remove_policy(arn, props):
        record = iam._policies.get(arn)
        if record is None:
            return
        named = {name for kind in ("Roles", "Users", "Groups") for name in props.get(kind) or ()}
        attached = any(arn in entity.get("AttachedPolicies", ()) and name not in named
                       for entities in (iam._roles, iam._users, iam._groups) for name, entity in entities.items())
        if attached or iam._boundary_usage_counts().get(arn):
            raise resource_handler.refusal("Iam", 409, "Cannot delete a policy attached to entities.", "InvalidRequest")
        remove(arn, props)
    return remove_policy


def make_delete_policy(delete_policy):
    def delete(params):
        record = iam._policies.get(iam._p(params, "PolicyArn"))
        if record and len(record.get("Versions", {})) > 1 and not record.get("AttachmentCount"):
            return iam._error(409, "DeleteConflict",
                              "This policy has more than one version. Before you delete a policy, you must delete the "
                              "policy's versions. The default version is deleted with the policy.", ns="iam")
        return delete_policy(params)
    return delete


def make_template_create(create):
    def create_unless_exists(logical_id, props, stack_name):
        if props.get("RoleName") in iam._roles:
            raise resource_handler.already_exists("AWS::IAM::Role", "RoleName", props["RoleName"])
        return create(logical_id, props, stack_name)
    return create_unless_exists


def apply():
    seam.replace(REPLACES[0], lambda _: delete_role)
    seam.replace(REPLACES[1], make_remove_policy)
    seam.replace(REPLACES[2], make_delete_policy)
    seam.replace(REPLACES[3], make_template_create)
