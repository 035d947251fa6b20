"""Lists of IAM come in pages."""

from xml.etree import ElementTree

import seam
from ministack.services import iam

NAME = "iam-paging"
SUMMARY = ("IAM's lists of what a user, a group, a role or a policy holds come in pages of 100 (MaxItems: up to 1,000) "
           "with IsTruncated and a Marker for the next one; the kinds of ListEntitiesForPolicy share a page.")
DOCUMENTATION = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html"
_NAMES = ("get_group", "list_groups_for_user", "list_attached_user_policies", "list_user_policies", "list_access_keys",
          "list_mfa_devices", "list_attached_group_policies", "list_group_policies", "list_attached_role_policies",
          "list_role_policies", "list_instance_profiles_for_role", "list_policy_versions", "list_entities_for_policy")
REPLACES = tuple(f"ministack.services.iam._{name}" for name in _NAMES)
# Lists that MiniStack has not, and iam-users adds.
_ADDED = ("ListSSHPublicKeys", "ListSigningCertificates", "ListServiceSpecificCredentials")
_DEFAULT, _MOST = 100, 1000


def _number(params, field, default, most):
    text = iam._p(params, field)
    if not text:
        return default
    return int(text) if text.isdigit() and (most is None or 1 <= int(text) <= most) else None


def make_paged(list_all):
    def paged(params):
        status, headers, body = list_all(params)
        if status >= 300:
            return status, headers, body
        size, start = _number(params, "MaxItems", _DEFAULT, _MOST), _number(params, "Marker", 0, None)
        if size is None or start is None:
            return iam._error(400, "ValidationError", "Invalid MaxItems or Marker.", ns="iam")
        return status, headers, _page(body, start, start + size)
    return paged


def _page(body, start, end):
    """The answer with the members from `start` to before `end`, counted over all of its lists."""
    root = ElementTree.fromstring(body)
    namespace = root.tag[1:].split("}")[0]
    tag = "{" + namespace + "}"
    result = root[0]
    seen = 0
    for each in result:
        members = each.findall(f"{tag}member")
        for member in members:
            if not start <= seen < end:
                each.remove(member)
            seen += 1
    truncated = result.find(f"{tag}IsTruncated")
    if truncated is None:
        truncated = ElementTree.SubElement(result, f"{tag}IsTruncated")
    truncated.text = "true" if seen > end else "false"
    if seen > end:
        ElementTree.SubElement(result, f"{tag}Marker").text = str(end)
    ElementTree.register_namespace("", namespace)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def apply():
    for dotted in REPLACES:
        seam.replace(dotted, make_paged)
    for operation in _ADDED:
        if operation in iam._IAM_HANDLERS:
            iam._IAM_HANDLERS[operation] = make_paged(iam._IAM_HANDLERS[operation])
