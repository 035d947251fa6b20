"""Whose a bucket is, what may be deleted from it, and when it may go itself."""

import resource_handler
import seam
from ministack.core.responses import get_account_id
from ministack.services import s3

NAME = "s3-buckets"
SUMMARY = ("A bucket with versions or delete markers is not deleted, by CloudFormation neither; a call that expects "
           "another owner is refused; MFA Delete is kept and refuses to delete versions; DeleteObjects takes 1 to 1000.")
DOCUMENTATION = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html"
REPLACES = (
    "ministack.services.s3._dispatch", "ministack.services.s3._get_bucket_versioning",
    "ministack.services.s3._put_bucket_versioning", "ministack.services.s3._delete_objects",
    "ministack.services.s3._delete_object", "ministack.services.cloudformation.provisioners._s3_delete",
)

_MOST = 1000
_NS = "{%s}" % s3.S3_NS


def _denied(bucket):
    return s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}")


def make_dispatch(dispatch):
    def for_its_owner(method, bucket, key, headers, body, query_params):
        expected = headers.get("x-amz-expected-bucket-owner")
        owner = s3._bucket_owner_account(bucket) if bucket else None
        if expected and owner and expected != owner:
            return _denied(bucket)
        return dispatch(method, bucket, key, headers, body, query_params)
    return for_its_owner


def _has_mfa_delete(bucket):
    return s3._buckets.get(bucket, {}).get("mfa_delete") == "Enabled"


def make_put_versioning(put_versioning):
    def put(name, body):
        answer = put_versioning(name, body)
        if answer[0] == 200:
            found = s3._find_xml_tag(s3.fromstring(body), "MfaDelete")
            if found is not None:
                s3._buckets[name]["mfa_delete"] = found.text
        return answer
    return put


def make_get_versioning(get_versioning):
    def get(name):
        status, headers, body = get_versioning(name)
        state = s3._buckets.get(name, {}).get("mfa_delete")
        if status == 200 and state:
            element = b"<MfaDelete>%s</MfaDelete></VersioningConfiguration>" % state.encode()
            body = (body.replace(b"</VersioningConfiguration>", element) if b"</VersioningConfiguration>" in body
                    else body.replace(b" />", b">" + element))
        return status, headers, body
    return get


def _objects(body):
    try:
        root = s3.fromstring(body)
    except Exception:  # whatever the parser says of it, the real function answers MalformedXML
        return []
    return root.findall(f"{_NS}Object") or root.findall("Object")


def make_delete_objects(delete_objects):
    def delete(bucket, body, headers=None):
        objects = _objects(body)
        if len(objects) > _MOST:
            return s3._error("MalformedXML", s3._MALFORMED_XML, 400)
        if _has_mfa_delete(bucket) and any(s3._find_xml_tag(each, "VersionId") is not None for each in objects):
            return _denied(bucket)
        return delete_objects(bucket, body, headers)
    return delete


def make_delete_object(delete_object):
    def delete(bucket, key, headers=None, query_params=None):
        if _has_mfa_delete(bucket) and s3._qp(query_params or {}, "versionId"):
            return _denied(bucket)
        return delete_object(bucket, key, headers, query_params)
    return delete


def delete_for_cloudformation(physical_id, _props):
    if s3._bucket_owner_account(physical_id) == get_account_id():
        resource_handler.require_success("S3", s3._delete_bucket(physical_id))


def apply():
    wrappers = (make_dispatch, make_get_versioning, make_put_versioning, make_delete_objects, make_delete_object,
                lambda _: delete_for_cloudformation)
    for dotted, make in zip(REPLACES, wrappers, strict=True):
        seam.replace(dotted, make)
