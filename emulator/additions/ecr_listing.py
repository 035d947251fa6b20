"""Listing and describing images."""

import base64
import binascii
import json

import ecr_store
import seam
from ministack.core.responses import get_account_id, json_response

NAME = "ecr-listing"
SUMMARY = ("ListImages gives a row for each tag, DescribeImages one for each image; both page (100, at most 1000) and "
           "leave out archived images unless filter.imageStatus asks for them.")
DOCUMENTATION = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html"
REPLACES = ("ministack.services.ecr._list_images", "ministack.services.ecr._describe_images")

_TAG_STATUSES = ("ANY", "TAGGED", "UNTAGGED")
_IMAGE_STATUSES = ("ANY", "ACTIVE", "ARCHIVED", "ACTIVATING")


def list_images(data):
    def rows(record):
        digest = record["imageDigest"]
        return [{"imageDigest": digest, "imageTag": tag} for tag in record["imageTags"]] or [{"imageDigest": digest}]
    return _paged(data, "imageIds", rows)


def describe_images(data):
    ids = data.get("imageIds")
    if ids is None:
        return _paged(data, "imageDetails", lambda record: [_detail(record)])
    name = data.get("repositoryName", "")
    refusal = ecr_store.no_repository(name) or ecr_store.wrong_length("imageIds", ids, 1, 100)
    if refusal:
        return refusal
    if "nextToken" in data or "maxResults" in data:
        return ecr_store.invalid("nextToken and maxResults cannot be used together with imageIds")
    images = ecr_store.store(name)
    details = []
    for image_id in ids:
        record, failed = ecr_store.find(images, image_id)
        if failed:
            return ecr_store.error("ImageNotFoundException", (
                f"The image with imageId {{imageDigest:'{image_id.get('imageDigest', 'null')}', "
                f"imageTag:'{image_id.get('imageTag', 'null')}'}} does not exist within the repository with name "
                f"'{name}' in the registry with id '{get_account_id()}'"))
        details.append(_detail(record))
    return json_response({"imageDetails": details})


def _detail(record):
    keys = ("registryId", "repositoryName", "imageDigest", "imageSizeInBytes", "imagePushedAt",
            "imageManifestMediaType", "artifactMediaType", "subjectManifestDigest", "lastArchivedAt", "lastActivatedAt")
    detail = {key: record[key] for key in keys if key in record}
    if record["imageTags"]:
        detail["imageTags"] = list(record["imageTags"])
    detail.setdefault("imageSizeInBytes", len(record.get("imageManifest", "")))
    detail["imageStatus"] = record.get("imageStatus", "ACTIVE")
    return detail


def _paged(data, member, rows_of):
    """Answer one page; the token holds the place of the next row, so that deleting in between skips nothing."""
    name, limit, wanted = data.get("repositoryName", ""), data.get("maxResults", 100), data.get("filter") or {}
    refusal = ecr_store.no_repository(name) or _wrong_page(limit, wanted)
    if refusal:
        return refusal
    try:
        number, offset = _read_token(data.get("nextToken"))
    except ValueError:
        return ecr_store.invalid("Invalid parameter at 'nextToken': the token is not one that this operation gave")
    page = []
    for current, record in ecr_store.store(name).from_number(number):
        if not _matches(record, wanted):
            continue
        rows = rows_of(record)
        first = offset if current == number else 0
        for index in range(first, len(rows)):
            if len(page) == limit:
                return json_response({member: page, "nextToken": _token(current, index)})
            page.append(rows[index])
    return json_response({member: page})


def _wrong_page(limit, wanted):
    if not isinstance(limit, int) or not 1 <= limit <= 1000:
        return ecr_store.invalid("Invalid parameter at 'maxResults' failed to satisfy constraint: "
                                 "'Member must be between 1 and 1000'")
    for key, allowed in (("tagStatus", _TAG_STATUSES), ("imageStatus", _IMAGE_STATUSES)):
        if wanted.get(key, "ANY") not in allowed:
            return ecr_store.invalid(f"Invalid parameter at 'filter.{key}' failed to satisfy constraint: "
                                     f"'Member must satisfy enum value set: [{', '.join(allowed)}]'")
    return None


def _matches(record, wanted):
    tag_status, image_status = wanted.get("tagStatus", "ANY"), wanted.get("imageStatus", "ACTIVE")
    if tag_status != "ANY" and (tag_status == "TAGGED") != bool(record["imageTags"]):
        return False
    return image_status in ("ANY", record.get("imageStatus", "ACTIVE"))


def _token(number, offset):
    return base64.b64encode(json.dumps([number, offset]).encode()).decode()


def _read_token(token):
    if not token:
        return 0, 0
    try:
        number, offset = json.loads(base64.b64decode(token, validate=True))
    except (binascii.Error, TypeError, UnicodeDecodeError) as error:
        raise ValueError(token) from error
    return int(number), int(offset)


def apply():
    seam.replace(REPLACES[0], lambda _: list_images)
    seam.replace(REPLACES[1], lambda _: describe_images)
