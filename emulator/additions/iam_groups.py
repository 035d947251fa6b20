"""Groups, and their members."""

import json

import resource_handler
import seam
from ministack.services import iam
from ministack.services.cloudformation import provisioners

NAME = "iam-groups"
SUMMARY = ("CloudFormation makes groups and memberships; DeleteGroup refuses a group with members or policies, so a "
           "group that somebody joined from outside of the stack fails to delete.")
DOCUMENTATION = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html"
REPLACES = ("ministack.services.iam._delete_group",)


def make_delete_group(delete_group):
    def delete(params):
        name = iam._p(params, "GroupName")
        group = iam._groups.get(name)
        if group:
            for present, what in ((group["Users"], "remove users from group first"),
                                  (group["AttachedPolicies"], "detach all policies first"),
                                  (iam._group_inline_policies.get(name), "delete policies first")):
                if present:
                    return iam._error(409, "DeleteConflict", f"Cannot delete entity, must {what}.", ns="iam")
        return delete_group(params)
    return delete


def _call(function, **params):
    resource_handler.require_success("Iam", function(params))


def _inline(props):
    return {policy["PolicyName"]: policy["PolicyDocument"] if isinstance(policy["PolicyDocument"], str)
            else json.dumps(policy["PolicyDocument"]) for policy in props.get("Policies") or ()}


def _reconcile(name, old, new):
    """Bring the policies to the template; others that were put on the group meanwhile stay."""
    before, after = set(old.get("ManagedPolicyArns") or ()), set(new.get("ManagedPolicyArns") or ())
    for arn in sorted(before - after):
        _call(iam._detach_group_policy, GroupName=name, PolicyArn=arn)
    for arn in sorted(after - before):
        _call(iam._attach_group_policy, GroupName=name, PolicyArn=arn)
    for policy in sorted(_inline(old).keys() - _inline(new).keys()):
        _call(iam._delete_group_policy, GroupName=name, PolicyName=policy)
    for policy, document in _inline(new).items():
        _call(iam._put_group_policy, GroupName=name, PolicyName=policy, PolicyDocument=document)


def create(logical_id, props, stack_name):
    name = props.get("GroupName") or provisioners._physical_name(stack_name, logical_id, max_len=128)
    _call(iam._create_group, GroupName=name, Path=props.get("Path") or "/")
    try:
        _reconcile(name, {}, props)
    except ValueError:
        delete(name, props)
        raise
    return name, {"Arn": iam._groups[name]["Arn"]}


def update(physical_id, old_props, new_props, stack_name, logical_id=None):
    name = new_props.get("GroupName") or physical_id
    if name != physical_id or physical_id not in iam._groups:
        return create(logical_id or physical_id, new_props, stack_name)  # CloudFormation deletes the old group later
    _reconcile(physical_id, old_props, new_props)
    return physical_id, {"Arn": iam._groups[physical_id]["Arn"]}


def delete(physical_id, _props):
    """CloudFormation takes the policies off, those from outside too, but no member."""
    group = iam._groups.get(physical_id)
    if group is None:
        return
    if not group["Users"]:
        for arn in list(group["AttachedPolicies"]):
            _call(iam._detach_group_policy, GroupName=physical_id, PolicyArn=arn)
        iam._group_inline_policies.pop(physical_id, None)
    _call(iam._delete_group, GroupName=physical_id)


def _members(props):
    return props.get("GroupName", ""), list(props.get("Users") or ())


def join(logical_id, props, stack_name):
    group, users = _members(props)
    for user in users:
        _call(iam._add_user_to_group, GroupName=group, UserName=user)
    return provisioners._physical_name(stack_name, logical_id, max_len=128), {}


def rejoin(physical_id, old_props, new_props, stack_name, logical_id=None):
    if new_props.get("GroupName") != old_props.get("GroupName"):
        leave(physical_id, old_props)
    else:
        gone = [user for user in old_props.get("Users") or () if user not in (new_props.get("Users") or ())]
        leave(physical_id, {**old_props, "Users": gone})
    join(logical_id or physical_id, new_props, stack_name)
    return physical_id, {}


def leave(_physical_id, props):
    group, users = _members(props)
    for user in users:
        iam._remove_user_from_group({"GroupName": group, "UserName": user})  # gone already is no failure


def apply():
    seam.replace(REPLACES[0], make_delete_group)
    provisioners._RESOURCE_HANDLERS["AWS::IAM::Group"] = {
        "create": create, "update": update, "update_with_logical_id": True, "delete": delete}
    provisioners._RESOURCE_HANDLERS["AWS::IAM::UserToGroupAddition"] = {
        "create": join, "update": rejoin, "update_with_logical_id": True, "delete": leave}
