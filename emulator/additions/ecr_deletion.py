"""Deleting images."""

import ecr_store
import seam
from ministack.core.responses import json_response

NAME = "ecr-deletion"
SUMMARY = ("BatchDeleteImage takes 1 to 100 identifiers, refuses (in failures[], with status 200) a manifest that an "
           "index still refers to, removes only the tag when a tag is named and the image with its last tag.")
DOCUMENTATION = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html"
REPLACES = ("ministack.services.ecr._batch_delete_image",)


def batch_delete_image(data):
    """Every identifier is judged by what the repository held when the call began: an index and its child in one call
    therefore fail for the child. AWS does not document which of the two it would see."""
    name, ids = data.get("repositoryName", ""), data.get("imageIds") or []
    refusal = ecr_store.no_repository(name) or ecr_store.wrong_length("imageIds", ids, 1, 100)
    if refusal:
        return refusal
    images = ecr_store.store(name)
    named = {image_id.get("imageTag") for image_id in ids}
    deleted, failures, accepted = [], [], []
    for image_id in ids:
        record, failed = ecr_store.find(images, image_id)
        if failed is None and _is_last(record, image_id, named):
            parents = images.parents(record["imageDigest"])
            if parents:
                failed = ecr_store.failure(image_id, "ImageReferencedByManifestList",
                                           f"Requested image referenced by manifest list: [{', '.join(parents)}]")
        if failed is None:
            accepted.append((record, image_id.get("imageTag")))
        else:
            failures.append(failed)
    for record, tag in accepted:
        deleted += _delete(images, record, tag)
    return json_response({"imageIds": deleted, "failures": failures})


def _is_last(record, image_id, named):
    """Whether the image itself would go: it is named by digest, or the call names every tag that it has."""
    if not image_id.get("imageTag"):
        return True
    return all(tag in named for tag in record["imageTags"])


def _delete(images, record, tag):
    digest = record["imageDigest"]
    if images.by_digest(digest) is not record:
        return []  # an identifier before this one in the call removed it
    if tag:
        if tag not in record["imageTags"]:
            return []
        images.drop_tag(record, tag)
        if not record["imageTags"]:
            images.delete(digest)
        return [{"imageDigest": digest, "imageTag": tag}]
    tags = list(record["imageTags"])
    images.delete(digest)
    return [{"imageDigest": digest, "imageTag": tag} for tag in tags] or [{"imageDigest": digest}]


def apply():
    seam.replace(REPLACES[0], lambda _: batch_delete_image)
