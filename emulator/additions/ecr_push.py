"""Pushing images through the ECR API."""

import base64
import binascii
import hashlib

import ecr_seed
import ecr_store
import seam
from additions.ecr_archive import set_status
from ministack.core.responses import get_account_id, json_response, new_uuid
from ministack.services import ecr

NAME = "ecr-push"
SUMMARY = ("Layers are really uploaded and checked against their digests; PutImage wants the layers and the manifests "
           "it refers to in the repository, keeps the media type, and adds a tag to an image that is already there.")
DOCUMENTATION = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html"
REPLACES = tuple(f"ministack.services.ecr.{name}" for name in (
    "_batch_check_layer_availability", "_initiate_layer_upload", "_upload_layer_part", "_complete_layer_upload",
    "_put_image"))

PART_SIZE = 10_485_760
SMALLEST_PART = 5_242_880  # of every part but the last
_MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


class Upload(bytearray):
    """The bytes that arrived, and the size of every part."""

    def __init__(self):
        super().__init__()
        self.parts = []


def batch_check_layer_availability(data):
    name, digests = data.get("repositoryName", ""), data.get("layerDigests") or []
    refusal = ecr_store.no_repository(name) or ecr_store.wrong_length("layerDigests", digests, 1, 100)
    if refusal:
        return refusal
    blobs = ecr._layer_blobs.get(name, {})
    layers, failures = [], []
    for digest in digests:
        if not digest.startswith("sha256:"):
            failures.append({"layerDigest": digest, "failureCode": "InvalidLayerDigest",
                             "failureReason": "Invalid request parameters: layer digest should start with sha256:"})
        elif digest in blobs:
            layers.append({"layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": len(blobs[digest])})
        else:
            layers.append({"layerDigest": digest, "layerAvailability": "UNAVAILABLE"})
    return json_response({"layers": layers, "failures": failures})


def initiate_layer_upload(data):
    name = data.get("repositoryName", "")
    refusal = ecr_store.no_repository(name)
    if refusal:
        return refusal
    upload_id = new_uuid()
    ecr._uploads.setdefault(name, {})[upload_id] = Upload()
    return json_response({"uploadId": upload_id, "partSize": PART_SIZE})


def _upload(name, data):
    """(upload, error): exactly one of the two is None."""
    refusal = ecr_store.no_repository(name)
    if refusal:
        return None, refusal
    upload = ecr._uploads.get(name, {}).get(data.get("uploadId", ""))
    if upload is None:
        return None, ecr_store.error("UploadNotFoundException", (
            f"The upload with id '{data.get('uploadId')}' does not exist in the repository with name '{name}' in the "
            f"registry with id '{get_account_id()}'"))
    return upload, None


def upload_layer_part(data):
    name = data.get("repositoryName", "")
    upload, refusal = _upload(name, data)
    if refusal:
        return refusal
    try:
        part = base64.b64decode(data.get("layerPartBlob", ""), validate=True)
    except (binascii.Error, TypeError):
        return ecr_store.invalid("Invalid parameter at 'layerPartBlob': not base64")
    first, last = data.get("partFirstByte"), data.get("partLastByte")
    if first != len(upload) or last != len(upload) + len(part) - 1:
        return ecr_store.error("InvalidLayerPartException", (
            f"The layer part is not valid: bytes {first} to {last} with {len(part)} bytes of content do not continue "
            f"the upload, which has {len(upload)} bytes"))
    upload += part
    upload.parts.append(len(part))
    return json_response({"registryId": get_account_id(), "repositoryName": name, "uploadId": data["uploadId"],
                          "lastByteReceived": len(upload) - 1})


def complete_layer_upload(data):
    name = data.get("repositoryName", "")
    upload, refusal = _upload(name, data)
    if refusal:
        return refusal
    if not upload:
        return ecr_store.error("EmptyUploadException", "The specified layer upload does not contain any layer parts")
    if any(size < SMALLEST_PART for size in upload.parts[:-1]):
        return ecr_store.error("LayerPartTooSmallException", "Layer parts must be at least 5 MiB in size")
    digest = "sha256:" + hashlib.sha256(upload).hexdigest()
    if digest not in (data.get("layerDigests") or []):
        return ecr_store.error("InvalidLayerException",
                               f"The layer digest calculation performed by Amazon ECR ({digest}) does not match the "
                               f"digest specified")
    del ecr._uploads[name][data["uploadId"]]
    blobs = ecr._layer_blobs.setdefault(name, {})
    if digest in blobs:
        return ecr_store.error("LayerAlreadyExistsException", (
            f"The layer with digest '{digest}' already exists in the repository with name '{name}' in the registry "
            f"with id '{get_account_id()}'"))
    blobs[digest] = bytes(upload)
    return json_response({"registryId": get_account_id(), "repositoryName": name, "uploadId": data["uploadId"],
                          "layerDigest": digest})


def _size(images, blobs, manifest):
    """(size in bytes, error): an index counts its largest manifest, an image its layers and configuration."""
    where = f"in the registry with id '{get_account_id()}'"
    if "manifests" in manifest:
        children = ecr_store.children_of(manifest)
        missing = [digest for digest in children if images.by_digest(digest) is None]
        if missing:
            return 0, ecr_store.error("ReferencedImagesNotFoundException",
                                      f"Images with digests '{missing}' required for pushing image into repository "
                                      f"{where} do not exist")
        return max((images.by_digest(digest).get("imageSizeInBytes", 0) for digest in children), default=0), None
    digests = {part["digest"] for part in [manifest.get("config"), *(manifest.get("layers") or [])]
               if isinstance(part, dict) and "digest" in part}
    missing = sorted(digest for digest in digests if digest not in blobs)
    if missing:
        return 0, ecr_store.error("LayersNotFoundException",
                                  f"Layers with digests '{missing}' required for pushing image into repository {where} "
                                  f"do not exist")
    return sum(len(blobs[digest]) for digest in digests), None


def put_image(data):
    name, text, tag = data.get("repositoryName", ""), data.get("imageManifest", ""), data.get("imageTag")
    refusal = ecr_store.no_repository(name)
    if refusal:
        return refusal
    manifest = ecr_store.parse_manifest(text)
    if not manifest:
        return ecr_store.invalid("Invalid parameter at 'ImageManifest' failed to satisfy constraint: "
                                 "'Invalid JSON syntax'")
    digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    if data.get("imageDigest") not in (None, digest):
        return ecr_store.error("ImageDigestDoesNotMatchException", (
            f"The specified digest '{data['imageDigest']}' does not match the digest '{digest}' calculated for the "
            f"image"))
    media_type = data.get("imageManifestMediaType") or manifest.get("mediaType") or _MANIFEST_TYPE
    images = ecr_store.store(name)
    refusal = _wrong_media_type(manifest, media_type) or _tag_taken(name, images, tag, digest)
    if refusal:
        return refusal
    record = images.by_digest(digest)
    if record is None:
        size, refusal = _size(images, ecr._layer_blobs.get(name, {}), manifest)
        if refusal:
            return refusal
        record = ecr_store.new_record(name, text, media_type, digest, size)
        images.add(record)
        ecr._manifest_blobs.setdefault(name, {})[digest] = text.encode()
    elif record.get("imageStatus") == "ARCHIVED":
        set_status(record, "ACTIVE")
    elif tag is None or tag in record["imageTags"]:
        return ecr_store.error("ImageAlreadyExistsException", (
            f"Image with digest '{digest}' and tag '{tag or 'null'}' already exists in the repository with name "
            f"'{name}' in registry with id '{get_account_id()}'"))
    if tag and tag not in record["imageTags"]:
        images.put_tag(record, tag)
    return json_response({"image": {
        "registryId": get_account_id(), "repositoryName": name,
        "imageId": {"imageDigest": digest, **({"imageTag": tag} if tag else {})},
        "imageManifest": text, "imageManifestMediaType": media_type,
    }})


def _wrong_media_type(manifest, media_type):
    own = manifest.get("mediaType", media_type)
    if own != media_type or (media_type in ecr_store.INDEX_MEDIA_TYPES) != ("manifests" in manifest):
        return ecr_store.invalid("Invalid parameter at 'ImageManifest' failed to satisfy constraint: "
                                 "'Manifest media type does not match the content of the manifest'")
    return None


def _tag_taken(name, images, tag, digest):
    if not tag or ecr._repositories[name].get("imageTagMutability") != "IMMUTABLE":
        return None
    holder = images.by_tag(tag)
    if holder is None or holder["imageDigest"] == digest:
        return None
    return ecr_store.error("ImageTagAlreadyExistsException", (
        f"The image tag '{tag}' already exists in the '{name}' repository and cannot be overwritten because the "
        f"repository is immutable."))


def apply():
    for dotted, function in zip(REPLACES, (batch_check_layer_availability, initiate_layer_upload, upload_layer_part,
                                           complete_layer_upload, put_image), strict=True):
        seam.replace(dotted, lambda _, function=function: function)
    ecr_seed.register()
