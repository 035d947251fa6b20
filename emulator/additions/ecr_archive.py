"""The archive storage class."""

import json
import time

import ecr_store
import seam
from ministack.core.responses import get_account_id, json_response

NAME = "ecr-archive"
SUMMARY = ("UpdateImageStorageClass archives an image, which then cannot be pulled and is not listed by default, but "
           "still fills the repository; pushing it again or STANDARD restores it.")
DOCUMENTATION = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UpdateImageStorageClass.html"
REPLACES = ("ministack.services.ecr.handle_request", "ministack.services.ecr._batch_get_image")


def update_image_storage_class(data):
    """The change is complete at once: the emulator knows no ACTIVATING in between, which takes minutes on AWS."""
    name, image_id, target = data.get("repositoryName", ""), data.get("imageId") or {}, data.get("targetStorageClass")
    refusal = ecr_store.no_repository(name)
    if refusal:
        return refusal
    if target not in ("STANDARD", "ARCHIVE"):
        return ecr_store.invalid("Invalid parameter at 'targetStorageClass' failed to satisfy constraint: "
                                 "'Member must satisfy enum value set: [STANDARD, ARCHIVE]'")
    record, failed = ecr_store.find(ecr_store.store(name), image_id)
    if failed:
        return ecr_store.error("ImageNotFoundException", f"{failed['failureReason']}: {image_id}")
    set_status(record, "ARCHIVED" if target == "ARCHIVE" else "ACTIVE")
    return json_response({"registryId": get_account_id(), "repositoryName": name,
                          "imageId": {"imageDigest": record["imageDigest"]}, "imageStatus": record["imageStatus"]})


def set_status(record, status):
    if record.get("imageStatus", "ACTIVE") == status:
        return
    record["imageStatus"] = status
    record["lastArchivedAt" if status == "ARCHIVED" else "lastActivatedAt"] = int(time.time())


def batch_get_image(data):
    """Pulls of archived images fail with 404 on AWS; which failureCode BatchGetImage gives is not documented."""
    name, ids = data.get("repositoryName", ""), data.get("imageIds") or []
    refusal = ecr_store.no_repository(name) or ecr_store.wrong_length("imageIds", ids, 1, 100)
    if refusal:
        return refusal
    images, accepted = ecr_store.store(name), data.get("acceptedMediaTypes")
    found, failures = [], []
    for image_id in ids:
        record, failed = ecr_store.find(images, image_id)
        if failed is None and record.get("imageStatus") == "ARCHIVED":
            failed = ecr_store.failure(image_id, "ImageNotFound", "Requested image is archived")
        if failed is None and accepted and record["imageManifestMediaType"] not in accepted:
            failed = ecr_store.failure(image_id, "ImageNotFound", "Requested image not found")
        if failed:
            failures.append(failed)
            continue
        found.append({
            "registryId": get_account_id(), "repositoryName": name,
            "imageId": {"imageDigest": record["imageDigest"],
                        **({"imageTag": image_id["imageTag"]} if image_id.get("imageTag") else {})},
            "imageManifest": record["imageManifest"], "imageManifestMediaType": record["imageManifestMediaType"],
        })
    return json_response({"images": found, "failures": failures})


def apply():
    def with_storage_class(handle_request):
        async def handle(method, path, headers, body, query_params):
            if headers.get("x-amz-target", "").endswith(".UpdateImageStorageClass"):
                return update_image_storage_class(json.loads(body or b"{}"))
            return await handle_request(method, path, headers, body, query_params)
        return handle
    seam.replace(REPLACES[0], with_storage_class)
    seam.replace(REPLACES[1], lambda _: batch_get_image)
