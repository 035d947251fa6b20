"""Users: their further credentials, and what keeps them from being deleted."""

import hashlib
from xml.sax.saxutils import escape

import resource_handler
import seam
from ministack.services import iam

NAME = "iam-users"
SUMMARY = ("Users have SSH keys, signing certificates and service-specific credentials; DeleteUser refuses a user with "
           "any credential, policy or group, and CloudFormation removes only some of them by itself.")
DOCUMENTATION = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html"
REPLACES = ("ministack.services.iam._delete_user",
            "ministack.services.cloudformation.provisioners._iam_user_delete")


class Kind:
    """One kind of credential: how its calls are named, and the members of its description."""

    def __init__(self, name, listing, identifier, prefix, listed):
        self.name = name              # SSHPublicKey
        self.listing = listing        # the list's element: SSHPublicKeys
        self.identifier = identifier  # SSHPublicKeyId
        self.prefix = prefix
        self.listed = listed          # members that a listing shows

    def of(self, user):
        return user.setdefault(self.listing, {})

    def xml(self, credential, members=None):
        return "".join(f"<{key}>{escape(str(credential[key]))}</{key}>" for key in members or credential)


_SSH = Kind("SSHPublicKey", "SSHPublicKeys", "SSHPublicKeyId", "APKA",
            ("UserName", "SSHPublicKeyId", "Status", "UploadDate"))
_CERTIFICATE = Kind("SigningCertificate", "Certificates", "CertificateId", "ASCA",
                    ("UserName", "CertificateId", "CertificateBody", "Status", "UploadDate"))
_SERVICE = Kind("ServiceSpecificCredential", "ServiceSpecificCredentials", "ServiceSpecificCredentialId", "ACCA",
                ("UserName", "Status", "ServiceUserName", "CreateDate", "ServiceSpecificCredentialId", "ServiceName"))
_KINDS = (_SSH, _CERTIFICATE, _SERVICE)


def _no_user(name):
    return iam._error(404, "NoSuchEntity", f"The user with name {name} cannot be found.", ns="iam")


def _add(kind, user_name, **members):
    credential = {"UserName": user_name, kind.identifier: iam._gen_id(kind.prefix), "Status": "Active", **members}
    kind.of(iam._users[user_name])[credential[kind.identifier]] = credential
    return credential


def _upload_ssh_public_key(params):
    body = iam._p(params, "SSHPublicKeyBody")
    return _SSH, {"SSHPublicKeyBody": body, "Fingerprint": hashlib.md5(body.encode()).hexdigest(),
                  "UploadDate": iam._now()}


def _upload_signing_certificate(params):
    return _CERTIFICATE, {"CertificateBody": iam._p(params, "CertificateBody"), "UploadDate": iam._now()}


def _create_service_specific_credential(params):
    return _SERVICE, {"ServiceName": iam._p(params, "ServiceName"), "CreateDate": iam._now(),
                      "ServiceUserName": f"{iam._p(params, 'UserName')}-at-{iam.get_account_id()}",
                      "ServicePassword": iam._gen_secret()}


def _creating(operation, describe):
    def create(params):
        user_name = iam._p(params, "UserName")
        if user_name not in iam._users:
            return _no_user(user_name)
        kind, members = describe(params)
        credential = _add(kind, user_name, **members)
        element = "Certificate" if kind is _CERTIFICATE else kind.name
        return iam._xml(200, f"{operation}Response", f"<{operation}Result><{element}>{kind.xml(credential)}</{element}>"
                                                     f"</{operation}Result>", ns="iam")
    return create


def _listing(kind):
    operation = f"List{kind.name}s"

    def list_credentials(params):
        user_name = iam._p(params, "UserName")
        if user_name not in iam._users:
            return _no_user(user_name)
        members = "".join(f"<member>{kind.xml(credential, kind.listed)}</member>"
                          for credential in kind.of(iam._users[user_name]).values())
        return iam._xml(200, f"{operation}Response",
                        f"<{operation}Result><{kind.listing}>{members}</{kind.listing}><IsTruncated>false</IsTruncated>"
                        f"</{operation}Result>", ns="iam")
    return list_credentials


def _deleting(kind):
    def delete(params):
        user_name, identifier = iam._p(params, "UserName"), iam._p(params, kind.identifier)
        user = iam._users.get(user_name)
        if user is None:
            return _no_user(user_name)
        if kind.of(user).pop(identifier, None) is None:
            return iam._error(404, "NoSuchEntity", f"{kind.name} {identifier} cannot be found.", ns="iam")
        return iam._xml(200, f"Delete{kind.name}Response", "", ns="iam")
    return delete


def _conflict(name, user):
    """What must go before the user does, in IAM's words; None when nothing is in the way."""
    if name in iam._login_profiles:
        return "delete login profile first"
    if any(device.get("User") == name for device in iam._mfa_devices.values()):
        return "delete MFA device first"
    for kind, what in ((_SSH, "SSH public keys"), (_CERTIFICATE, "signing certificates"),
                       (_SERVICE, "service specific credentials")):
        if kind.of(user):
            return f"delete {what} first"
    if iam._user_inline_policies.get(name):
        return "delete policies first"
    if any(name in group["Users"] for group in iam._groups.values()):
        return "remove users from group first"
    return None


def make_delete_user(delete_user):
    def delete(params):
        name = iam._p(params, "UserName")
        user = iam._users.get(name)
        conflict = _conflict(name, user) if user else None
        if conflict:
            return iam._error(409, "DeleteConflict", f"Cannot delete entity, must {conflict}.", ns="iam")
        return delete_user(params)
    return delete


def delete_for_cloudformation(physical_id, _props):
    """CloudFormation removes groups, policies, access keys and the login profile; MFA devices and the further
    credentials stay in the way."""
    user = iam._users.get(physical_id)
    if user is None:
        return
    for group in iam._groups.values():
        if physical_id in group["Users"]:
            group["Users"].remove(physical_id)
    for arn in list(user.get("AttachedPolicies", [])):
        iam.detach_managed_policy(user, arn)
    iam._user_inline_policies.pop(physical_id, None)
    iam._login_profiles.pop(physical_id, None)
    for key in [key for key, record in iam._access_keys.items() if record["UserName"] == physical_id]:
        del iam._access_keys[key]
    resource_handler.require_success("Iam", iam._delete_user({"UserName": physical_id}), "InvalidRequest")


def apply():
    seam.replace(REPLACES[0], make_delete_user)
    seam.replace(REPLACES[1], lambda _: delete_for_cloudformation)
    for operation, describe in (("UploadSSHPublicKey", _upload_ssh_public_key),
                                ("UploadSigningCertificate", _upload_signing_certificate),
                                ("CreateServiceSpecificCredential", _create_service_specific_credential)):
        iam._IAM_HANDLERS[operation] = _creating(operation, describe)
    for kind in _KINDS:
        iam._IAM_HANDLERS[f"List{kind.name}s"] = _listing(kind)
        iam._IAM_HANDLERS[f"Delete{kind.name}"] = _deleting(kind)
